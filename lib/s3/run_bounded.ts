/**
 * Call `work` for each item, at most `limit` at once. The first failure stops what has not begun
 * and aborts the signal that `work` is given; it is thrown once all that had begun has ended.
 *
 * @param signal Abort: as a failure, with its reason.
 */
export async function runBounded<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const failure = new AbortController();
  const stop = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
  const queue = items.values();
  async function runner(): Promise<void> {
    for (const item of queue) {
      stop.throwIfAborted();
      await work(item, stop);
    }
  }
  const runners = Array.from(
    { length: Math.min(limit, items.length) },
    () =>
      runner().catch((error) => {
        // Later failures are the echo of this abort, or told by the first one's message.
        if (!failure.signal.aborted) failure.abort(error);
      }),
  );
  await Promise.all(runners);
  signal?.throwIfAborted();
  if (failure.signal.aborted) throw failure.signal.reason;
}
