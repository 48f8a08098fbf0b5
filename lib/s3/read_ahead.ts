import type { EntryBatch } from "../model/entry_batch.ts";
import type { PageReader } from "./page_reader.ts";

/** Pages of one reader that wait to be taken: what lies between two split keys, or a little more. */
const MAX_PAGES_AHEAD = 10;

/** Reads from the start on, a few pages ahead of who takes them. */
export class ReadAhead {
  /** Resolves once no request is under way, and none will be. */
  readonly ended: Promise<void>;
  readonly #pages: EntryBatch[] = [];
  #failure: { readonly error: unknown } | undefined;
  #isDone = false;
  #change = Promise.withResolvers<void>();

  /** Begins at once. Abort: what was read can still be taken, then the reason is thrown. */
  constructor(reader: PageReader, signal: AbortSignal) {
    const announce = () => this.#announce();
    signal.addEventListener("abort", announce, { once: true });
    this.ended = this.#read(reader, signal)
      .catch((error) => void (this.#failure = { error }))
      .finally(() => {
        this.#isDone = true;
        signal.removeEventListener("abort", announce);
        this.#announce();
      });
  }

  /** The next page; undefined at the end. */
  async take(): Promise<EntryBatch | undefined> {
    while (this.#pages.length === 0 && !this.#isDone) await this.#change.promise;
    const page = this.#pages.shift();
    this.#announce();
    if (!page && this.#failure) throw this.#failure.error;
    return page;
  }

  async #read(reader: PageReader, signal: AbortSignal): Promise<void> {
    for (let batch; (batch = await reader.next());) {
      this.#pages.push(batch);
      this.#announce();
      while (this.#pages.length >= MAX_PAGES_AHEAD) {
        signal.throwIfAborted();
        await this.#change.promise;
      }
    }
  }

  #announce(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}
