import { identityUrl, isSameBucket, isSameServer } from "./bucket_identity.ts";
import type { EntryBatch } from "./model/entry_batch.ts";
import { InputError, SnapshotError } from "./model/errors.ts";
import type { SnapshotStore } from "./model/store.ts";
import type { Point } from "./point.ts";
import { isExpiredNow, openPoint } from "./points.ts";
import { resolvePoint } from "./resolve_point.ts";
import { withListedFacts } from "./restore/listed_facts.ts";
import { planKeys } from "./restore/plan_keys.ts";
import type { RestoreBatch } from "./restore/restore_batch.ts";
import { readScope } from "./restore/read_scope.ts";
import { selectMatching, selectNamed } from "./restore/select_rows.ts";
import {
  namesWithin,
  type Selection,
  selectKeys,
  type SelectOptions,
} from "./restore/selection.ts";
import { stripKeys } from "./restore/strip_keys.ts";
import type { Bucket } from "./s3/bucket.ts";
import { listInOrder } from "./s3/list_in_order.ts";
import { listNamed } from "./s3/list_named.ts";

/** What to bring back, from where and to where. */
export interface PlanRestoreOptions extends SelectOptions {
  /** An id, an unambiguous beginning of one, or `latest` or `latest~N` of the replica. */
  readonly snapshot: string;
  /** Where the snapshot is. */
  readonly store: SnapshotStore;
  /** The bucket to restore. Its prefix limits what is touched. */
  readonly target: Bucket;
  /**
   * The bucket that holds the versions. Default: the target. A snapshot that was taken of the
   * target, such as one that an earlier restore made first, is restored from there all the same.
   */
  readonly replica?: Bucket;
  /** Put before each key in the target, so that `a/b` comes back as `restored/a/b`. Default: "". */
  readonly toPrefix?: string;
  /** Whether keys of the target that the snapshot lacks are deleted. Default: false. */
  readonly delete?: boolean;
  /**
   * Whether delete markers on top of what is wanted are removed, where that brings it back without
   * a copy: in the target and, where it is another bucket, in the replica, which must be the one
   * that the target is replicated to. Default: only if the target is its own replica.
   */
  readonly undelete?: boolean;
  /**
   * Read the versions from the replica though the snapshot names another bucket: the server got
   * another address, or the replica was moved with its version ids. Default: false.
   */
  readonly allowOtherReplica?: boolean;
  /** Restore what is left of a snapshot that gc has begun to remove. Default: false. */
  readonly allowExpired?: boolean;
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal;
}

/** A restore whose question was understood, before anything is listed. */
export interface OpenedRestore {
  readonly options: PlanRestoreOptions;
  readonly point: Point;
  /** Where the versions are: the replica or the target. */
  readonly source: Bucket;
  /** Whether the target is the bucket, key for key, that holds the snapshot's versions. */
  readonly inPlace: boolean;
  /** All that is touched. */
  readonly selection: Selection;
}

/**
 * What a restore would do, without doing it: batches in key order, in bounded memory. For each key
 * the cheapest safe way of these:
 *
 * - nothing, when the current version is the wanted one, or has the same ETag and size. Metadata is
 *   not compared: who rewrote an object's metadata and not its bytes gets it back by deleting the
 *   object first;
 * - the delete markers on top of the wanted version are removed, when the target is itself the
 *   bucket that holds the versions; with `undelete` also from a source and its replica together;
 * - a copy within the target, whose history still holds the version;
 * - a copy from the replica.
 *
 * @throws {SnapshotError} `UnknownSnapshot`, `AmbiguousSnapshot`, `CorruptSnapshot`,
 * `ExpiredSnapshot`
 * @throws {InputError} when the snapshot is not of that replica, a prefix outside the limits, or
 * the replica on another server than the target
 * @throws {S3Error} when a bucket cannot be listed
 * @throws {StoreError} when the store does not answer
 *
 * @example
 * ```ts ignore
 * for await (const { objects, unchanged, entries } of planRestore({ snapshot, store, target })) {
 *   console.log(objects, unchanged, entries.length);
 * }
 * ```
 */
export async function* planRestore(options: PlanRestoreOptions): AsyncGenerator<RestoreBatch> {
  yield* planOpened(await openRestore(options));
}

/** Understand what is asked for, and refuse what cannot be done. Throws as {@linkcode planRestore} */
export async function openRestore(options: PlanRestoreOptions): Promise<OpenedRestore> {
  const { store, snapshot, target, replica = target, toPrefix = "", signal } = options;
  assertUndelete(options);
  const abort = signal ? { signal } : {};
  const of = options.allowOtherReplica ? {} : { of: replica.identity() };
  const id = await resolvePoint(store, snapshot, { ...abort, ...of });
  const point = await openPoint(store, id, abort);
  if (point.expired && !options.allowExpired) throw expiredError(point, store);
  const source = sourceOf(point, options);
  assertSameServer(source, target);
  const limits = {
    snapshot: point.bucket?.prefix,
    replica: source.prefix,
    target: target.prefix,
    toPrefix,
  };
  const selection = selectKeys(options, limits);
  const inPlace = toPrefix === "" && isSameBucket(source.identity(), target.identity());
  return { options, point, source, inPlace, selection };
}

