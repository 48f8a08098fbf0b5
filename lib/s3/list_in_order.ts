import type { EntryBatch } from "../model/entry_batch.ts";
import type { Bucket } from "./bucket.ts";
import { isEmptyRange } from "./key_range.ts";
import type { ListRangesOptions } from "./list_ranges.ts";
import { rangeOf } from "./list_versions.ts";
import { cutRange } from "./range_split.ts";
import { ReadAhead } from "./read_ahead.ts";

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
  const ranges = cutRange(range, splitKeys).values();
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const ahead: ReadAhead[] = [];
  try {
    while (true) {
      while (ahead.length < concurrency) {
        const next = ranges.next();
        if (next.done) break;
        ahead.push(new ReadAhead(bucket, next.value, either));
      }
      const head = ahead[0];
      if (!head) return;
      for (let batch; (batch = await head.take());) {
        onPage?.(batch.length);
        yield batch;
      }
      ahead.shift();
    }
  } finally {
    stop.abort(new DOMException("the listing was left", "AbortError"));
    await Promise.all(ahead.map((range) => range.ended));
  }
}
