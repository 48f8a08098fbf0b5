import type { EntryBatch } from "../model/entry_batch.ts";
import { ReadAhead } from "./read_ahead.ts";
import type { PageReader } from "./page_reader.ts";

/**
 * The pages of many readers, one reader after another, read at once: those ahead of the one that is
 * being given out wait in memory, a few pages each. Leaving the loop ends all requests.
 *
 * @param readers Opened as their turn comes; each is given a signal that ends its requests.
 * @param limit Readers that read at once.
 * @param signal Abort: what was read is given out, then the reason is thrown.
 */
export async function* inOrder(
  readers: Iterable<(signal: AbortSignal) => PageReader>,
  limit: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<EntryBatch> {
  const unopened = readers[Symbol.iterator]();
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const ahead: ReadAhead[] = [];
  try {
    while (true) {
      while (ahead.length < limit) {
        const next = unopened.next();
        if (next.done) break;
        ahead.push(new ReadAhead(next.value(either), either));
      }
      const head = ahead[0];
      if (!head) return;
      for (let batch; (batch = await head.take());) yield batch;
      ahead.shift();
    }
  } finally {
    stop.abort(new DOMException("the listing was left", "AbortError"));
    await Promise.all(ahead.map((reader) => reader.ended));
  }
}
