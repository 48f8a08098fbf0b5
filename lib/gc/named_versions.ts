import { ManyMerge } from "../index/many_merge.ts";
import type { MergeSource } from "../index/merge_source.ts";
import type { EntryBatch } from "../model/entry_batch.ts";
import { compareAt } from "../model/key_order.ts";

/**
 * What points name, to be asked about in key order. Holds a block of each part whose range it is
 * in; a key that nobody asks about is passed over.
 *
 * ```ts
 * import type { EntryBatch } from "../model/entry_batch.ts";
 * import { NamedVersions } from "./named_versions.ts";
 *
 * async function isNamed(named: NamedVersions, page: EntryBatch, row: number): Promise<boolean> {
 *   while (!named.seek(page, row)) await named.load();
 *   return named.has(page, row);
 * }
 * ```
 */
export class NamedVersions implements AsyncDisposable {
  readonly #merge: ManyMerge;
  #isAtKey = false;
  #isAtEnd = false;

  /** Reads nothing before the first {@linkcode load}. */
  constructor(parts: readonly MergeSource[]) {
    this.#merge = new ManyMerge(parts);
  }

  /**
   * Go to the key of a row, or the first behind it. Never back.
   *
   * @returns False when {@linkcode load} must be called first
   */
  seek(page: EntryBatch, row: number): boolean {
    while (!this.#isAtEnd) {
      if (this.#isAtKey && this.#order(page, row) >= 0) return true;
      this.#isAtKey = this.#merge.next();
      if (!this.#isAtKey) return false;
    }
    return true;
  }

  /** Wait for more of the points. @throws {SnapshotError} `CorruptSnapshot` */
  async load(): Promise<void> {
    this.#isAtEnd = !await this.#merge.load();
  }

  /** Whether a point names the version that it was sought for. */
  has(page: EntryBatch, row: number): boolean {
    if (!this.#isAtKey || this.#order(page, row) !== 0) return false;
    for (let n = 0; n < this.#merge.count; n++) {
      const { batch, row: at } = this.#merge.cursorAt(n);
      if (compareAt(batch.versionIds, at, page.versionIds, row) === 0) return true;
    }
    return false;
  }

  /** Of the key it is at to that of a row. */
  #order(page: EntryBatch, row: number): number {
    const { batch, row: at } = this.#merge.cursorAt(0);
    return compareAt(batch.keys, at, page.keys, row);
  }

  /** Let go of the parts. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#merge[Symbol.asyncDispose]();
  }
}
