import type { OnProgress } from "../model/progress.ts";
import type { OnFailure } from "../restore/failures.ts";
import type { PlanRestoreOptions } from "../restore/plan_options.ts";
import type { SelectOptions } from "../restore/selection.ts";
import type { Bucket } from "../s3/bucket.ts";
import type { ThawTier } from "../s3/thaw_version.ts";

/** What to download, from where and to where. */
export interface DownloadOptions extends
  SelectOptions,
  Pick<
    PlanRestoreOptions,
    "snapshot" | "at" | "store" | "allowOtherReplica" | "allowExpired" | "delay"
  > {
  /** The bucket that holds the versions. */
  readonly replica: Bucket;
  /** Made where it is not there. Nothing outside it is written, whatever keys there are. */
  readonly directory: string;
  /** Only say what would be done. Default: false. */
  readonly dryRun?: boolean;
  /** How archived versions are asked for. Default: they are only reported. */
  readonly thaw?: ThawTier;
  /** How many days thawed copies stay readable. 1 or more. Default: 7. */
  readonly thawDays?: number;
  /** Most objects on their way at once. Default: the replica's concurrency. */
  readonly concurrency?: number;
  /**
   * Abort: nothing stays of files that are not whole, and the report comes with `interrupted`.
   * Before the snapshot was found and opened the reason is thrown.
   */
  readonly signal?: AbortSignal;
  /**
   * Told of each failure as it comes, one at a time, and waited for: the report holds the first only.
   * What it throws ends the run.
   */
  readonly onFailure?: OnFailure;
  /** Told of each object that was dealt with. */
  readonly onProgress?: OnProgress;
}
