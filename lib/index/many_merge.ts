import { compareAt, compareAtToBytes, compareKeys } from "../model/key_order.ts";
import { BatchCursor } from "./batch_cursor.ts";
import type { MergeSource } from "./merge_source.ts";

/** A source that was reached, and where it stands. */
interface OpenSource {
  readonly owners: readonly number[];
  readonly cursor: BatchCursor;
}

/**
 * Sources that stand at one key. Snapshots of one bucket mostly move together: a group costs one
 * comparison a row, where a heap of sources would cost several.
 */
type Group = OpenSource[];

const encoder = new TextEncoder();

/**
 * Many streams of entries, walked together by key: each stop is one key, with all sources that
 * have it. No key occurs twice in a source.
 *
 * Only sources that the merge has reached are open, a batch of each in memory. Rows that come from
 * one source alone, such as a part that many snapshots share, cost no comparison.
 *
 * ```ts
 * import { ManyMerge } from "./many_merge.ts";
 * import type { MergeSource } from "./merge_source.ts";
 *
 * async function countKeysInAll(sources: readonly MergeSource[]): Promise<number> {
 *   await using merge = new ManyMerge(sources);
 *   let inAll = 0;
 *   while (await merge.load()) {
 *     while (merge.next()) if (merge.count === sources.length) inAll++;
 *   }
 *   return inAll;
 * }
 * ```
 */
export class ManyMerge implements AsyncDisposable {
  /** By first key, the last first. */
  readonly #unopened: { readonly source: MergeSource; readonly firstKey: Uint8Array }[];
  /** Stand at rows; a binary heap, the least key first. */
  readonly #heap: Group[] = [];
  /** Stand at the key of this stop. */
  #matched: Group = [];
  /** Empty, to be used again. */
  readonly #spare: Group[] = [];
  /** Were stepped behind their batches' ends. */
  readonly #waiting: OpenSource[] = [];

  /** Nothing is opened before the first {@linkcode load}. */
  constructor(sources: readonly MergeSource[]) {
    this.#unopened = sources
      .toSorted((a, b) => compareKeys(b.firstKey ?? "", a.firstKey ?? ""))
      .map((source) => ({ source, firstKey: encoder.encode(source.firstKey ?? "") }));
  }

  /** How many sources have the key of this stop. */
  get count(): number {
    return this.#matched.length;
  }

  /** The row of the `n`th source that has the key, from 0 up to {@linkcode count}. */
  cursorAt(n: number): BatchCursor {
    return this.#matched[n]!.cursor;
  }

  /** The owners of that source. */
  ownersAt(n: number): readonly number[] {
    return this.#matched[n]!.owners;
  }

  /**
   * Go to the next key, as far as that needs no waiting.
   *
   * @returns False when {@linkcode load} must be called first, or all was seen
   */
  next(): boolean {
    this.#leaveStop();
    const heap = this.#heap;
    if (heap.length === 0 || this.#waiting.length > 0 || this.#mustOpen()) return false;
    const least = pop(heap);
    while (heap.length > 0 && compare(heap[0]!, least) === 0) {
      const same = pop(heap);
      least.push(...same);
      this.#recycle(same);
    }
    this.#recycle(this.#matched);
    this.#matched = least;
    return true;
  }

  /** Wait for rows, and open sources that the merge has reached. @returns False at the end */
  async load(): Promise<boolean> {
    this.#leaveStop();
    do {
      while (this.#unopened.length > 0 && (this.#isIdle() || this.#mustOpen())) {
        const { source } = this.#unopened.pop()!;
        const cursor = new BatchCursor(source.open());
        this.#waiting.push({ owners: source.owners, cursor });
      }
      // Kept in #waiting until they are loaded, so that closing finds them.
      await Promise.all(this.#waiting.map(({ cursor }) => cursor.load()));
      for (const source of this.#waiting.splice(0)) {
        if (source.cursor.isAtRow) push(this.#heap, [source]);
      }
    } while (this.#unopened.length > 0 && (this.#heap.length === 0 || this.#mustOpen()));
    return this.#heap.length > 0;
  }

  /** Let go of every source that is open. */
  async [Symbol.asyncDispose](): Promise<void> {
    const open = [...this.#heap.flat(), ...this.#matched, ...this.#waiting];
    this.#unopened.length = 0;
    await Promise.all(open.map(({ cursor }) => cursor.close()));
  }

  #leaveStop(): void {
    let group: Group | undefined;
    for (const source of this.#matched) {
      if (!source.cursor.step()) this.#waiting.push(source);
      else if (group && compareSources(group[0]!, source) === 0) group.push(source);
      else {
        group = this.#spare.pop() ?? [];
        group.push(source);
        push(this.#heap, group);
      }
    }
    this.#matched.length = 0;
  }

  #recycle(group: Group): void {
    group.length = 0;
    this.#spare.push(group);
  }

  #isIdle(): boolean {
    return this.#heap.length === 0 && this.#waiting.length === 0;
  }

  /** Whether the next source may have a key up to the least that is known. */
  #mustOpen(): boolean {
    if (this.#unopened.length === 0 || this.#heap.length === 0) return false;
    const { batch, row } = this.#heap[0]![0]!.cursor;
    return compareAtToBytes(batch.keys, row, this.#unopened.at(-1)!.firstKey) >= 0;
  }
}

function compare(a: Group, b: Group): number {
  return compareSources(a[0]!, b[0]!);
}

function compareSources(a: OpenSource, b: OpenSource): number {
  return compareAt(a.cursor.batch.keys, a.cursor.row, b.cursor.batch.keys, b.cursor.row);
}

function push(heap: Group[], group: Group): void {
  let at = heap.push(group) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (compare(heap[parent]!, group) <= 0) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = group;
}

function pop(heap: Group[]): Group {
  const least = heap[0]!;
  const last = heap.pop()!;
  if (heap.length === 0) return least;
  let at = 0;
  for (let child = 1; child < heap.length; child = at * 2 + 1) {
    if (child + 1 < heap.length && compare(heap[child + 1]!, heap[child]!) < 0) child++;
    if (compare(last, heap[child]!) <= 0) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return least;
}
