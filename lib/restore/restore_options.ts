import { InputError } from "../model/errors.ts";
import type { SnapshotStore } from "../model/store.ts";
import type { OnProgress } from "../model/progress.ts";
import type { OnFailure } from "./failures.ts";
import type { RestoreBatch } from "./restore_batch.ts";
import type { PlanRestoreOptions } from "./plan_options.ts";
import { MAX_COPY_SIZE } from "../s3/copy_version.ts";
import { parseEncryption } from "../s3/encryption.ts";
import { THAW_TIERS, type ThawTier } from "../s3/thaw_version.ts";

/** Long enough to notice that the thaw is over, over a week-end too. */
export const DEFAULT_THAW_DAYS = 7;

/** Bytes: S3's limit of a part that is not the last. */
const MIN_COPY_SIZE = 5 * 1024 ** 2;

/** What to bring back, and how. */
export interface RestoreOptions extends PlanRestoreOptions {
  /** Only say what would be done. Default: false. */
  readonly dryRun?: boolean;
  /**
   * Whether a selection may select nothing, and a snapshot or moment that holds nothing of what is
   * selected may, with `delete`, empty the target of it. Default: false, since that is mostly a
   * mistake. What undoes a restore, and keys that are named, may in any case.
   */
  readonly allowEmpty?: boolean;
  /**
   * Whether to store a snapshot of the target before the first change, by which the restore can be
   * undone. Default: true. The target must then be versioned.
   */
  readonly safetySnapshot?: boolean;
  /**
   * Whether gc and snapshots are kept out of the store from the safety snapshot to the restore's
   * end; a restore without one never does. Default: true. Say no only for a store that cannot lock,
   * and then see to it that no gc runs.
   */
  readonly lock?: boolean;
  /** Who runs it, for those who find the store locked. Default: a random text. */
  readonly owner?: string;
  /**
   * How archived versions are asked for, so that a later restore can copy them. Default: they are
   * only reported. A version that was thawed already is copied either way.
   */
  readonly thaw?: ThawTier;
  /** How many days thawed copies stay readable. 1 or more. Default: 7. */
  readonly thawDays?: number;
  /**
   * How the server encrypts copies: `keep` as the version is encrypted, where a KMS key of another
   * region or server gives way to the bucket's default; `bucket` by that default; or `AES256`,
   * `aws:kms[:KEY]`, `aws:kms:dsse[:KEY]`. Default: `keep`.
   */
  readonly encryption?: string;
  /**
   * Whether copies get the access control lists of their versions. Default: false. Where the target
   * has none (AWS without further words), a version that has grants beyond its owner's fails with
   * the code `AccessControlListNotSupported`.
   */
  readonly acl?: boolean;
  /**
   * Whether keys that somebody changed after they were compared with the snapshot are overwritten
   * or deleted all the same. Default: false, they are left and reported as `TargetChanged`.
   */
  readonly overwriteChanged?: boolean;
  /**
   * Bytes that the server copies in one request; larger objects are copied in parts. Default: S3's
   * limit, 5 GiB. Some servers have a lower one.
   */
  readonly maxCopySize?: number;
  /** Most copies in flight at once. Default: the target's concurrency. */
  readonly concurrency?: number;
  /**
   * Abort: what was begun is brought to its end, and the report comes with `interrupted`. Before
   * the snapshot was found and opened, and seen not to empty the target, the reason is thrown.
   */
  readonly signal?: AbortSignal;
  /** Given each batch of the plan before anything of it is done, and waited for. */
  readonly onPlan?: (batch: RestoreBatch) => void | Promise<void>;
  /**
   * Told of each failure as it comes, one at a time, and waited for: the report holds the first only.
   * What it throws ends the run.
   */
  readonly onFailure?: OnFailure;
  /** Told of each batch of the plan and of each object that was dealt with. */
  readonly onProgress?: OnProgress;
  /** Names the safety snapshot. Default: `Math.random`. */
  readonly random?: () => number;
}

/** @throws {InputError} when it asks for copies that S3 does not make */
export function assertCopies(
  { encryption = "keep", maxCopySize = MAX_COPY_SIZE }: RestoreOptions,
): void {
  parseEncryption(encryption);
  if (Number.isInteger(maxCopySize) && maxCopySize >= MIN_COPY_SIZE) return;
  throw new InputError(
    `maxCopySize is ${maxCopySize}: use a whole number of bytes, ${MIN_COPY_SIZE} or more, which ` +
      `is the least that a part may have`,
  );
}

/**
 * Where the safety snapshot goes; undefined where none is wanted.
 *
 * @throws {InputError} when one is wanted, and there is no store for it
 */
export function storeOfSafetySnapshot(
  { store, safetySnapshot = true, dryRun = false }: RestoreOptions,
): SnapshotStore | undefined {
  if (!safetySnapshot || dryRun) return undefined;
  if (store) return store;
  throw new InputError(
    "without a store the restore could not be undone: name one for its safety snapshot, or do " +
      "without that (--no-safety-snapshot, or safetySnapshot: false)",
  );
}

/** @throws {InputError} when it asks for a thaw that S3 does not know */
export function assertThaw(
  { thaw, thawDays = DEFAULT_THAW_DAYS }: Pick<RestoreOptions, "thaw" | "thawDays">,
): void {
  if (thaw !== undefined && !THAW_TIERS.includes(thaw)) {
    throw new InputError(`${JSON.stringify(thaw)} is no tier: use ${THAW_TIERS.join(", ")}`);
  }
  if (Number.isInteger(thawDays) && thawDays >= 1) return;
  throw new InputError(`thawDays is ${thawDays}: use a whole number from 1`);
}
