import type { RuleSuspicion } from "./lifecycle_suspects.ts";
import type { LifecycleFinding } from "./read_lifecycles.ts";
import type { DataReport } from "./read_sample.ts";

/**
 * What was found of a point:
 *
 * - `ok`: nothing is wrong, as far as was looked.
 * - `damaged`: files of its own cannot be read, or are not what was written.
 * - `incomplete`: its files are sound, but versions that it names are lost.
 * - `expired`: gc or delete has begun to remove it, so nothing more was looked at.
 */
export type VerifiedState = "ok" | "damaged" | "incomplete" | "expired";

/** What was found of one point. */
export interface VerifiedPoint {
  /** The snapshot's id, or the name of a file of 2015. */
  readonly id: string;
  /** `legacy` is a file of 2015: it holds no checksums, so it was only parsed and counted. */
  readonly kind: "snapshot" | "legacy";
  /** See {@linkcode VerifiedState}. */
  readonly state: VerifiedState;
  /** Entries that were read from its files and found sound. */
  readonly objects: number;
  /** Sum of these objects' sizes. */
  readonly bytes: number;
  /** What is wrong with its files: the first of them. */
  readonly problems: readonly string[];
  /** How many problems there are. */
  readonly problemCount: number;
  /** Versions that it names and that are not in the bucket; null where nobody looked. */
  readonly missing: number | null;
  /** Versions `null` that another object has overwritten; null where nobody looked. */
  readonly changed: number | null;
  /** Versions whose bytes were read and are wrong, or could not be read; null as above. */
  readonly unreadable: number | null;
  /** Versions that have to be thawed before they can be restored; null as above. */
  readonly archived: number | null;
  /** Why its versions were not looked for though a replica was given; null where they were. */
  readonly notLookedFor: string | null;
}

/** A version that points name, and that cannot be restored. */
export interface LostVersion {
  /** A whole one. */
  readonly key: string;
  /** As the points name it. */
  readonly versionId: string;
  /** Bytes. */
  readonly size: number;
  /** ISO 8601, UTC. */
  readonly lastModified: string;
  /** `NoSuchVersion`, `VersionChanged`, `WrongBytes`, or the server's own code. */
  readonly code: string;
  /** For humans. */
  readonly message: string;
  /** The points that need it, oldest first. */
  readonly points: readonly string[];
  /** Lifecycle rules of the bucket that may have taken it. */
  readonly rules: readonly RuleSuspicion[];
}

/** Files that belong to no point, and harm none. gc removes them. */
export interface Leftover {
  /** The snapshot they were of, or the name of a file of 2015. */
  readonly id: string;
  /**
   * `unfinished`: a snapshot that never got its manifest, or is being written just now. `removal`:
   * what an interrupted removal has left. `stray`: files beside those that the manifest names.
   */
  readonly kind: "unfinished" | "removal" | "stray";
  /** How many. */
  readonly files: number;
  /** Bytes of these. */
  readonly bytes: number;
}

/** What {@linkcode verify} found. */
export interface VerifyReport {
  /**
   * Whether every point can be restored in full, as far as was looked. False for a store without
   * any: it may be the wrong one. A point that gc is removing is no failure unless it was named.
   */
  readonly ok: boolean;
  /** Oldest first. */
  readonly points: readonly VerifiedPoint[];
  /** Versions that cannot be restored, by key: the first 1,000 that were found. */
  readonly lost: readonly LostVersion[];
  /** How many there are. */
  readonly lostCount: number;
  /** What is known of the lifecycle of each bucket in which a version is missing. */
  readonly lifecycles: readonly LifecycleFinding[];
  /** What reading a share of the objects came to; null where none was asked for. */
  readonly data: DataReport | null;
  /** Only where all points were verified. */
  readonly leftovers: readonly Leftover[];
  /** From the call to the report. */
  readonly durationMs: number;
}
