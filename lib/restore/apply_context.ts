import type { Bucket } from "../s3/bucket.ts";
import type { CopyVersionOptions } from "../s3/copy_version.ts";
import type { DeleteGuard } from "../s3/delete_guard.ts";
import type { TargetGuard } from "../s3/target_guard.ts";
import type { ThawTier } from "../s3/thaw_version.ts";
import type { RestoreTally } from "./restore_report.ts";
import type { SourceLook } from "./source_look.ts";
import type { WorkerPool } from "./worker_pool.ts";

/** How copies are made, whatever they are copies of. */
export type CopyManner = Required<
  Pick<CopyVersionOptions, "encryption" | "keepsGrants" | "maxCopySize" | "stream">
>;

/** What a plan is applied to. */
export interface ApplyContext {
  /** Where the versions are. */
  readonly source: Bucket;
  readonly target: Bucket;
  /** The target's replica, or the target itself: markers are removed there, too. */
  readonly replica: Bucket;
  readonly toPrefix: string;
  /** How archived versions are asked for; undefined when they are only reported. */
  readonly thaw: { readonly tier: ThawTier; readonly days: number } | undefined;
  /** How copies are made. */
  readonly manner: CopyManner;
  /** What keeps keys that changed since the plan; undefined to replace whatever there is. */
  readonly guards: Guards | undefined;
  /** Tells where the source has moved on since the plan; undefined where that does not matter. */
  readonly look: SourceLook | undefined;
  /** Called before each deletion, which is not sent when it throws. */
  readonly assertHeld: () => Promise<void>;
  readonly pool: WorkerPool;
  readonly tally: RestoreTally;
  /** Abort: nothing more is begun. What was begun is not given up. */
  readonly signal: AbortSignal | undefined;
  /** Told after each thing done. */
  readonly onChange: () => void;
}

/** What keeps changes from meeting anything but what the plan saw in the target. */
export interface Guards {
  readonly copies: TargetGuard;
  readonly deletions: DeleteGuard;
}
