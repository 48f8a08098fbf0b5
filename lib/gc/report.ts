import type { DeleteFailure } from "../s3/delete_batch.ts";

/** What a collection decided about a point, and why. */
export interface PointReport {
  readonly id: string;
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
  readonly dryRun: boolean;
  /** Points that are gone, or stay marked because of {@linkcode GcReport.failed}. Oldest first. */
  readonly expired: readonly string[];
  /** Oldest first. */
  readonly kept: readonly { readonly id: string; readonly reasons: readonly string[] }[];
  /** Both kinds, in detail. */
  readonly points: readonly PointReport[];
  readonly versionsDeleted: number;
  readonly bytesFreed: number;
  /** Their points stay marked, and the next run tries again. */
  readonly failed: readonly DeleteFailure[];
  readonly durationMs: number;
}
