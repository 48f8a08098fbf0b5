import type { EntryBatch } from "../model/entry_batch.ts";

/**
 * Walks over batches row by row: within a batch without waiting and without allocating, so that a
 * loop over millions of rows is as fast as one over arrays.
 *
 * ```ts
 * import { BatchCursor } from "./batch_cursor.ts";
 * import type { EntryBatch } from "../model/entry_batch.ts";
 *
 * async function totalSize(batches: AsyncIterable<EntryBatch>): Promise<number> {
 *   await using cursor = new BatchCursor(batches);
 *   let total = 0;
 *   while (await cursor.load()) {
 *     do total += cursor.batch.sizes[cursor.row]!; while (cursor.step());
 *   }
 *   return total;
 * }
 * ```
 */
export class BatchCursor implements AsyncDisposable {
  readonly #batches: AsyncIterator<EntryBatch>;
  #ended = false;
  /** What {@linkcode begin} asked for, and {@linkcode load} has not taken yet. */
  #begun: Promise<IteratorResult<EntryBatch>> | undefined;
  /** The batch it stands in; without rows before the first {@linkcode load} and at the end. */
  batch: EntryBatch = EMPTY;
  /** The row of {@linkcode batch} it stands at. */
  row = 0;

  /** Begin before the first batch. */
  constructor(batches: AsyncIterable<EntryBatch>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** Whether it stands at a row. */
  get isAtRow(): boolean {
    return this.row < this.batch.length;
  }

  /** Whether it stands at a row or knows that there are no more: no {@linkcode load} is due. */
  get isReady(): boolean {
    return this.row < this.batch.length || this.#ended;
  }

  /** Go to the next row of the batch. @returns False behind its last: {@linkcode load} then */
  step(): boolean {
    return ++this.row < this.batch.length;
  }

  /** Begin to get the first batch. A failure is thrown by {@linkcode load}. */
  begin(): void {
    this.#begun = this.#batches.next();
    // Until then it is nobody's fault.
    this.#begun.catch(() => {});
  }

  /** Go to the first row of the next batch that has one. @returns False when there is none */
  async load(): Promise<boolean> {
    this.batch = EMPTY;
    this.row = 0;
    while (!this.#ended) {
      const begun = this.#begun;
      this.#begun = undefined;
      const next = await (begun ?? this.#batches.next());
      if (next.done) this.#ended = true;
      else if (next.value.length > 0) {
        this.batch = next.value;
        return true;
      }
    }
    return false;
  }

  /** Let go of what the batches come from. Needed unless they were read to their end. */
  async close(): Promise<void> {
    this.#ended = true;
    this.batch = EMPTY;
    this.row = 0;
    await this.#batches.return?.();
  }

  /** Same as {@linkcode close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

const EMPTY: EntryBatch = {
  length: 0,
  keys: { bytes: new Uint8Array(), offsets: new Uint32Array(1) },
  versionIds: { bytes: new Uint8Array(), offsets: new Uint32Array(1) },
  etags: { bytes: new Uint8Array(), offsets: new Uint32Array(1) },
  sizes: new Float64Array(),
  lastModified: new Float64Array(),
  storageClasses: new Uint8Array(),
  storageClassNames: [],
  flags: new Uint8Array(),
};
