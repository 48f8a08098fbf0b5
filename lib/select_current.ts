import { DELETE_MARKER, type EntryBatch } from "./model/entry_batch.ts";
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
 * Batches come out with flags 0, none of them empty. Holds two batches at a time.
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
    decided = selectFrom(batch, asOf, decided, builder);
    if (builder.length > 0) yield builder.take();
  }
}

interface Row {
  readonly batch: EntryBatch;
  readonly row: number;
}

/** `decided` is the last row of the key that was decided last; so is what is returned. */
function selectFrom(
  batch: EntryBatch,
  asOf: number,
  decided: Row | undefined,
  selected: EntryBatchBuilder,
): Row | undefined {
  let from = decided?.batch, fromRow = decided?.row ?? 0;
  for (let row = 0; row < batch.length; row++) {
    if (from && compareAt(from.keys, fromRow, batch.keys, row) === 0) continue;
    if (batch.lastModified[row]! > asOf) continue;
    if ((batch.flags[row]! & DELETE_MARKER) === 0) selected.appendFrom(batch, row, 0);
    from = batch;
    fromRow = row;
  }
  return from && { batch: from, row: fromRow };
}
