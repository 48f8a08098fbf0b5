import type { EntryBatch } from "../model/entry_batch.ts";
import { compareAtToBytes } from "../model/key_order.ts";
import type { KeyGlob } from "./key_glob.ts";

/** What was asked for and selected nothing, though something else did: most likely mistyped. */
export interface Unmatched {
  /** Those with which no selected key begins, on neither side. */
  readonly prefixes: readonly string[];
  /** Patterns of `include` that no key matched. */
  readonly include: readonly string[];
}

/** A pattern, as it was written and as it is read. */
export interface IncludeGlob extends KeyGlob {
  readonly pattern: string;
}

/**
 * Remembers which prefixes and patterns have met a key. It holds no keys. A prefix costs a search in
 * each batch until it has met one, and nothing after that.
 */
export class SelectorHits {
  readonly #include: readonly IncludeGlob[];
  readonly #metGlobs = new Set<IncludeGlob>();
  /** Prefixes that have met no key yet. */
  readonly #pending: Set<string>;

  /** Nothing has met anything yet. */
  constructor(prefixes: readonly string[], include: readonly IncludeGlob[]) {
    this.#pending = new Set(prefixes);
    this.#include = include;
  }

  /** Whether a key matches a pattern, or there is none. */
  isIncluded(key: string): boolean {
    let isIncluded = this.#include.length === 0;
    for (const glob of this.#include) {
      if (isIncluded && this.#metGlobs.has(glob)) continue;
      if (!glob.matches(key)) continue;
      isIncluded = true;
      this.#metGlobs.add(glob);
    }
    return isIncluded;
  }

  /** Selected entries of a scope as they come; each batch ascends by key. */
  async *seen(batches: AsyncIterable<EntryBatch>, scope: string): AsyncGenerator<EntryBatch> {
    let pending = this.#pendingIn(scope);
    for await (const batch of batches) {
      for (const { text, bytes } of pending) {
        if (hasPrefix(batch, bytes)) this.#pending.delete(text);
      }
      if (pending.length > 0) pending = pending.filter(({ text }) => this.#pending.has(text));
      yield batch;
    }
  }

  /** Where many prefixes are asked for, few of them concern one scope. */
  #pendingIn(scope: string) {
    const encoder = new TextEncoder();
    return [...this.#pending]
      .filter((prefix) => prefix.startsWith(scope) || scope.startsWith(prefix))
      .map((text) => ({ text, bytes: encoder.encode(text) }));
  }

  /** What has met no key so far. */
  get unmatched(): Unmatched {
    return {
      prefixes: [...this.#pending],
      include: this.#include.filter((glob) => !this.#metGlobs.has(glob))
        .map(({ pattern }) => pattern),
    };
  }
}

/** Whether a key of the batch begins with these bytes: then the first that does not sort before them does. */
function hasPrefix({ keys, length }: EntryBatch, prefix: Uint8Array): boolean {
  let low = 0, high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareAtToBytes(keys, middle, prefix) < 0) low = middle + 1;
    else high = middle;
  }
  if (low === length) return false;
  const from = keys.offsets[low]!;
  if (keys.offsets[low + 1]! - from < prefix.length) return false;
  return prefix.every((byte, i) => keys.bytes[from + i] === byte);
}
