import { isSameBucket, isSameServer } from "./bucket_identity.ts";
import type { EntryBatch } from "./model/entry_batch.ts";
import { InputError } from "./model/errors.ts";
import { withListedFacts } from "./restore/listed_facts.ts";
import { planHistory } from "./restore/plan_history.ts";
import type { PlanRules } from "./restore/plan_draft.ts";
import { planKeys } from "./restore/plan_keys.ts";
import type { PlanRestoreOptions } from "./restore/plan_options.ts";
import type { RestoreBatch } from "./restore/restore_batch.ts";
import { readScope } from "./restore/read_scope.ts";
import { selectMatching, selectNamed } from "./restore/select_rows.ts";
import { namesWithin, type Selection, selectKeys } from "./restore/selection.ts";
import { stripKeys } from "./restore/strip_keys.ts";
import { openWanted, type Wanted } from "./restore/wanted.ts";
import type { Bucket } from "./s3/bucket.ts";
import { listInOrder } from "./s3/list_in_order.ts";
import { listNamed } from "./s3/list_named.ts";
import { selectCurrent } from "./select_current.ts";

export type { PlanRestoreOptions } from "./restore/plan_options.ts";

/** A restore whose question was understood, before anything is listed. */
export interface OpenedRestore {
  readonly options: PlanRestoreOptions;
  readonly wanted: Wanted;
  /** Where the versions are: the replica or the target. */
  readonly source: Bucket;
  /** Whether the target is the bucket, key for key, that holds the snapshot's versions. */
  readonly inPlace: boolean;
  /** Whether copies from `source` pass through here, instead of being made by the server. */
  readonly streams: boolean;
  /** All that is touched. */
  readonly selection: Selection;
  /** Counts the pages of listings that held something, as the plan reads them. */
  readonly listed: { pages: number };
}

/**
 * What a restore would do, without doing it: batches in key order, in bounded memory. For each key
 * the cheapest safe way of these:
 *
 * - nothing, when the current version is the wanted one, or has the same ETag and size. Metadata is
 *   not compared: who rewrote an object's metadata and not its bytes gets it back by deleting the
 *   object first, and restoring with `undelete: false`;
 * - the delete markers on top of the wanted version, or of one with the same ETag and size, are
 *   removed, when the target is itself the bucket that holds the versions; with `undelete` also from
 *   a source and its replica together. One called `null` stays, since an object may take its id;
 * - a copy within the target, whose history still holds the version;
 * - a copy from the replica.
 *
 * @throws {SnapshotError} `UnknownSnapshot`, `AmbiguousSnapshot`, `CorruptSnapshot`,
 * `ExpiredSnapshot`
 * @throws {InputError} when the snapshot is not of that replica, or a prefix outside the limits
 * @throws {S3Error} when a bucket cannot be listed
 * @throws {StoreError} when the store does not answer
 *
 * @example
 * ```ts ignore
 * const plan = planRestore({ snapshot: "latest", store, replica, target: source });
 * for await (const { objects, unchanged, entries } of plan) {
 *   console.log(objects, unchanged, entries.length);
 * }
 * ```
 */
export async function* planRestore(options: PlanRestoreOptions): AsyncGenerator<RestoreBatch> {
  yield* planOpened(await openRestore(options));
}

/** Understand what is asked for, and refuse what cannot be done. Throws as {@linkcode planRestore} */
export async function openRestore(options: PlanRestoreOptions): Promise<OpenedRestore> {
  assertUndelete(options);
  return openWith(options, await openWanted(options));
}

/** The same, once it was found. */
export function openWith(options: PlanRestoreOptions, wanted: Wanted): OpenedRestore {
  const { target, toPrefix = "" } = options;
  const { source } = wanted;
  const streams = options.stream || !isSameServer(source.identity(), target.identity());
  const limits = {
    snapshot: wanted.kind === "snapshot" ? wanted.point.bucket?.prefix : undefined,
    replica: source.prefix,
    target: target.prefix,
    toPrefix,
  };
  const selection = selectKeys(options, limits);
  const inPlace = toPrefix === "" && isSameBucket(source.identity(), target.identity());
  return { options, wanted, source, inPlace, streams, selection, listed: { pages: 0 } };
}

/** The plan of an {@linkcode openRestore}. */
export async function* planOpened(opened: OpenedRestore): AsyncGenerator<RestoreBatch> {
  const { options: { delete: isDeleting = false, undelete }, inPlace, selection } = opened;
  const isAlone = isOwnReplica(opened.options);
  const rules = { delete: isDeleting, inPlace, undelete: undelete ?? (inPlace && isAlone) };
  for (const scope of selection.scopes) {
    const mirrored = rules.undelete && !isAlone ? readReplica(opened, scope) : undefined;
    yield* planScope(opened, { scope, rules, mirrored });
  }
}

