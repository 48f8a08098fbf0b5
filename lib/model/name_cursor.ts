import type { EntryBatch } from "./entry_batch.ts";
import { compareAtToBytes } from "./key_order.ts";

const encoder = new TextEncoder();

/** Walks over keys in their order, to be held against rows that ascend by key. */
export class NameCursor {
  readonly #names: readonly string[];
  /** How many names lie behind. */
  at = 0;
  #bytes: Uint8Array | undefined;

  /** `names` ascend by `compareKeys`, each once. */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.#encode();
  }

  /** The name it stands at; undefined behind the last. */
  get name(): string | undefined {
    return this.#names[this.at];
  }

  /** Go to the next name. */
  step(): void {
    this.at++;
    this.#encode();
  }

  /** The order of a row's key to the name: negative, also behind the last name; zero; positive. */
  compare({ keys }: EntryBatch, row: number): number {
    return this.#bytes === undefined ? -1 : compareAtToBytes(keys, row, this.#bytes);
  }

  #encode(): void {
    const { name } = this;
    this.#bytes = name === undefined ? undefined : encoder.encode(name);
  }
}
