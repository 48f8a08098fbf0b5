import type { SnapshotRow } from "../list_snapshots.ts";

/** Versions of objects, and how many bytes they have. */
export interface Amount {
  /** How many. */
  readonly objects: number;
  /** Sum of their sizes. */
  readonly bytes: number;
}

/** What became different from one point to the next. */
export interface Growth {
  /** The point before: of the same bucket and prefix, and readable. */
  readonly since: string;
  /** Keys that the point before did not have. */
  readonly added: Amount;
  /** Keys that have another version; the bytes are those of the new ones. */
  readonly changed: Amount;
  /** Keys that are there no more; the bytes are those that they had. */
  readonly removed: Amount;
}

/** What the retention policy says about a point. */
export interface Outlook {
  /** Whether gc would keep it. */
  readonly keep: boolean;
  /** At least one, for humans. */
  readonly reasons: readonly string[];
  /**
   * What gc would free that this point names. Others that go may name it, too, so that this is
   * counted once for each of them.
   */
  readonly freed: Amount;
}

/** A point, with what it holds. What cannot be told is null. */
export interface PointStats extends SnapshotRow {
  /**
   * Versions that no other point names, whether they are current, noncurrent or gone by now: more
   * than what a dry run of gc says that deleting the point would free. Null as long as a point of the
   * store cannot be read.
   */
  readonly exclusive: Amount | null;
  /** Null for the first of its bucket, and for one that cannot be read. */
  readonly growth: Growth | null;
  /** Null for points of other buckets, without a policy, and where gc would refuse to run. */
  readonly outlook: Outlook | null;
}

/** What a store's points hold. */
export interface StatsReport {
  /** Oldest first. */
  readonly points: readonly PointStats[];
  /** All points together; a version that several name counts once. */
  readonly total: Amount & {
    /** Versions that only one point names. Null as long as a point cannot be read. */
    readonly exclusive: Amount | null;
    /**
     * What gc would free at most: whether a version is gone already, or is current again, only a
     * look at the bucket can tell. Null where no point has an outlook.
     */
    readonly freed: Amount | null;
  };
  /** From the call to the report. */
  readonly durationMs: number;
}
