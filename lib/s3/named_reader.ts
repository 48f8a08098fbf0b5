import type { EntryBatch } from "../model/entry_batch.ts";
import { EntryBatchBuilder } from "../model/entry_batch_builder.ts";
import { NameCursor } from "../model/name_cursor.ts";
import type { Bucket } from "./bucket.ts";
import { keyBefore } from "./key_before.ts";
import type { PageReader } from "./page_reader.ts";
import { RangeReader } from "./range_reader.ts";
import { keyAfter } from "./range_split.ts";

/** A whole page costs a server what about so many answers about one key do. */
const MIN_KEYS_PER_PAGE = 4;
/** Keys that are asked for one by one before it is tried again whether a page shows many. */
const KEYS_BETWEEN_TRIES = 16;

/**
 * Reads the versions of given keys. It does not know how many others lie between, so it tries: a
 * page of the listing from the next key on; if that shows few of the keys, some by themselves; then
 * a page again. After a page it goes on at the next key, however far that is.
 */
export class NamedReader implements PageReader {
  readonly #bucket: Bucket;
  readonly #cursor: NameCursor;
  readonly #last: string;
  readonly #signal: AbortSignal;
  readonly #kept = new EntryBatchBuilder();
  /** Keys to ask for one by one. */
  #singles: number;
  #reader: RangeReader | undefined;
  #isSingle = false;

  /** Reads nothing before {@linkcode next}. `keys` ascend, each once, at least one. */
  constructor(bucket: Bucket, keys: readonly string[], signal: AbortSignal) {
    this.#bucket = bucket;
    this.#cursor = new NameCursor(keys);
    this.#last = keys.at(-1)!;
    this.#signal = signal;
    this.#singles = keys.length < MIN_KEYS_PER_PAGE ? keys.length : 0;
  }

  /** The next versions, never none; undefined when all keys were looked up. */
  async next(): Promise<EntryBatch | undefined> {
    while (this.#cursor.name !== undefined) {
      this.#reader ??= this.#open(this.#cursor.name);
      const page = await this.#reader.next();
      if (page) this.#pass(page);
      else this.#finish();
      if (this.#kept.length > 0) return this.#kept.take();
    }
  }

  #open(name: string): RangeReader {
    this.#isSingle = this.#singles > 0;
    const range = this.#isSingle
      ? { prefix: name, before: keyAfter(name) }
      : { prefix: this.#bucket.prefix, after: keyBefore(name), before: keyAfter(this.#last) };
    return new RangeReader(this.#bucket, range, { signal: this.#signal });
  }

  /** Keep what is wanted of a page, and leave the listing once it is far from the next key. */
  #pass(page: EntryBatch): void {
    const cursor = this.#cursor, from = cursor.at;
    let order = -1;
    for (let row = 0; row < page.length; row++) {
      while ((order = cursor.compare(page, row)) > 0) cursor.step();
      if (order === 0) this.#kept.appendFrom(page, row);
    }
    // More versions of the key that the page ends with may follow.
    if (order === 0 || this.#isSingle) return;
    if (cursor.at - from < MIN_KEYS_PER_PAGE) this.#singles = KEYS_BETWEEN_TRIES;
    this.#reader = undefined;
  }

  /** The listing has shown all that it can. */
  #finish(): void {
    this.#reader = undefined;
    if (this.#isSingle) {
      this.#singles--;
      this.#cursor.step();
    } else while (this.#cursor.name !== undefined) this.#cursor.step();
  }
}
