/**
 * All items of many streams, one stream after another, each begun while the one before it is
 * still being read: its first item is waiting when its turn comes. Hides the time that a store
 * takes to begin to answer, for the price of an item in memory.
 *
 * A failure is thrown when its turn comes. Leaving early closes what was begun.
 */
export async function* readAhead<Item>(
  streams: readonly (() => AsyncGenerator<Item>)[],
): AsyncGenerator<Item> {
  let next = begin(streams[0]);
  try {
    for (let i = 1; next; i++) {
      const { stream, first } = next;
      const ahead = begin(streams[i]);
      try {
        for (let item = await first; !item.done; item = await stream.next()) yield item.value;
      } finally {
        next = ahead;
        await stream.return(undefined);
      }
    }
  } finally {
    await next?.stream.return(undefined);
  }
}

interface Begun<Item> {
  readonly stream: AsyncGenerator<Item>;
  readonly first: Promise<IteratorResult<Item>>;
}

function begin<Item>(open: (() => AsyncGenerator<Item>) | undefined): Begun<Item> | undefined {
  if (!open) return;
  const stream = open();
  const first = stream.next();
  // Thrown when its turn comes; until then it is nobody's fault.
  first.catch(() => {});
  return { stream, first };
}
