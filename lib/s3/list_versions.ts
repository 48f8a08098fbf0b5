import { bytesAt, type EntryBatch, sliceBatch, textAt } from "../model/entry_batch.ts";
import { S3Error } from "../model/errors.ts";
import { compareAt, compareAtToBytes, compareKeys } from "../model/key_order.ts";
import type { Bucket } from "./bucket.ts";
import { assertKeyRange, isEmptyRange, type KeyRange } from "./key_range.ts";
import { fetchVersionPage, type VersionMarker, type VersionPage } from "./version_page.ts";

/** What to list, and who wants to know. */
export interface ListVersionsOptions {
  /** Only keys that begin with it; it follows the bucket's own prefix. Default: all of them. */
  readonly prefix?: string;
  /** Only keys that sort after it. A whole key: the bucket's prefix is part of it. */
  readonly after?: string;
  /** Only keys that sort before it. A whole key, too. */
  readonly before?: string;
  /** Abort: the request in flight is given up and the reason is thrown. */
  readonly signal?: AbortSignal;
  /** Called for each page, with the number of its versions that are in the range. */
  readonly onPage?: (versions: number) => void;
}

/**
 * Every version and delete marker of a key range: keys in order of their UTF-8 bytes, the versions
 * of one key newest first. Batches are never empty.
 *
 * Servers differ in where a page starts and how they name the next one, so the listing goes on from
 * the last version it read, and drops what lies outside the range or was read before.
 *
 * @throws {S3Error} when the server refuses, breaks the order (`UnorderedListing`), or keeps
 * sending the same page (`StuckListing`)
 * @throws {InputError} when a bound holds half of a surrogate pair
 */
export async function* listVersions(
  bucket: Bucket,
  options: ListVersionsOptions = {},
): AsyncGenerator<EntryBatch> {
  const { prefix = "", signal, onPage } = options;
  const range: KeyRange = { ...options, prefix: bucket.prefix + prefix };
  assertKeyRange(range);
  if (isEmptyRange(range)) return;
  const bounds = encodeBounds(range);
  let marker = firstMarker(range);
  let last: EntryBatch | undefined;
  while (true) {
    const page = await fetchVersionPage(bucket, range.prefix, marker, signal ? { signal } : {});
    assertOrder(bucket, last, page.batch);
    const kept = sliceBatch(page.batch, ...rowsToKeep(last, page.batch, bounds));
    if (kept.length > 0) {
      onPage?.(kept.length);
      yield kept;
    }
    if (!page.isTruncated || reachesEnd(page.batch, bounds)) return;
    marker = nextMarker(bucket, marker, page);
    if (page.batch.length > 0) {
      last = sliceBatch(page.batch, page.batch.length - 1, page.batch.length);
    }
  }
}

/** A range's ends as UTF-8. */
interface Bounds {
  readonly after: Uint8Array | undefined;
  readonly before: Uint8Array | undefined;
}

const encoder = new TextEncoder();

function encodeBounds({ after, before }: KeyRange): Bounds {
  return {
    after: after === undefined ? undefined : encoder.encode(after),
    before: before === undefined ? undefined : encoder.encode(before),
  };
}

/** None where the prefix alone starts the range: some servers mind a marker before the prefix. */
function firstMarker({ prefix, after }: KeyRange): VersionMarker | undefined {
  return after === undefined || compareKeys(after, prefix) < 0 ? undefined : { key: after };
}

/**
 * The first row to keep, and the first after it that is not.
 *
 * @param last The version that was read before this page, as the only row.
 */
function rowsToKeep(
  last: EntryBatch | undefined,
  page: EntryBatch,
  { after, before }: Bounds,
): [number, number] {
  let from = last ? countRepeated(last, page) : 0;
  let to = page.length;
  if (after) { while (from < to && compareAtToBytes(page.keys, from, after) <= 0) from++; }
  if (before) { while (to > from && compareAtToBytes(page.keys, to - 1, before) >= 0) to--; }
  return [from, to];
}

/** A server whose markers are inclusive sends the last version, or its whole key, once more. */
function countRepeated(last: EntryBatch, page: EntryBatch): number {
  const versionId = bytesAt(last.versionIds, 0);
  for (let row = 0; row < page.length; row++) {
    if (compareAt(page.keys, row, last.keys, 0) !== 0) break;
    if (compareAtToBytes(page.versionIds, row, versionId) === 0) return row + 1;
  }
  return 0;
}

function reachesEnd(page: EntryBatch, { before }: Bounds): boolean {
  return before !== undefined && page.length > 0 &&
    compareAtToBytes(page.keys, page.length - 1, before) >= 0;
}

/** After the last version read, or where the server says when a page holds none at all. */
function nextMarker(
  bucket: Bucket,
  marker: VersionMarker | undefined,
  { batch, next }: VersionPage,
): VersionMarker {
  const row = batch.length - 1;
  const following = row < 0
    ? next
    : { key: textAt(batch.keys, row), versionId: textAt(batch.versionIds, row) };
  if (following && !isSameMarker(following, marker)) return following;
  throw new S3Error(
    "StuckListing",
    `ListObjectVersions of bucket ${bucket.name} does not get past ` +
      `${JSON.stringify(marker?.key ?? "its beginning")}: the server sends the same page again`,
  );
}

function isSameMarker(a: VersionMarker, b: VersionMarker | undefined): boolean {
  return a.key === b?.key && a.versionId === b.versionId;
}

/** A listing out of order would make every later merge wrong. */
function assertOrder(bucket: Bucket, last: EntryBatch | undefined, page: EntryBatch): void {
  const { keys } = page;
  let outOfOrder = last !== undefined && page.length > 0 &&
      compareAt(last.keys, 0, keys, 0) > 0
    ? 0
    : -1;
  for (let row = 1; row < page.length && outOfOrder < 0; row++) {
    if (compareAt(keys, row - 1, keys, row) > 0) outOfOrder = row;
  }
  if (outOfOrder < 0) return;
  throw new S3Error(
    "UnorderedListing",
    `ListObjectVersions of bucket ${bucket.name} is not in key order at ` +
      `${JSON.stringify(textAt(keys, outOfOrder))}: directory buckets and servers that list ` +
      `without order cannot be snapshotted`,
  );
}
