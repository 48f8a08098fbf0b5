import { DELETE_MARKER, type EntryBatch, sliceBatch } from "./model/entry_batch.ts";
import { EntryBatchBuilder } from "./model/entry_batch_builder.ts";
import { compareAt } from "./model/key_order.ts";

/**
 * What a bucket held at one moment: for each key its newest version that is not dated after `asOf`,
 * and nothing where that is a delete marker. `versions` is a listing: keys ascending, the versions
 * of one key newest first, which may be spread over several batches.
 *
 * The server's order decides, not its dates: they are shown to the second or millisecond, so
 * versions of one key may be dated alike. S3 dates a multipart upload by its initiation: one that
 * was begun before `asOf` and completed after it belongs to the result, though nobody could read it
 * at that moment.
 *
 * Batches come out with flags 0, none of them empty, and may share memory with those that came in.
 * Holds two batches at a time.
 *
 * @param asOf Milliseconds since 1970, by the clock that dated the versions.
 */
export async function* selectCurrent(
  versions: AsyncIterable<EntryBatch>,
  asOf: number,
): AsyncGenerator<EntryBatch> {
  const builder = new EntryBatchBuilder();
  let decided: Row | undefined;
  for await (const batch of versions) {
    const rows: number[] = [];
    decided = selectFrom(batch, asOf, decided, rows);
    if (rows.length > 0) yield take(batch, rows, builder);
  }
}

interface Row {
  readonly batch: EntryBatch;
  readonly row: number;
}

/**
 * Adds the rows that are selected to `rows`. `decided` is the last row of the key that was decided
 * last; so is what is returned.
 */
function selectFrom(
  batch: EntryBatch,
  asOf: number,
  decided: Row | undefined,
  rows: number[],
): Row | undefined {
  let from = decided?.batch, fromRow = decided?.row ?? 0;
  for (let row = 0; row < batch.length; row++) {
    if (from && compareAt(from.keys, fromRow, batch.keys, row) === 0) continue;
    if (batch.lastModified[row]! > asOf) continue;
    if ((batch.flags[row]! & DELETE_MARKER) === 0) rows.push(row);
    from = batch;
    fromRow = row;
  }
  return from && { batch: from, row: fromRow };
}

/** The rows as a batch, not copied where they stand together: most keys have one version. */
function take(
  batch: EntryBatch,
  rows: readonly number[],
  builder: EntryBatchBuilder,
): EntryBatch {
  const first = rows[0]!, last = rows.at(-1)!;
  if (last - first === rows.length - 1) {
    return { ...sliceBatch(batch, first, last + 1), flags: new Uint8Array(rows.length) };
  }
  for (const row of rows) builder.appendFrom(batch, row, 0);
  return builder.take();
}
