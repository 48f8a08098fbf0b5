import { DELETE_MARKER, type EntryBatch } from "../model/entry_batch.ts";
import { EntryBatchBuilder } from "../model/entry_batch_builder.ts";
import { compareAt } from "../model/key_order.ts";
import type { PatchInfo } from "../model/manifest.ts";
import { BatchCursor } from "./batch_cursor.ts";
import { Damage } from "./damage.ts";

/** What a patch did to the part it belongs to. */
export type PatchCounts = Pick<PatchInfo, "added" | "removed">;

/**
 * The entries of a part with a patch applied: a row of the patch takes the place of the entry with
 * its key, or is added where there is none; one that is flagged `DELETE_MARKER` takes the entry away.
 * Blocks in which nothing changes are passed on as they are; none of those that are yielded is empty.
 *
 * @param counts What the patch is known to do. Default: it is not checked.
 * @throws {Damage} when a key is removed that is not there, or the patch does not do what is known
 */
export async function* applyPatch(
  entries: AsyncIterable<EntryBatch>,
  patch: AsyncIterable<EntryBatch>,
  counts?: PatchCounts,
): AsyncGenerator<EntryBatch> {
  await using changes = new BatchCursor(patch);
  const patcher = new Patcher(changes);
  await changes.load();
  for await (const batch of entries) {
    patcher.begin(batch);
    while (changes.isAtRow && patcher.reaches()) if (!patcher.step()) await changes.load();
    yield* patcher.end();
  }
  while (changes.isAtRow) {
    do patcher.add(); while (changes.step());
    await changes.load();
    yield* patcher.take();
  }
  if (counts && (patcher.added !== counts.added || patcher.removed !== counts.removed)) {
    throw new Damage("it does not fit the part that it belongs to");
  }
}

/** Applies rows of a patch to one block after another. */
class Patcher {
  added = 0;
  removed = 0;
  readonly #changes: BatchCursor;
  readonly #builder = new EntryBatchBuilder();
  /** Batches that are full, since a batch can name only so many storage classes. */
  readonly #full: EntryBatch[] = [];
  #batch: EntryBatch | undefined;
  /** Rows of the block before it are done. */
  #row = 0;

  constructor(changes: BatchCursor) {
    this.#changes = changes;
  }

  begin(batch: EntryBatch): void {
    this.#batch = batch;
    this.#row = 0;
  }

  /** Whether the patch's row belongs into the block, or before it. */
  reaches(): boolean {
    const { batch, row } = this.#changes;
    return compareAt(batch.keys, row, this.#batch!.keys, this.#batch!.length - 1) <= 0;
  }

  /** Apply the patch's row. @returns False when its batch has no more. */
  step(): boolean {
    const block = this.#batch!;
    const { batch, row } = this.#changes;
    const at = firstNotBefore(block, this.#row, batch, row);
    this.#copy(block, this.#row, at);
    const isThere = compareAt(block.keys, at, batch.keys, row) === 0;
    this.#row = isThere ? at + 1 : at;
    if (!isThere) this.add();
    else if ((batch.flags[row]! & DELETE_MARKER) !== 0) this.removed++;
    else this.#copy(batch, row, row + 1);
    return this.#changes.step();
  }

  /** Add the patch's row, whose key the part lacks. */
  add(): void {
    const { batch, row } = this.#changes;
    if ((batch.flags[row]! & DELETE_MARKER) !== 0) {
      throw new Damage("it removes a key that the part that it belongs to lacks");
    }
    this.#copy(batch, row, row + 1);
    this.added++;
  }

  /** What the block came to. */
  end(): EntryBatch[] {
    const block = this.#batch!;
    const isUntouched = this.#row === 0 && this.#full.length === 0 && this.#builder.length === 0;
    if (isUntouched) return [block];
    this.#copy(block, this.#row, block.length);
    return this.take();
  }

  /** All rows so far. */
  take(): EntryBatch[] {
    if (this.#builder.length > 0) this.#full.push(this.#builder.take());
    return this.#full.splice(0);
  }

  #copy(batch: EntryBatch, from: number, to: number): void {
    if (from === to) return;
    if (!this.#builder.hasRoomFor(batch)) this.#full.push(this.#builder.take());
    this.#builder.appendRows(batch, from, to);
  }
}

/** The first row of a block, from `low` on, whose key is not before that of a patch's row. */
function firstNotBefore(block: EntryBatch, low: number, patch: EntryBatch, row: number): number {
  let high = block.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareAt(block.keys, middle, patch.keys, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
