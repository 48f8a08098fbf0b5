/**
 * Call `work` for each item of a stream, at most `limit` at once; the stream is asked for more only
 * when there is room. The first failure stops what has not begun, aborts the signal that `work` is
 * given, and is thrown once all that had begun has ended.
 *
 * @param signal Abort: as a failure, with its reason.
 */
export async function forEach<Item>(
  items: AsyncIterable<Item>,
  limit: number,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  const iterator = items[Symbol.asyncIterator]();
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
  signal.throwIfAborted();
  failure.signal.throwIfAborted();
}
