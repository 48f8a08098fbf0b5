import type { EntryBatch } from "../model/entry_batch.ts";
import { compareAtToBytes, compareKeys, prefixEnd } from "../model/key_order.ts";
import type { PartInfo } from "../model/manifest.ts";
import { lowerBound, upperBound } from "./part_bounds.ts";

const encoder = new TextEncoder();

/** The keys that begin with a prefix and sort after another key. */
export class KeyRange {
  readonly #prefix: string;
  readonly #after: string | undefined;
  readonly #start: Uint8Array;
  readonly #end: Uint8Array | undefined;
  readonly #afterBytes: Uint8Array | undefined;

  /** All keys with an empty `prefix` and without `after`. */
  constructor(prefix: string, after: string | undefined) {
    this.#prefix = prefix;
    this.#after = after;
    this.#start = encoder.encode(prefix);
    this.#end = prefixEnd(this.#start);
    this.#afterBytes = after === undefined ? undefined : encoder.encode(after);
  }

  /** Whether some of a part's keys may be in the range. */
  mayMeet(part: PartInfo): boolean {
    const firstKey = lowerBound(part), lastKey = upperBound(part);
    const isBehind = compareKeys(this.#prefix, firstKey) < 0 && !firstKey.startsWith(this.#prefix);
    return !isBehind && compareKeys(lastKey, this.#prefix) >= 0 &&
      (this.#after === undefined || compareKeys(lastKey, this.#after) > 0);
  }

  /** The rows of a batch that are in the range: the first, and the one after the last. */
  rowsOf({ length, keys }: EntryBatch): [start: number, end: number] {
    const start = this.#start, end = this.#end, after = this.#afterBytes;
    return [
      firstRow(length, (row) =>
        compareAtToBytes(keys, row, start) >= 0 &&
        (after === undefined || compareAtToBytes(keys, row, after) > 0)),
      end ? firstRow(length, (row) => compareAtToBytes(keys, row, end) >= 0) : length,
    ];
  }
}

/** The first row for which `holds`, by halving: it holds for all rows behind one. */
function firstRow(length: number, holds: (row: number) => boolean): number {
  let low = 0, high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
