import type { ByteColumn } from "../model/entry_batch.ts";
import { compareAt } from "../model/key_order.ts";
import type { BatchCursor } from "./batch_cursor.ts";

/**
 * Two streams of entries, walked together by key: a snapshot and a bucket's versions.
 *
 * The merge stops once at each row of `right`, and at each row of `left` whose key `right` lacks.
 * Where `right` has several rows of one key (versions), each is a stop, and `left` stands at the
 * same row through all of them. Each key of `left` occurs once.
 *
 * ```ts
 * import { BatchCursor } from "./batch_cursor.ts";
 * import { PairMerge } from "./pair_merge.ts";
 * import type { EntryBatch } from "../model/entry_batch.ts";
 *
 * async function countMissing(
 *   snapshot: AsyncIterable<EntryBatch>,
 *   target: AsyncIterable<EntryBatch>,
 * ): Promise<number> {
 *   await using merge = new PairMerge(new BatchCursor(snapshot), new BatchCursor(target));
 *   let missing = 0;
 *   while (await merge.load()) {
 *     while (merge.next()) if (!merge.hasRight) missing++;
 *   }
 *   return missing;
 * }
 * ```
 */
export class PairMerge implements AsyncDisposable {
  /** Stands at the row of the first stream, where {@linkcode hasLeft}. */
  readonly left: BatchCursor;
  /** Stands at the row of the second stream, where {@linkcode hasRight}. */
  readonly right: BatchCursor;
  /** Whether the first stream has the key of this stop. */
  hasLeft = false;
  /** Whether the second stream has the key of this stop. */
  hasRight = false;
  /** Whether this is the first stop of its key. */
  startsKey = false;
  /** `left` stands at a row that was a stop already. */
  #leftSeen = false;
  /** The row of `right` before the one it stands at. */
  #keysBefore: ByteColumn | undefined;
  #rowBefore = 0;

  /** Takes both cursors over, before their first rows. */
  constructor(left: BatchCursor, right: BatchCursor) {
    this.left = left;
    this.right = right;
  }

  /**
   * Go to the next stop, as far as that needs no waiting.
   *
   * @returns False when {@linkcode load} must be called first, or all was seen
   */
  next(): boolean {
    this.#leaveStop();
    const { left, right } = this;
    while (left.isReady && right.isReady && (left.isAtRow || right.isAtRow)) {
      const order = this.#compare();
      if (order < 0 && this.#leftSeen) {
        this.#leftSeen = false;
        left.step();
        continue;
      }
      this.hasLeft = order <= 0;
      this.hasRight = order >= 0;
      this.startsKey = order === 0 ? !this.#leftSeen : order < 0 || !this.#isKeyBefore();
      return true;
    }
    return false;
  }

  /** Wait for rows. @returns False when all was seen */
  async load(): Promise<boolean> {
    const { left, right } = this;
    await Promise.all([left, right].map((cursor) => cursor.isReady || cursor.load()));
    return left.isAtRow || right.isAtRow;
  }

  /** Let go of both streams. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.left.close(), this.right.close()]);
  }

  #leaveStop(): void {
    if (this.hasRight) {
      this.#keysBefore = this.right.batch.keys;
      this.#rowBefore = this.right.row;
      this.right.step();
      // Its key may go on: `left` stays until it is known that it does not.
      this.#leftSeen = this.hasLeft;
    } else if (this.hasLeft) this.left.step();
    this.hasLeft = this.hasRight = false;
  }

  #compare(): number {
    const { left, right } = this;
    if (!right.isAtRow) return -1;
    if (!left.isAtRow) return 1;
    return compareAt(left.batch.keys, left.row, right.batch.keys, right.row);
  }

  #isKeyBefore(): boolean {
    const { batch, row } = this.right;
    return this.#keysBefore !== undefined &&
      compareAt(this.#keysBefore, this.#rowBefore, batch.keys, row) === 0;
  }
}
