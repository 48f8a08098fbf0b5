import type { EntryBatch } from "./model/entry_batch.ts";
import { compareAt } from "./model/key_order.ts";

/**
 * Whether two rows show the same bytes, as far as a listing tells: by size and ETag, without the
 * metadata. An ETag that is not known is no evidence.
 */
export function hasSameContent(a: EntryBatch, i: number, b: EntryBatch, j: number): boolean {
  return a.sizes[i] === b.sizes[j] && hasETag(a, i) && compareAt(a.etags, i, b.etags, j) === 0;
}

/** Whether the row says what its ETag is. Files of 2015 do not. */
export function hasETag({ etags: { offsets } }: EntryBatch, row: number): boolean {
  return offsets[row] !== offsets[row + 1];
}

const NULL = new TextEncoder().encode("null");

/** `null` is no identity: it is written over where versioning is suspended. */
export function isNullVersion({ versionIds }: EntryBatch, row: number): boolean {
  const start = versionIds.offsets[row]!;
  return versionIds.offsets[row + 1]! - start === NULL.length &&
    NULL.every((byte, i) => versionIds.bytes[start + i] === byte);
}
