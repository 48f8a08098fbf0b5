/**
 * Start `work` for up to `limit` items at a time and yield the results in the items' order.
 *
 * A failure is thrown where its result would be. Leaving early starts nothing more; work that was
 * begun runs to its end unseen.
 */
export async function* mapInOrder<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  let next = 0;
  function fill(): void {
    while (next < items.length && running.length < limit) {
      const result = work(items[next++]!);
      // Thrown when its turn comes; until then it is nobody's fault.
      result.catch(() => {});
      running.push(result);
    }
  }
  for (fill(); running.length > 0; fill()) yield await running.shift()!;
}
