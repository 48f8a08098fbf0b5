import { type EntryBatch, sliceBatch, textAt } from "../model/entry_batch.ts";
import { EntryBatchBuilder } from "../model/entry_batch_builder.ts";
import { NameCursor } from "../model/name_cursor.ts";

/** Flag of an entry that stands for a key which was named and which the snapshot lacks. */
export const ABSENT_NAME = 4;

/** Rows a batch. */
const BATCH_LENGTH = 1000;

/** The rows whose key matches. Batches may share memory with those that came in. */
export async function* selectMatching(
  batches: AsyncIterable<EntryBatch>,
  matches: (key: string) => boolean,
): AsyncGenerator<EntryBatch> {
  const builder = new EntryBatchBuilder();
  for await (const batch of batches) {
    const rows: number[] = [];
    for (let row = 0; row < batch.length; row++) {
      if (matches(textAt(batch.keys, row))) rows.push(row);
    }
    if (rows.length === batch.length) yield sliceBatch(batch, 0, batch.length);
    else if (rows.length > 0) {
      for (const row of rows) builder.appendFrom(batch, row);
      yield builder.take();
    }
  }
}

/**
 * The entries of the keys named, and for each name that has none a row with the flag
 * {@linkcode ABSENT_NAME} and nothing but its key.
 *
 * @param names Ascending, each once.
 */
export async function* selectNamed(
  entries: AsyncIterable<EntryBatch>,
  names: readonly string[],
): AsyncGenerator<EntryBatch> {
  const cursor = new NameCursor(names), builder = new EntryBatchBuilder();
  for await (const batch of entries) {
    for (let row = 0; row < batch.length; row++) {
      while (cursor.compare(batch, row) > 0) {
        addAbsent(cursor, builder);
        if (builder.length >= BATCH_LENGTH) yield builder.take();
      }
      if (cursor.compare(batch, row) !== 0) continue;
      builder.appendFrom(batch, row);
      cursor.step();
    }
    if (builder.length > 0) yield builder.take();
    if (cursor.name === undefined) return;
  }
  while (cursor.name !== undefined) {
    addAbsent(cursor, builder);
    if (builder.length >= BATCH_LENGTH) yield builder.take();
  }
  if (builder.length > 0) yield builder.take();
}

const NOTHING = { versionId: "", size: 0, etag: "", lastModified: 0, storageClass: "" };

function addAbsent(cursor: NameCursor, builder: EntryBatchBuilder): void {
  builder.append({ key: cursor.name!, ...NOTHING }, ABSENT_NAME);
  cursor.step();
}
