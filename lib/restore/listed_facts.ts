import { BatchCursor } from "../index/batch_cursor.ts";
import type { EntryBatch } from "../model/entry_batch.ts";
import { EntryBatchBuilder } from "../model/entry_batch_builder.ts";
import { compareAt } from "../model/key_order.ts";

/** Entries a batch. */
const BATCH_LENGTH = 1000;

/**
 * Add to entries that say no more than key, version id and size what a listing of their bucket says
 * of these versions: ETag and storage class. An entry whose version is not listed, or has another
 * size there, stays as it is; copying it will tell why. Both ascend by key.
 */
export async function* withListedFacts(
  entries: AsyncIterable<EntryBatch>,
  versions: AsyncIterable<EntryBatch>,
): AsyncGenerator<EntryBatch> {
  await using entry = new BatchCursor(entries);
  await using version = new BatchCursor(versions);
  const facts = new EntryBatchBuilder(BATCH_LENGTH);
  await version.load();
  while (entry.step() || await entry.load()) {
    while (version.isAtRow && isBefore(version, entry)) {
      if (!version.step()) await version.load();
    }
    const isListed = version.isAtRow && isOfSameKeyAndSize(version, entry);
    const { batch, row } = isListed ? version : entry;
    facts.appendFrom(batch, row, entry.batch.flags[entry.row]!);
    if (facts.length >= BATCH_LENGTH) yield facts.take();
  }
  if (facts.length > 0) yield facts.take();
}

/** Whether the version is of an earlier key, or a newer one of the key than the entry names. */
function isBefore(version: BatchCursor, entry: BatchCursor): boolean {
  const order = compareAt(version.batch.keys, version.row, entry.batch.keys, entry.row);
  return order < 0 || order === 0 && !isSameId(version, entry);
}

/** Of the same key, the version is the one that the entry names: all others are before it. */
function isOfSameKeyAndSize(version: BatchCursor, entry: BatchCursor): boolean {
  return compareAt(version.batch.keys, version.row, entry.batch.keys, entry.row) === 0 &&
    version.batch.sizes[version.row] === entry.batch.sizes[entry.row];
}

function isSameId(a: BatchCursor, b: BatchCursor): boolean {
  return compareAt(a.batch.versionIds, a.row, b.batch.versionIds, b.row) === 0;
}
