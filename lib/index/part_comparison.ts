import { DELETE_MARKER, type EntryBatch, sliceBatch } from "../model/entry_batch.ts";
import { EntryBatchBuilder } from "../model/entry_batch_builder.ts";
import { compareAt } from "../model/key_order.ts";
import { applyPatch } from "./apply_patch.ts";
import { blocksOf } from "./file_reader.ts";

/** The class of a removed key's row, which means nothing. */
const NO_CLASS = { storageClassNames: [""] };

/**
 * Holds entries, as they come, against a part of the snapshot before: what is left of it is a patch.
 * Memory is the part's file, a block of its entries, and the differences.
 */
export class PartComparison {
  /** Entries that the part lacks. */
  added = 0;
  /** Entries of the part that did not come. */
  removed = 0;
  /** Sum of the sizes of the objects that came. */
  objectBytes = 0;
  /** The part's file. */
  readonly bytes: Uint8Array;
  readonly #limit: number;
  readonly #blocks: Iterator<EntryBatch>;
  /** The block that the next entry is held against, and the row; undefined at the part's end. */
  #block: EntryBatch | undefined;
  #row = 0;
  /** Rows of the blocks before. */
  #passed = 0;
  readonly #differences: EntryBatch[] = [];
  readonly #builder = new EntryBatchBuilder(64);
  #count = 0;

  /** With a part's checked bytes, and how many differences are worth a patch. */
  constructor(bytes: Uint8Array, limit: number) {
    this.bytes = bytes;
    this.#limit = limit;
    this.#blocks = blocksOf(bytes);
    this.#nextBlock();
  }

  /** Whether there are more differences than a patch is worth: then nothing more may be added. */
  get isTooMany(): boolean {
    return this.#count > this.#limit;
  }

  /**
   * Add rows `from` up to, not including, `to`, which sort after those added before.
   *
   * @returns The row to go on with: `to`, unless it {@linkcode isTooMany} by then.
   */
  add(batch: EntryBatch, from: number, to: number): number {
    let row = from;
    while (row < to && !this.isTooMany) {
      const order = this.#block ? compareAt(this.#block.keys, this.#row, batch.keys, row) : 1;
      if (order < 0) {
        this.#remove();
        continue;
      }
      if (order > 0) this.#note(batch, row, true);
      else {
        if (!isSameEntry(this.#block!, this.#row, batch, row)) this.#note(batch, row, false);
        this.#step();
      }
      this.objectBytes += batch.sizes[row]!;
      row++;
    }
    return row;
  }

  /** Nothing more comes. @returns False when it {@linkcode isTooMany} */
  finish(): boolean {
    while (this.#block && !this.isTooMany) this.#remove();
    return !this.isTooMany;
  }

  /** The rows of the patch. */
  differences(): readonly EntryBatch[] {
    this.#fill();
    return this.#differences;
  }

  /** All that was added so far, once more. */
  replay(): AsyncGenerator<EntryBatch> {
    const seen = this.#passed + (this.#block ? this.#row : 0);
    return applyPatch(firstRows(blocksOf(this.bytes), seen), inTurn(this.differences()));
  }

  #remove(): void {
    if (!this.#builder.hasRoomFor(NO_CLASS)) this.#fill();
    this.#builder.appendKey(this.#block!.keys, this.#row, DELETE_MARKER);
    this.removed++;
    this.#count++;
    this.#step();
  }

  #note(batch: EntryBatch, row: number, isNew: boolean): void {
    if (!this.#builder.hasRoomFor(batch)) this.#fill();
    this.#builder.appendFrom(batch, row);
    if (isNew) this.added++;
    this.#count++;
  }

  #fill(): void {
    if (this.#builder.length > 0) this.#differences.push(this.#builder.take());
  }

  #step(): void {
    if (++this.#row === this.#block!.length) {
      this.#passed += this.#row;
      this.#nextBlock();
    }
  }

  #nextBlock(): void {
    const { done, value } = this.#blocks.next();
    this.#block = done ? undefined : value;
    this.#row = 0;
  }
}

function isSameEntry(a: EntryBatch, i: number, b: EntryBatch, j: number): boolean {
  return compareAt(a.versionIds, i, b.versionIds, j) === 0 &&
    compareAt(a.etags, i, b.etags, j) === 0 &&
    a.sizes[i] === b.sizes[j] && a.lastModified[i] === b.lastModified[j] &&
    a.storageClassNames[a.storageClasses[i]!] === b.storageClassNames[b.storageClasses[j]!];
}

async function* firstRows(blocks: Iterable<EntryBatch>, rows: number): AsyncGenerator<EntryBatch> {
  let left = rows;
  for (const block of blocks) {
    if (left === 0) return;
    const taken = Math.min(left, block.length);
    yield await Promise.resolve(taken < block.length ? sliceBatch(block, 0, taken) : block);
    left -= taken;
  }
}

async function* inTurn(batches: readonly EntryBatch[]): AsyncGenerator<EntryBatch> {
  for (const batch of batches) yield await Promise.resolve(batch);
}
