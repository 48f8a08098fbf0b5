import type { EntryBatch } from "../model/entry_batch.ts";
import type { Bucket } from "./bucket.ts";
import { inOrder } from "./in_order.ts";
import { isEmptyRange } from "./key_range.ts";
import type { ListRangesOptions } from "./list_ranges.ts";
import { rangeOf } from "./list_versions.ts";
import { cutRange } from "./range_split.ts";
import { RangeReader } from "./range_reader.ts";

/**
 * What {@linkcode listVersions} gives, in the same order, but read by many ranges at once: those
 * ahead of the one that is being given out wait in memory, a few pages each. Without split keys it
 * reads one page after another.
 *
 * Leaving the loop ends all requests.
 *
 * @throws {S3Error} as {@linkcode listVersions} does
 * @throws {InputError} as {@linkcode listVersions} does
 */
export async function* listInOrder(
  bucket: Bucket,
  options: ListRangesOptions = {},
): AsyncGenerator<EntryBatch> {
  const { splitKeys = [], concurrency = bucket.concurrency, signal, onPage } = options;
  const range = rangeOf(bucket, options);
  if (isEmptyRange(range)) return;
  const readers = cutRange(range, splitKeys)
    .map((part) => (stop: AbortSignal) => new RangeReader(bucket, part, { signal: stop }));
  for await (const batch of inOrder(readers, concurrency, signal)) {
    onPage?.(batch.length);
    yield batch;
  }
}
