import { StoreError } from "../model/errors.ts";
import type { SnapshotStore } from "../model/store.ts";

const DIGITS = 5;

/** The name of the patch to a part, by the part's. */
export function patchFileName(part: string): string {
  return part.replace("part-", "patch-");
}

/**
 * The names of a new snapshot's parts, in the order they are begun. Writers of several ranges of
 * one snapshot share one, so that no two parts meet; the manifest puts them in the order of keys.
 */
export class SnapshotFiles {
  readonly #store: SnapshotStore;
  readonly #id: string;
  readonly #signal: AbortSignal | undefined;
  #vacant: Promise<void> | undefined;
  #next = 0;

  /** For the snapshot `id`. */
  constructor(store: SnapshotStore, id: string, signal?: AbortSignal) {
    this.#store = store;
    this.#id = id;
    this.#signal = signal;
  }

  /**
   * A name that was not given before: `part-00000`, `part-00001`, and more digits after 99,999.
   * The first call looks whether the store has files of such a snapshot: two that draw the same id
   * must not overwrite each other's parts.
   *
   * @throws {StoreError} `AlreadyExists` when it has, and what listing throws
   */
  async nextPart(): Promise<string> {
    this.#vacant ??= this.#assertVacant();
    await this.#vacant;
    return `part-${String(this.#next++).padStart(DIGITS, "0")}`;
  }

  async #assertVacant(): Promise<void> {
    const options = this.#signal ? { signal: this.#signal } : {};
    for await (const { name } of this.#store.list({ prefix: `${this.#id}/`, ...options })) {
      throw new StoreError(
        "AlreadyExists",
        `cannot write a snapshot ${this.#id}: ${this.#store.url} has ${name} already; try again, ` +
          `which takes another id`,
      );
    }
  }
}
