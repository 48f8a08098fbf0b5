import { bytesAt, type EntryBatch, sliceBatch, textAt } from "../model/entry_batch.ts";
import { S3Error } from "../model/errors.ts";
import { compareAt, compareAtToBytes, compareKeys } from "../model/key_order.ts";
import type { Bucket } from "./bucket.ts";
import type { KeyRange } from "./key_range.ts";
import { fetchVersionPage, type VersionMarker, type VersionPage } from "./version_page.ts";

const encoder = new TextEncoder();

/** How a range is read. */
export interface RangeReaderOptions {
  /**
   * Milliseconds since 1970. Versions of a key that are older than one dated not after this moment
   * are not wanted: where a page holds nothing but one key's, the rest of them is skipped, if the
   * server can. Default: all are wanted.
   */
  readonly settledBy?: number | undefined;
  /** Abort: the request in flight is given up and the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the versions of a key range page by page. Servers differ in where a page starts and how
 * they name the next one, so it goes on from the last version it read, and drops what lies outside
 * the range or was read before. Its end may be moved closer while it reads.
 */
export class RangeReader {
  readonly #bucket: Bucket;
  readonly #prefix: string;
  readonly #after: Uint8Array | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #settledBy: number;
  #before: Uint8Array | undefined;
  /** Where the next page starts; undefined for the beginning of the prefix. */
  #marker: VersionMarker | undefined;
  /** The version read last, as the only row. */
  #last: EntryBatch | undefined;
  #isDone = false;
  /** Whether the marker is a key alone, so that the next page starts behind all its versions. */
  #isSkipping = false;
  /** Some servers start at such a key, not behind it. */
  #canSkip = true;

  /** Reads nothing before {@linkcode next}. */
  constructor(bucket: Bucket, range: KeyRange, options: RangeReaderOptions = {}) {
    const { prefix, after, before } = range;
    const { settledBy = -Infinity, signal } = options;
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#signal = signal;
    this.#settledBy = settledBy;
    this.#after = after === undefined ? undefined : encoder.encode(after);
    this.#before = before === undefined ? undefined : encoder.encode(before);
    // Some servers mind a marker that sorts before the prefix.
    if (after !== undefined && compareKeys(after, prefix) >= 0) this.#marker = { key: after };
  }

  /** The key read last; undefined before the first page. */
  get lastKey(): string | undefined {
    return this.#last && textAt(this.#last.keys, 0);
  }

  /** Whether all of the range was read. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Let the range end before `key`, which must sort after {@linkcode lastKey}. */
  endBefore(key: string): void {
    this.#before = encoder.encode(key);
  }

  /** The next versions, never none; undefined at the end of the range. */
  async next(): Promise<EntryBatch | undefined> {
    while (!this.#isDone) {
      const page = await fetchVersionPage(
        this.#bucket,
        this.#prefix,
        this.#marker,
        this.#signal ? { signal: this.#signal } : {},
      );
      if (this.#hasNotSkipped(page)) continue;
      const kept = this.#take(page);
      if (kept.length > 0) return kept;
    }
  }

  /** The page begins with the versions that were to be skipped: read on where it did not skip. */
  #hasNotSkipped({ batch }: VersionPage): boolean {
    const last = this.#last;
    if (!this.#isSkipping || !last || batch.length === 0) return false;
    this.#isSkipping = false;
    if (compareAt(batch.keys, 0, last.keys, 0) !== 0) return false;
    this.#canSkip = false;
    this.#marker = markerAt(last, 0);
    return true;
  }

  #take(page: VersionPage): EntryBatch {
    const { batch } = page;
    this.#assertOrder(batch);
    const kept = sliceBatch(batch, ...this.#rowsToKeep(batch));
    if (page.isTruncated && !this.#reachesEnd(batch)) this.#marker = this.#markerAfter(page);
    else this.#isDone = true;
    if (batch.length > 0) this.#last = sliceBatch(batch, batch.length - 1, batch.length);
    return kept;
  }

  /** The first row to keep, and the first after it that is not. */
  #rowsToKeep(batch: EntryBatch): [number, number] {
    let from = this.#last ? countRepeated(this.#last, batch) : 0;
    let to = batch.length;
    const after = this.#after, before = this.#before;
    if (after) { while (from < to && compareAtToBytes(batch.keys, from, after) <= 0) from++; }
    if (before) { while (to > from && compareAtToBytes(batch.keys, to - 1, before) >= 0) to--; }
    return [from, to];
  }

  #reachesEnd(batch: EntryBatch): boolean {
    return this.#before !== undefined && batch.length > 0 &&
      compareAtToBytes(batch.keys, batch.length - 1, this.#before) >= 0;
  }

  /** After the last version of the page, or where the server says when it holds none at all. */
  #markerAfter({ batch, next }: VersionPage): VersionMarker {
    const following = batch.length > 0 ? markerAt(batch, batch.length - 1) : next;
    if (following && this.#isWorthSkipping(batch)) {
      const behind = { key: following.key };
      this.#isSkipping = !isSameMarker(behind, this.#marker);
      if (this.#isSkipping) return behind;
    }
    if (following && !isSameMarker(following, this.#marker)) return following;
    throw new S3Error(
      "StuckListing",
      `ListObjectVersions of bucket ${this.#bucket.name} does not get past ` +
        `${JSON.stringify(this.#marker?.key ?? "its beginning")}: the server sends the same page ` +
        `again`,
    );
  }

  /** A page of one key, of which the wanted version was seen: there may be thousands more. */
  #isWorthSkipping({ keys, length, lastModified }: EntryBatch): boolean {
    return this.#canSkip && length > 1 && compareAt(keys, 0, keys, length - 1) === 0 &&
      lastModified[length - 1]! <= this.#settledBy;
  }

  /** A listing out of order would make every later merge wrong. */
  #assertOrder({ keys, length }: EntryBatch): void {
    const last = this.#last;
    let wrong = last && length > 0 && compareAt(last.keys, 0, keys, 0) > 0 ? 0 : -1;
    for (let row = 1; row < length && wrong < 0; row++) {
      if (compareAt(keys, row - 1, keys, row) > 0) wrong = row;
    }
    if (wrong < 0) return;
    throw new S3Error(
      "UnorderedListing",
      `ListObjectVersions of bucket ${this.#bucket.name} is not in key order at ` +
        `${JSON.stringify(textAt(keys, wrong))}: directory buckets and servers that list without ` +
        `order cannot be snapshotted`,
    );
  }
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

function markerAt(batch: EntryBatch, row: number): VersionMarker {
  return { key: textAt(batch.keys, row), versionId: textAt(batch.versionIds, row) };
}

function isSameMarker(a: VersionMarker, b: VersionMarker | undefined): boolean {
  return a.key === b?.key && a.versionId === b.versionId;
}