interface PlannedScope {
  readonly scope: string;
  readonly rules: PlanRules;
  readonly mirrored: AsyncIterable<EntryBatch> | undefined;
}

function planScope(
  opened: OpenedRestore,
  { scope, rules, mirrored }: PlannedScope,
): AsyncGenerator<RestoreBatch> {
  const { wanted, inPlace, selection: { names } } = opened;
  const target = readTarget(opened, scope);
  // One listing says both what was there and what is there.
  if (wanted.kind === "moment" && inPlace && !mirrored && !names) {
    return planHistory(target, wanted.at, rules);
  }
  return planKeys(readEntries(opened, scope), target, rules, mirrored);
}

function isOwnReplica({ target, replica = target }: PlanRestoreOptions): boolean {
  return isSameBucket(target.identity(), replica.identity());
}

function readReplica(opened: OpenedRestore, scope: string): AsyncIterable<EntryBatch> {
  const { options: { target, replica = target }, wanted: { splitKeys } } = opened;
  return listScope(opened, { bucket: replica, scope, splitKeys });
}

function readEntries(opened: OpenedRestore, scope: string): AsyncIterable<EntryBatch> {
  const { wanted, source } = opened;
  const selected = readSelected(opened, scope);
  // A file of 2015 has no ETags, by which to tell what is right already.
  return wanted.kind === "snapshot" && wanted.point.kind === "legacy"
    ? withListedFacts(selected, listScope(opened, { bucket: source, scope, splitKeys: [] }))
    : selected;
}

/**
 * The selected entries of a scope, as the snapshot has them, and for each name that has none a row
 * with the flag `ABSENT_NAME`.
 */
export function readSelected(opened: OpenedRestore, scope: string): AsyncIterable<EntryBatch> {
  const { selection: { names, matches, hits } } = opened;
  const entries = readWanted(opened, scope);
  if (names) return hits.seen(selectNamed(entries, namesWithin(names, scope)), scope);
  return hits.seen(matches ? selectMatching(entries, matches) : entries, scope);
}

function readWanted(opened: OpenedRestore, scope: string): AsyncIterable<EntryBatch> {
  const { wanted, options: { signal }, selection: { names } } = opened;
  if (wanted.kind === "snapshot") return readScope({ ...wanted, scope, names, signal });
  const { source: bucket, splitKeys, at } = wanted;
  return selectCurrent(listScope(opened, { bucket, scope, splitKeys }), at);
}

/** All versions that the target has of the selected keys of a scope, by the snapshot's keys. */
export async function* readTarget(
  opened: OpenedRestore,
  scope: string,
): AsyncGenerator<EntryBatch> {
  const { options: { target, toPrefix = "" }, wanted, selection: { matches, hits } } = opened;
  const length = new TextEncoder().encode(toPrefix).length;
  // The target is cut where the wanted keys are: it is what the target should be like.
  const { splitKeys } = wanted;
  const versions = listScope(opened, { bucket: target, toPrefix, scope, splitKeys });
  const stripped = length > 0 ? stripEach(versions, length) : versions;
  yield* hits.seen(matches ? selectMatching(stripped, matches) : stripped, scope);
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
  { options: { signal }, selection: { names }, listed }: OpenedRestore,
  { bucket, toPrefix = "", scope, splitKeys }: Listed,
): AsyncGenerator<EntryBatch> {
  const there = (key: string) => toPrefix + key;
  const abort = signal ? { signal } : {};
  if (names) {
    return counted(listNamed(bucket, namesWithin(names, scope).map(there), abort), listed);
  }
  // The scope is a beginning of whole keys, within the bucket's own prefix.
  const prefix = there(scope).slice(bucket.prefix.length);
  const pages = listInOrder(bucket, { prefix, splitKeys: splitKeys.map(there), ...abort });
  return counted(pages, listed);
}

async function* counted(
  pages: AsyncIterable<EntryBatch>,
  listed: { pages: number },
): AsyncGenerator<EntryBatch> {
  for await (const page of pages) {
    listed.pages++;
    yield page;
  }
}

function assertUndelete({ undelete = false, toPrefix = "" }: PlanRestoreOptions): void {
  if (!undelete || toPrefix === "") return;
  throw new InputError(
    "delete markers are removed where objects were deleted, not below another prefix: restore " +
      "without undelete",
  );
}
