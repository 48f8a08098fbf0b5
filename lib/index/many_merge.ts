import { DELETE_MARKER } from "../model/entry_batch.ts";
import { compareAt, compareAtToBytes, compareKeys } from "../model/key_order.ts";
import { BatchCursor } from "./batch_cursor.ts";
import type { MergeSource } from "./merge_source.ts";

/** An entry at a stop. */
interface Found {
  readonly owners: readonly number[];
  readonly cursor: BatchCursor;
}

/** A source that was reached, and where it stands. */
interface OpenSource extends Found {
  readonly source: MergeSource;
}

/**
 * Sources that stand at one key. Snapshots of one bucket mostly move together: a group costs one
 * comparison a row, where a heap of sources would cost several.
 */
type Group = OpenSource[];

const encoder = new TextEncoder();

/**
 * Many streams of entries, walked together by key: each stop is one key, with all entries that
 * sources have for it. No key occurs twice in a source. Of a source that others patch an entry counts
 * only for the owners whose patches do not have its key.
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
  /** What they come to, patches applied. */
  #found: readonly Found[] = [];
  /** Empty, to be used again. */
  readonly #spare: Group[] = [];
  /** Were stepped behind their batches' ends. */
  readonly #waiting: OpenSource[] = [];

  /** Nothing is opened before the first {@linkcode load}. */
  constructor(sources: readonly MergeSource[]) {
    const byName = new Map(sources.map((source) => [source.name, source]));
    this.#unopened = sources
      .map((source) => ({ source, key: openingKey(source, byName.get(source.patches)) }))
      .sort((a, b) => compareKeys(b.key, a.key))
      .map(({ source, key }) => ({ source, firstKey: encoder.encode(key) }));
  }

  /** How many entries there are for the key of this stop; at least one. */
  get count(): number {
    return this.#found.length;
  }

  /** Where the `n`th of them stands, from 0 up to {@linkcode count}. */
  cursorAt(n: number): BatchCursor {
    return this.#found[n]!.cursor;
  }

  /** Who has it: for one source and no patch the same list each time. */
  ownersAt(n: number): readonly number[] {
    return this.#found[n]!.owners;
  }

  /**
   * Go to the next key, as far as that needs no waiting.
   *
   * @returns False when {@linkcode load} must be called first, or all was seen
   */
  next(): boolean {
    while (this.#nextKey()) {
      this.#found = foundAt(this.#matched);
      if (this.#found.length > 0) return true;
    }
    return false;
  }

  #nextKey(): boolean {
    if (this.#staysAlone()) return true;
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
        this.#waiting.push({ source, owners: source.owners, cursor });
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

  /** Go on in the source that alone has the key of this stop, where no other comes in between. */
  #staysAlone(): boolean {
    if (this.#matched.length !== 1 || this.#waiting.length > 0) return false;
    const { cursor: { batch, row } } = this.#matched[0]!;
    const next = row + 1;
    if (next >= batch.length) return false;
    const least = this.#heap[0]?.at(0);
    if (least && compareAt(batch.keys, next, least.cursor.batch.keys, least.cursor.row) >= 0) {
      return false;
    }
    const unopened = this.#unopened.at(-1);
    if (unopened && compareAtToBytes(batch.keys, next, unopened.firstKey) >= 0) return false;
    return this.#matched[0]!.cursor.step();
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

/**
 * The key at which a source is opened. Patches are opened with what they patch: a store answers many
 * requests at once about as soon as one.
 */
function openingKey({ patches, firstKey = "" }: MergeSource, patched?: MergeSource): string {
  if (patches === undefined || patched?.firstKey === undefined) return firstKey;
  return compareKeys(patched.firstKey, firstKey) < 0 ? patched.firstKey : firstKey;
}

/** What sources at one key come to. Most often it is one alone, which nobody patches there. */
function foundAt(matched: Group): readonly Found[] {
  if (matched.length > 1) return patched(matched);
  return isRemoval(matched[0]!.cursor) ? [] : matched;
}

function patched(matched: Group): Found[] {
  const patchedOwners = new Map<string, Set<number>>();
  for (const { source: { owners, patches } } of matched) {
    if (patches === undefined) continue;
    const known = patchedOwners.get(patches);
    if (!known) patchedOwners.set(patches, new Set(owners));
    else for (const owner of owners) known.add(owner);
  }
  const found: Found[] = [];
  for (const open of matched) {
    if (isRemoval(open.cursor)) continue;
    const { name } = open.source;
    const gone = name === undefined ? undefined : patchedOwners.get(name);
    const owners = gone ? open.owners.filter((owner) => !gone.has(owner)) : open.owners;
    if (owners.length > 0) found.push({ owners, cursor: open.cursor });
  }
  return found;
}

function isRemoval({ batch, row }: BatchCursor): boolean {
  return (batch.flags[row]! & DELETE_MARKER) !== 0;
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
