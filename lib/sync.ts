import { isSameBucket } from "./bucket_identity.ts";
import { InputError } from "./model/errors.ts";
import type { OnProgress } from "./model/progress.ts";
import type { SnapshotStore } from "./model/store.ts";
import { restoreOpened } from "./restore.ts";
import { type OpenedRestore, openWith } from "./restore_plan.ts";
import { firstOfEmptied } from "./restore/emptied_target.ts";
import type { OnFailure } from "./restore/failures.ts";
import type { RestoreReport } from "./restore/restore_report.ts";
import type { Bucket } from "./s3/bucket.ts";
import { serverNow } from "./s3/server_time.ts";
import { requireVersioning, versioningState } from "./s3/versioning.ts";
import { knownSplitKeys } from "./snapshot/known_split_keys.ts";
import { type Delay, settleMoment } from "./snapshot/moment.ts";

/** No version is dated after it. */
const END_OF_TIME = Infinity;

/** What is copied where, and how. */
export interface SyncOptions {
  /** The bucket that applications write to. It may be unversioned. */
  readonly source: Bucket;
  /** The versioned bucket that is to hold the same. On the same server. */
  readonly replica: Bucket;
  /** Only keys that begin with one of these. Default: all within both buckets' prefixes. */
  readonly prefixes?: readonly string[] | undefined;
  /** Whether keys that the source lacks are deleted in the replica. Default: true. */
  readonly delete?: boolean;
  /**
   * Whether a source that holds nothing within these empties the replica there, too. Default: false,
   * since that is mostly a source that was named wrongly, or that a disaster has met.
   */
  readonly allowEmpty?: boolean;
  /** Its snapshots of the replica tell how to list both by many ranges. Default: it is found out. */
  readonly store?: SnapshotStore;
  /** Only say what would be done. Default: false. */
  readonly dryRun?: boolean;
  /** Whether access control lists are put on the copies. Default: false. */
  readonly acl?: boolean;
  /** `keep`, `bucket`, `AES256` or `aws:kms[:KEY]`. Default: `keep`. */
  readonly encryption?: string;
  /** Most copies in flight at once. Default: the replica's concurrency. */
  readonly concurrency?: number;
  /** Waits for the end of the moment's second. Default: a timer. */
  readonly delay?: Delay;
  /** Abort: what was begun is brought to its end, and the report comes with `interrupted`. */
  readonly signal?: AbortSignal;
  /**
   * Told of each failure as it comes, one at a time, and waited for: the report holds the first only.
   * What it throws ends the run.
   */
  readonly onFailure?: OnFailure;
  /** Told of each batch of the plan and of each object that was dealt with. */
  readonly onProgress?: OnProgress;
}

/**
 * Make a replica equal to its source by copies inside S3, where S3 itself does not replicate: what
 * is new or changed is copied, what is gone gets a delete marker. Both buckets are listed once, in
 * key order and bounded memory. A versioned source is taken as it was at one moment, the report's
 * `at`, whatever is written meanwhile; an unversioned one as the listing that begins then comes upon
 * it.
 *
 * No version is removed from the replica, so that every snapshot of it can still be restored. What
 * is right already (the same ETag and size) is left alone: a run that was cut off is finished by
 * the next one.
 *
 * @returns As a restore of the replica to what the source holds
 * @throws {InputError} when both are one bucket, are on two servers, or the source is empty
 * @throws {S3Error} `NotVersioned` when the replica is not versioned; when a bucket cannot be listed
 * @throws {IncompleteRestoreError} when something of this kind happens after the first change
 *
 * @example
 * ```ts ignore
 * const { copied, deleted, failed } = await sync({ source, replica });
 * const { id } = await snapshot({ bucket: replica, store });
 * ```
 */
export async function sync(options: SyncOptions): Promise<RestoreReport> {
  const began = performance.now();
  const { source, replica, store, signal } = options;
  const abort = signal ? { signal } : {};
  if (isSameBucket(source.identity(), replica.identity())) {
    throw new InputError(`${source.url} cannot be its own replica: name another bucket`);
  }
  await requireVersioning(replica, abort);
  const { at, name } = await momentOf(options);
  const asRestore = {
    ...options,
    target: replica,
    replica: source,
    delete: options.delete ?? true,
    safetySnapshot: false,
  };
  const opened = openWith(asRestore, { kind: "moment", name, at, source, splitKeys: [] });
  if (asRestore.delete && !options.allowEmpty) {
    await assertNotEmptied(opened);
  }
  const splitKeys = store ? await knownSplitKeys(store, replica.identity(), abort) : [];
  const cut = { ...opened, wanted: { ...opened.wanted, splitKeys } };
  return await restoreOpened(cut, asRestore, began);
}

/**
 * The moment at which the source is taken. An unversioned bucket keeps nothing of what it was: it
 * is taken as the listing comes upon it, whatever is written by then.
 */
async function momentOf(
  { source, delay, signal }: SyncOptions,
): Promise<{ readonly at: number; readonly name: string }> {
  const abort = signal ? { signal } : {};
  const isVersioned = await versioningState(source, abort) === "Enabled";
  const at = isVersioned ? await settleMoment(source, { delay, signal }) : END_OF_TIME;
  const told = isVersioned ? at : await serverNow(source, abort);
  return { at, name: new Date(told).toISOString() };
}

/**
 * Only the keys that are compared count: others of the source, where the replica is limited to a
 * prefix, say nothing.
 *
 * @throws {InputError} when all of the replica would be deleted
 */
async function assertNotEmptied(opened: OpenedRestore): Promise<void> {
  const first = await firstOfEmptied(opened);
  if (first === undefined) return;
  const { source, options: { target }, selection: { scopes } } = opened;
  const below = scopes.filter((scope) => scope !== "").map((scope) => JSON.stringify(scope));
  throw new InputError(
    `${source.url} holds nothing${below.length > 0 ? ` below ${below.join(", ")}` : ""}, so that ` +
      `every object of ${target.url} there would be deleted: make sure that the source is the ` +
      `right bucket, then allow it (--allow-empty)`,
  );
}
