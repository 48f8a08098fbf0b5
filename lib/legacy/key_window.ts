import type { Entry } from "../model/entry.ts";
import { compareKeys } from "../model/key_order.ts";

/** Which keys a {@linkcode KeyWindow} takes. */
export interface KeyWindowOptions {
  /** Entries that it gives at most; it holds twice as many. */
  readonly size: number;
  /** Take keys after this one only. */
  readonly after?: string | undefined;
  /** Take keys that begin with it only. */
  readonly prefix?: string | undefined;
}

/** Of entries in any order the first few by key, in bounded memory. */
export class KeyWindow {
  readonly #size: number;
  readonly #after: string | undefined;
  readonly #prefix: string;
  #entries: Entry[] = [];
  /** Set once something was turned away: keys after it were, or will be. */
  #last: string | undefined;

  /** An empty window. */
  constructor({ size, after, prefix = "" }: KeyWindowOptions) {
    this.#size = size;
    this.#after = after;
    this.#prefix = prefix;
  }

  /** Consider one more entry. */
  offer(entry: Entry): void {
    const { key } = entry;
    if (!key.startsWith(this.#prefix)) return;
    if (this.#after !== undefined && compareKeys(key, this.#after) <= 0) return;
    if (this.#last !== undefined && compareKeys(key, this.#last) > 0) return;
    this.#entries.push(entry);
    if (this.#entries.length >= 2 * this.#size) this.#shrink();
  }

  /**
   * The entries in key order, and whether some were turned away because they come after them.
   *
   * @throws {SyntaxError} when two have the same key
   */
  take(): { readonly entries: readonly Entry[]; readonly more: boolean } {
    if (this.#entries.length > this.#size) this.#shrink();
    else this.#sort();
    return { entries: this.#entries, more: this.#last !== undefined };
  }

  #shrink(): void {
    this.#sort();
    this.#entries.length = this.#size;
    this.#last = this.#entries.at(-1)!.key;
  }

  #sort(): void {
    this.#entries.sort((a, b) => compareKeys(a.key, b.key));
    const twice = this.#entries.find((entry, i) => this.#entries[i + 1]?.key === entry.key);
    if (twice) throw new SyntaxError(`Contents names the key ${JSON.stringify(twice.key)} twice`);
  }
}
