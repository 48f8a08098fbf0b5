import type { DeleteFailure } from "../s3/delete_batch.ts";

/** What a collection decided about a point, and why. */
export interface PointReport {
  /** The snapshot's id, or the name of a file of 2015. */
  readonly id: string;
  /** Whether it stays. */
  readonly keep: boolean;
  /** At least one, for humans. */
  readonly reasons: readonly string[];
  /**
   * Versions that no other point names, that are still there and not current: what deleting this
   * point alone would free. Of kept points only a dry run tells.
   */
  readonly versions?: number;
  /** Bytes of these. */
  readonly bytes?: number;
}

/** What gc or delete did, or with `dryRun` would do. */
export interface GcReport {
  /** Whether it only says what would be done. */
  readonly dryRun: boolean;
  /** Points that are gone, or stay marked because of {@linkcode GcReport.failed}. Oldest first. */
  readonly expired: readonly string[];
  /** Oldest first. */
  readonly kept: readonly { readonly id: string; readonly reasons: readonly string[] }[];
  /** Both kinds, in detail. */
  readonly points: readonly PointReport[];
  /** Versions that are gone for good. */
  readonly versionsDeleted: number;
  /** Sum of the sizes of these. */
  readonly bytesFreed: number;
  /** Their points stay marked, and the next run tries again. */
  readonly failed: readonly DeleteFailure[];
  /** From the call to the report. */
  readonly durationMs: number;
}
