import { BatchCursor } from "../index/batch_cursor.ts";
import { entryAt, type EntryBatch } from "../model/entry_batch.ts";
import { compareAt } from "../model/key_order.ts";
import { hasETag, hasSameContent, isNullVersion } from "../same_content.ts";
import type { Change } from "./change.ts";

/** Changes in a batch, at most. */
const BATCH_LENGTH = 1000;

/**
 * The keys at which two streams of entries differ. Both ascend by key. Holds a batch of each, and
 * makes objects of what differs only.
 */
export async function* compareEntries(
  before: AsyncIterable<EntryBatch>,
  after: AsyncIterable<EntryBatch>,
): AsyncGenerator<Change[]> {
  const a = new BatchCursor(before), b = new BatchCursor(after);
  let changes: Change[] = [];
  try {
    let [inA, inB] = await Promise.all([a.load(), b.load()]);
    while (inA || inB) {
      const order = !inB ? -1 : !inA ? 1 : compareAt(a.batch.keys, a.row, b.batch.keys, b.row);
      const change = changeAt(a, b, order);
      if (change && changes.push(change) === BATCH_LENGTH) {
        yield changes;
        changes = [];
      }
      if (order <= 0) inA = a.step() || await a.load();
      if (order >= 0) inB = b.step() || await b.load();
    }
  } finally {
    await Promise.all([a.close(), b.close()]);
  }
  if (changes.length > 0) yield changes;
}

/** `order` says which of the two stands at the next key: the one before, the one after, or both. */
function changeAt(a: BatchCursor, b: BatchCursor, order: number): Change | undefined {
  if (order === 0 && isSameObject(a.batch, a.row, b.batch, b.row)) return;
  const before = order <= 0 ? entryAt(a.batch, a.row) : null;
  const after = order >= 0 ? entryAt(b.batch, b.row) : null;
  const change = !before ? "added" : !after ? "removed" : "changed";
  return { change, key: (before ?? after)!.key, before, after };
}

/** The rule that {@linkcode diff} documents. */
function isSameObject(a: EntryBatch, i: number, b: EntryBatch, j: number): boolean {
  if (a.sizes[i] !== b.sizes[j]) return false;
  const isSameId = compareAt(a.versionIds, i, b.versionIds, j) === 0;
  if (isSameId && !isNullVersion(a, i)) return true;
  if (hasETag(a, i) && hasETag(b, j)) return hasSameContent(a, i, b, j);
  return isSameId && a.lastModified[i] === b.lastModified[j];
}
