import type { EntryBatch } from "../model/entry_batch.ts";
import type { Bucket } from "./bucket.ts";
import { assertKeyRange, isEmptyRange, type KeyRange } from "./key_range.ts";
import { RangeReader } from "./range_reader.ts";

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
 * Every version and delete marker of a key range, one page after another: keys in order of their
 * UTF-8 bytes, the versions of one key newest first. Batches are never empty.
 *
 * @throws {S3Error} when the server refuses, breaks the order (`UnorderedListing`), or keeps
 * sending the same page (`StuckListing`)
 * @throws {InputError} when a bound holds half of a surrogate pair
 */
export async function* listVersions(
  bucket: Bucket,
  options: ListVersionsOptions = {},
): AsyncGenerator<EntryBatch> {
  const range = rangeOf(bucket, options);
  if (isEmptyRange(range)) return;
  const reader = new RangeReader(bucket, range, { signal: options.signal });
  for (let batch; (batch = await reader.next());) {
    options.onPage?.(batch.length);
    yield batch;
  }
}

/**
 * The keys that options ask for, within the bucket's own prefix.
 *
 * @throws {InputError} when a bound holds half of a surrogate pair
 */
export function rangeOf(bucket: Bucket, options: ListVersionsOptions): KeyRange {
  const { prefix = "", after, before } = options;
  const range = {
    prefix: bucket.prefix + prefix,
    ...(after !== undefined && { after }),
    ...(before !== undefined && { before }),
  };
  assertKeyRange(range);
  return range;
}
