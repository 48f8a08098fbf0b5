/**
 * Call `work` for each item, at most `limit` at once; the items are asked for more only when there
 * is room. The first failure stops what has not begun and aborts the signal that `work` is given; it
 * is thrown once all that had begun has ended.
 *
 * @param signal Abort: as a failure, with its reason.
 */
export async function runBounded<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  limit: number,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const failure = new AbortController();
  const stop = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
  const iterator = Symbol.asyncIterator in items
    ? items[Symbol.asyncIterator]()
    : items[Symbol.iterator]();
  async function runner(): Promise<void> {
    while (true) {
      stop.throwIfAborted();
      const { done, value } = await iterator.next();
      if (done) return;
      stop.throwIfAborted();
      await work(value, stop);
    }
  }
  // Only the first reason counts; what comes after it is the echo of this abort.
  const runners = Array.from(
    { length: limit },
    () => runner().catch((error) => failure.abort(error)),
  );
  await Promise.all(runners);
  await iterator.return?.();
  signal?.throwIfAborted();
  failure.signal.throwIfAborted();
}
