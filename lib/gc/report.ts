import type { DeleteFailure } from "../s3/delete_batch.ts";

/**
 * What became of a point: it stays; a dry run would remove it; it is gone; or it stays marked, since
 * not all versions could be deleted, and the next run tries again.
 */
export type PointState = "kept" | "due" | "removed" | "expired";

/** What a collection decided about a point, why, and what came of it. */
export interface PointReport {
  /** The snapshot's id, or the name of a file of 2015. */
  readonly id: string;
  /** Whether it stays. */
  readonly keep: boolean;
  /** What came of that. */
  readonly state: PointState;
  /** At least one, for humans. */
  readonly reasons: readonly string[];
  /**
   * Versions that no other point names, that are still there and not current: what deleting this
   * point alone would free. Of kept points only a dry run tells.
   */
  readonly versions?: number;
  /** Bytes of these. */
  readonly bytes?: number;
  /**
   * Versions of an expired point that the bucket refused to delete; 0 where its answer does not tell
   * which.
   */
  readonly refused?: number;
}

/** Whether a point stays, and why. */
export type Decision = Pick<PointReport, "id" | "keep" | "reasons">;

/** Versions, and how many bytes they have. */
export interface VersionTotals {
  /** Delete markers included. */
  readonly versions: number;
  /** Sum of their sizes. */
  readonly bytes: number;
}

/** What the bucket holds and pays for that no point names. */
export interface UnreferencedReport extends VersionTotals {
  /**
   * What has not been current since then, or longer, may go. ISO 8601, UTC; null when no point is
   * kept, since then nothing says what may.
   */
  readonly before: string | null;
  /** Those that may go: deleted if gc was told to, apart from those that failed. */
  readonly due: VersionTotals;
}

/** A bucket of which the store holds points. */
export interface OtherBucket {
  /** As these name it. */
  readonly url: string;
  /** How many. */
  readonly points: number;
}

/** What gc or delete did, or with `dryRun` would do. */
export interface GcReport {
  /** Whether it only says what would be done. */
  readonly dryRun: boolean;
  /**
   * Points that are gone, or stay marked because of {@linkcode GcReport.failed}: `points` tells which.
   * Oldest first.
   */
  readonly expired: readonly string[];
  /** Oldest first. */
  readonly kept: readonly { readonly id: string; readonly reasons: readonly string[] }[];
  /** Both kinds, in detail. */
  readonly points: readonly PointReport[];
  /** How many points of the bucket there were to judge; none may mean that it is not the right one. */
  readonly ownPoints: number;
  /**
   * Whose points were passed over, where that may be a mistake: those of any bucket where the given
   * one has none, and else those of a bucket of its name at another address.
   */
  readonly otherBuckets: readonly OtherBucket[];
  /**
   * Noncurrent versions that no point names, and delete markers below which nothing is left. Only
   * where they were looked for: by gc, in a dry run or with `unreferenced`.
   */
  readonly unreferenced?: UnreferencedReport;
  /** Versions that are gone for good. */
  readonly versionsDeleted: number;
  /** Sum of the sizes of these. */
  readonly bytesFreed: number;
  /**
   * The first of the versions that could not be deleted, at most 10,000: Object Lock may refuse every
   * version of a bucket. Their points stay marked, and the next run tries again.
   */
  readonly failed: readonly DeleteFailure[];
  /** How many there are in all. */
  readonly failedCount: number;
  /** From the call to the report. */
  readonly durationMs: number;
}
