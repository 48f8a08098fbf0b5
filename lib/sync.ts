import { isSameBucket } from "./bucket_identity.ts";
import { type Held, withLock, withoutLock } from "./lock/with_lock.ts";
import { InputError } from "./model/errors.ts";
import type { OnProgress } from "./model/progress.ts";
import type { SnapshotStore } from "./model/store.ts";
import { restoreOpened } from "./restore.ts";
import { type OpenedRestore, openWith } from "./restore_plan.ts";
import { firstOfEmptied } from "./restore/emptied_target.ts";
import type { OnFailure } from "./restore/failures.ts";
import { assertCopies } from "./restore/restore_options.ts";
import { IncompleteRestoreError, type RestoreReport } from "./restore/restore_report.ts";
import { SourceLook } from "./restore/source_look.ts";
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
  /** The versioned bucket that is to hold the same. */
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
  /**
   * The store of the replica's snapshots. It is locked meanwhile, so that no other sync, snapshot
   * or gc works on the replica, and its snapshots tell how to list both by many ranges. Default:
   * nobody is kept away, and how to list is found out.
   */
  readonly store?: SnapshotStore;
  /**
   * Whether the store is locked; a dry run never does it. Default: true. Say no only for a store
   * that cannot lock, and then see to it that nothing else works on the replica.
   */
  readonly lock?: boolean;
  /** Who takes it, for those who find the store locked. Default: a random text. */
  readonly owner?: string;
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
 * is right already (the same size, and the same ETag or checksum) is left alone: a run that was cut off is finished by
 * the next one.
 *
 * Others may write to both buckets meanwhile. A key is left and reported, as `SourceChanged`, when
 * the source has come to hold it again or anew, and as `TargetChanged` when the replica changed; what
 * others brought to the replica from the source since is neither deleted nor set back.
 *
 * @returns As a restore of the replica to what the source holds
 * @throws {InputError} when both are one bucket, the source is empty, or an encryption is none
 * @throws {S3Error} `NotVersioned` when the replica is not versioned; when a bucket cannot be listed
 * @throws {LockError} when another sync, a snapshot or gc is at work in the store
 * @throws {IncompleteRestoreError} when the lock is lost, or something of this kind happens after the first change
 *
 * @example
 * ```ts ignore
 * const { copied, deleted, failed } = await sync({ source, replica });
 * const { id } = await snapshot({ bucket: replica, store });
 * ```
 */
export async function sync(options: SyncOptions): Promise<RestoreReport> {
  const began = performance.now();
  await assertSyncable(options);
  const { source, replica, store, lock = true, dryRun = false, owner, signal } = options;
  if (!store || !lock || dryRun) return await syncHeld(options, withoutLock(signal), began);
  const purpose = `sync of ${source.url} to ${replica.url}`;
  return await withLock(
    { store, bucket: replica, purpose, owner, signal },
    (held) => syncHeld(options, held, began),
  );
}

/** See that it can be done. Throws as {@linkcode sync} */
export async function assertSyncable(options: SyncOptions): Promise<void> {
  const { source, replica, signal } = options;
  assertCopies(asRestoreOf(options));
  if (isSameBucket(source.identity(), replica.identity())) {
    throw new InputError(`${source.url} cannot be its own replica: name another bucket`);
  }
  await requireVersioning(replica, signal ? { signal } : {});
}

/** What {@linkcode sync} does once others are kept away. `began` is when it began. */
export async function syncHeld(
  options: SyncOptions,
  { signal, assertHeld }: Held,
  began: number,
): Promise<RestoreReport> {
  const asRestore = asRestoreOf({ ...options, ...(signal && { signal }) });
  const opened = await openSync(options, asRestore);
  const look = new SourceLook(options.source, options.replica);
  const report = await restoreOpened(opened, asRestore, {
    began,
    kind: "sync",
    look,
    recognise: true,
    assertHeld,
  });
  // Others may have come in: it is not for the user to be told of an interruption.
  if (signal?.aborted && !options.signal?.aborted) {
    throw new IncompleteRestoreError(report, signal.reason, "sync");
  }
  return report;
}

function asRestoreOf({ delete: isDeleting = true, ...options }: SyncOptions) {
  const { source, replica } = options;
  return {
    ...options,
    target: replica,
    replica: source,
    delete: isDeleting,
    safetySnapshot: false,
  };
}

/** In this order: what is written once the lock is held is dated after what others did before. */
async function openSync(
  options: SyncOptions,
  asRestore: ReturnType<typeof asRestoreOf>,
): Promise<OpenedRestore> {
  const { source, replica, store } = options, { signal } = asRestore;
  const { at, name } = await momentOf({ ...options, ...(signal && { signal }) });
  const opened = openWith(asRestore, { kind: "moment", name, at, source, splitKeys: [] });
  if (asRestore.delete && !options.allowEmpty) {
    await assertNotEmptied(opened);
  }
  const splitKeys = store
    ? await knownSplitKeys(store, replica.identity(), signal ? { signal } : {})
    : [];
  return { ...opened, wanted: { ...opened.wanted, splitKeys } };
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
