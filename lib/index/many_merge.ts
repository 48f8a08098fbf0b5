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
  /** Where others patch it: for whom they do. */
  readonly patched: PatchedOwners | undefined;
  /** Where it patches another: for whom that one is patched. */
  readonly patches: PatchedOwners | undefined;
}

/** For whom a source is patched at a stop. Used again at each, since stops are many. */
class PatchedOwners {
  #stop = 0;
  /** By owner: the last stop at which it is patched for them. */
  readonly #stops: number[] = [];

  /** Say that it is patched for these. */
  add(owners: readonly number[], stop: number): void {
    this.#stop = stop;
    for (const owner of owners) this.#stops[owner] = stop;
  }

  /** Of its owners those for whom it is not: the very list where that is all of them. */
  othersOf(owners: readonly number[], stop: number): readonly number[] {
    if (this.#stop !== stop) return owners;
    const others: number[] = [];
    for (const owner of owners) if (this.#stops[owner] !== stop) others.push(owner);
    return others;
  }
}

/**
 * Sources that stand at one key. Snapshots of one bucket mostly move together: a group costs one
 * comparison a row, where a heap of sources would cost several.
 */
type Group = OpenSource[];

/** A source that was not reached. */
interface Unopened {
  readonly source: MergeSource;
  /** Its key in UTF-8: see {@linkcode openingKey}. */
  readonly firstKey: Uint8Array;
  /** Once it is being read ahead. */
  ahead?: OpenSource;
}

/** How a merge reads. */
export interface ManyMergeOptions {
  /**
   * Sources of which the first batch is read before the merge reaches them, at most: it need not wait
   * for a store to begin to answer. Default: 32.
   */
  readonly ahead?: number;
}

const DEFAULT_AHEAD = 32;

const encoder = new TextEncoder();

/**
 * Many streams of entries, walked together by key: each stop is one key, with all entries that
 * sources have for it. No key occurs twice in a source. Of a source that others patch an entry counts
 * only for the owners whose patches do not have its key.
 *
 * Only sources that the merge has reached are open, and a few that come next, a batch of each in
 * memory. Rows that come from
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
  readonly #unopened: Unopened[];
  /** So many of them, those that come next, are read ahead. */
  #ahead = 0;
  readonly #maxAhead: number;
  /** Stand at rows; a binary heap, the least key first. */
  readonly #heap: Group[] = [];
  /** Stand at the key of this stop. */
  #matched: Group = [];
  /** What they come to, patches applied. */
  #found: readonly Found[] = [];
  /** Were stepped behind their batches' ends. */
  readonly #waiting: OpenSource[] = [];
  /** By the names of sources that others patch. */
  readonly #patched: ReadonlyMap<string, PatchedOwners>;
  /** Counts the stops at which patches may matter. */
  #stop = 0;

  /** Nothing is opened before the first {@linkcode load}. */
  constructor(
    sources: readonly MergeSource[],
    { ahead = DEFAULT_AHEAD }: ManyMergeOptions = {},
  ) {
    this.#maxAhead = ahead;
    const byName = new Map(sources.map((source) => [source.name, source]));
    this.#patched = new Map(
      sources.flatMap(({ patches }) =>
        patches === undefined ? [] : [[patches, new PatchedOwners()]]
      ),
    );
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
      this.#found = this.#foundAt(this.#matched);
      if (this.#found.length > 0) return true;
    }
    return false;
  }