/** The plan of an {@linkcode openRestore}. */
export async function* planOpened(opened: OpenedRestore): AsyncGenerator<RestoreBatch> {
  const { options: { delete: isDeleting = false, undelete }, inPlace, selection } = opened;
  const isAlone = isOwnReplica(opened.options);
  const rules = { delete: isDeleting, inPlace, undelete: undelete ?? (inPlace && isAlone) };
  for (const scope of selection.scopes) {
    const mirrored = rules.undelete && !isAlone ? readReplica(opened, scope) : undefined;
    yield* planKeys(readEntries(opened, scope), readTarget(opened, scope), rules, mirrored);
  }
}

function isOwnReplica({ target, replica = target }: PlanRestoreOptions): boolean {
  return isSameBucket(target.identity(), replica.identity());
}

function readReplica(opened: OpenedRestore, scope: string): AsyncIterable<EntryBatch> {
  const { options: { target, replica = target }, point } = opened;
  const splitKeys = point.manifest?.parts.flatMap((part) => part.splitKeys) ?? [];
  return listScope(opened, { bucket: replica, scope, splitKeys });
}

function readEntries(opened: OpenedRestore, scope: string): AsyncIterable<EntryBatch> {
  const { options: { store, signal }, point, source, selection: { names, matches } } = opened;
  const entries = readScope({ store, point, scope, names, signal });
  const selected = names
    ? selectNamed(entries, namesWithin(names, scope))
    : matches
    ? selectMatching(entries, matches)
    : entries;
  // A file of 2015 has no ETags, by which to tell what is right already.
  return point.kind === "legacy"
    ? withListedFacts(selected, listScope(opened, { bucket: source, scope, splitKeys: [] }))
    : selected;
}

async function* readTarget(opened: OpenedRestore, scope: string): AsyncGenerator<EntryBatch> {
  const { options: { target, toPrefix = "" }, point, selection: { matches } } = opened;
  const length = new TextEncoder().encode(toPrefix).length;
  // The target is cut where the snapshot's keys are: it is what the target should be like.
  const splitKeys = point.manifest?.parts.flatMap((part) => part.splitKeys) ?? [];
  const versions = listScope(opened, { bucket: target, toPrefix, scope, splitKeys });
  const stripped = length > 0 ? stripEach(versions, length) : versions;
  yield* matches ? selectMatching(stripped, matches) : stripped;
}

async function* stripEach(
  batches: AsyncIterable<EntryBatch>,
  length: number,
): AsyncGenerator<EntryBatch> {
  for await (const batch of batches) yield stripKeys(batch, length);
}

/** What of a bucket is listed. */
interface Listed {
  readonly bucket: Bucket;
  /** Goes before every key there. */
  readonly toPrefix?: string;
  readonly scope: string;
  readonly splitKeys: readonly string[];
}

/** The versions of all keys of a scope that may be selected, and of no others if they are named. */
function listScope(
  { options: { signal }, selection: { names } }: OpenedRestore,
  { bucket, toPrefix = "", scope, splitKeys }: Listed,
): AsyncGenerator<EntryBatch> {
  const there = (key: string) => toPrefix + key;
  const abort = signal ? { signal } : {};
  if (names) return listNamed(bucket, namesWithin(names, scope).map(there), abort);
  // The scope is a beginning of whole keys, within the bucket's own prefix.
  const prefix = there(scope).slice(bucket.prefix.length);
  return listInOrder(bucket, { prefix, splitKeys: splitKeys.map(there), ...abort });
}

function sourceOf(point: Point, options: PlanRestoreOptions): Bucket {
  const { target, replica = target, allowOtherReplica = false } = options;
  const { bucket } = point;
  if (!bucket || isSameBucket(bucket, replica.identity())) return replica;
  if (isSameBucket(bucket, target.identity())) return target;
  if (allowOtherReplica) return replica;
  throw new InputError(
    `snapshot ${point.id} names versions of ${
      identityUrl(bucket)
    }, not of ${replica.url}: restore ` +
      `it with that bucket as replica, or allow another one if it holds the very same versions`,
  );
}

function assertUndelete({ undelete = false, toPrefix = "" }: PlanRestoreOptions): void {
  if (!undelete || toPrefix === "") return;
  throw new InputError(
    "delete markers are removed where objects were deleted, not below another prefix: restore " +
      "without undelete",
  );
}

function assertSameServer(source: Bucket, target: Bucket): void {
  if (isSameServer(source.identity(), target.identity())) return;
  throw new InputError(
    `cannot restore from ${source.url} to ${target.url}: objects are copied by the server itself, ` +
      `so both buckets must be on one`,
  );
}

/** Look again. @throws {SnapshotError} `ExpiredSnapshot` when gc has come in between */
export async function assertNotExpired({ options, point }: OpenedRestore): Promise<void> {
  const { store, allowExpired = false, signal } = options;
  if (allowExpired) return;
  if (await isExpiredNow(store, point, signal ? { signal } : {})) throw expiredError(point, store);
}

function expiredError({ id }: Point, store: SnapshotStore): SnapshotError {
  return new SnapshotError(
    "ExpiredSnapshot",
    `snapshot ${id} in ${store.url} has expired: gc has begun to delete versions that only it ` +
      `names, so it may not come back whole; choose another one`,
  );
}
