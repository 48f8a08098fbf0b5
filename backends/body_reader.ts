/** Carries what a body failed with past the translation of the store's own errors. */
export class BodyFailure extends Error {
  override readonly name = "BodyFailure";
}

/**
 * The one reader of a body that is being stored. An abort cancels the body at once, even while a
 * chunk is awaited.
 */
export class BodyReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  /** Locks `body`. */
  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
  }

  /** All chunks but the empty ones. Throws the reason of an abort, or a {@linkcode BodyFailure}. */
  async *chunks(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const onAbort = () => void this.cancel(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      while (true) {
        const { done, value } = await this.#read();
        // A cancelled body looks as if it had ended.
        signal.throwIfAborted();
        if (done) return;
        if (value.length > 0) yield value;
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async #read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    try {
      return await this.#reader.read();
    } catch (cause) {
      throw new BodyFailure("the body failed", { cause });
    }
  }

  /** Tell the body that nobody wants the rest of it. Resolves once it has let go. */
  async cancel(reason: unknown): Promise<void> {
    try {
      await this.#reader.cancel(reason);
    } catch {
      // What matters is why the body is not wanted. That it also fails to stop is its owner's to see.
    }
  }
}