  /**
   * Go to the last of the keys that the source at this stop alone has, as far as its batch goes:
   * {@linkcode next} would stop at each with the same owners. Stays where sources share the key.
   */
  passAlone(): void {
    if (this.#matched.length !== 1 || this.#waiting.length > 0) return;
    const { cursor } = this.#matched[0]!;
    let step = 1, last = cursor.row;
    for (; this.#isAlone(last + step); step *= 2) last += step;
    for (; step >= 1; step /= 2) if (this.#isAlone(last + step)) last += step;
    cursor.row = last;
  }

  #nextKey(): boolean {
    if (this.#staysAlone()) return true;
    this.#leaveStop();
    const heap = this.#heap;
    if (heap.length === 0 || this.#waiting.length > 0 || this.#mustOpen()) return false;
    const least = pop(heap);
    while (heap.length > 0 && compare(heap[0]!, least) === 0) {
      for (const same of pop(heap)) least.push(same);
    }
    this.#matched = least;
    return true;
  }

  /** Wait for rows, and open sources that the merge has reached. @returns False at the end */
  async load(): Promise<boolean> {
    this.#leaveStop();
    do {
      while (this.#unopened.length > 0 && (this.#isIdle() || this.#mustOpen())) {
        this.#waiting.push(this.#openNext());
      }
      this.#readAhead();
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
    const ahead = this.#unopened.flatMap(({ ahead = [] }) => ahead);
    const open = [...this.#heap.flat(), ...this.#matched, ...this.#waiting, ...ahead];
    this.#unopened.length = 0;
    await Promise.all(open.map(({ cursor }) => cursor.close()));
  }

  #openNext(): OpenSource {
    const { source, ahead } = this.#unopened.pop()!;
    if (!ahead) return this.#open(source);
    this.#ahead--;
    return ahead;
  }

  #readAhead(): void {
    const { length } = this.#unopened;
    for (; this.#ahead < Math.min(this.#maxAhead, length); this.#ahead++) {
      const next = this.#unopened[length - 1 - this.#ahead]!;
      next.ahead = this.#open(next.source);
    }
  }

  #open(source: MergeSource): OpenSource {
    const { owners, name, patches } = source;
    const cursor = new BatchCursor(source.open());
    cursor.begin();
    return {
      source,
      owners,
      cursor,
      patched: name === undefined ? undefined : this.#patched.get(name),
      patches: patches === undefined ? undefined : this.#patched.get(patches),
    };
  }

  /** What sources at one key come to. Most often it is one alone, which nobody patches there. */
  #foundAt(matched: Group): readonly Found[] {
    if (matched.length > 1) return patchedAt(matched, ++this.#stop);
    return isRemoval(matched[0]!) ? [] : matched;
  }

  #leaveStop(): void {
    let group: Group | undefined;
    for (const source of this.#matched) {
      if (!source.cursor.step()) this.#waiting.push(source);
      else if (group && compareSources(group[0]!, source) === 0) group.push(source);
      else push(this.#heap, group = [source]);
    }
    this.#matched = [];
  }

  /** Go on in the source that alone has the key of this stop, where no other comes in between. */
  #staysAlone(): boolean {
    if (this.#matched.length !== 1 || this.#waiting.length > 0) return false;
    const { cursor } = this.#matched[0]!;
    return this.#isAlone(cursor.row + 1) && cursor.step();
  }

  /** Whether a row of the source that alone has this stop's key is before all that others have. */
  #isAlone(row: number): boolean {
    const { batch: { keys, length } } = this.#matched[0]!.cursor;
    if (row >= length) return false;
    const least = this.#heap[0]?.[0];
    if (least && compareAt(keys, row, least.cursor.batch.keys, least.cursor.row) >= 0) return false;
    const unopened = this.#unopened.at(-1);
    return !unopened || compareAtToBytes(keys, row, unopened.firstKey) < 0;
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

function patchedAt(matched: Group, stop: number): Found[] {
  for (const { owners, patches } of matched) patches?.add(owners, stop);
  const found: Found[] = [];
  for (const open of matched) {
    if (isRemoval(open)) continue;
    const owners = open.patched ? open.patched.othersOf(open.owners, stop) : open.owners;
    if (owners === open.owners) found.push(open);
    else if (owners.length > 0) found.push({ owners, cursor: open.cursor });
  }
  return found;
}

function isRemoval({ patches, cursor: { batch, row } }: OpenSource): boolean {
  return patches !== undefined && (batch.flags[row]! & DELETE_MARKER) !== 0;
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
