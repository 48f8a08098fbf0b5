/** Reads a byte stream in pieces of the length that is asked for. */
export class ExactReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #onChunk: (chunk: Uint8Array) => void;
  #chunk: Uint8Array = new Uint8Array();

  /**
   * Takes the stream over: {@linkcode cancel} it unless it was read to its end. `onChunk` is shown
   * each chunk as it comes.
   */
  constructor(stream: ReadableStream<Uint8Array>, onChunk: (chunk: Uint8Array) => void) {
    this.#reader = stream.getReader();
    this.#onChunk = onChunk;
  }

  /**
   * The next `length` bytes; fewer only where the stream ends. Good until the next read. What has
   * come already is not waited for.
   */
  read(length: number): Uint8Array | Promise<Uint8Array> {
    return this.#chunk.length >= length ? this.#take(length) : this.#gather(length);
  }

  async #gather(length: number): Promise<Uint8Array> {
    if (this.#chunk.length === 0) await this.#next();
    if (this.#chunk.length >= length) return this.#take(length);
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length && (this.#chunk.length > 0 || await this.#next())) {
      const piece = this.#take(Math.min(length - filled, this.#chunk.length));
      bytes.set(piece, filled);
      filled += piece.length;
    }
    return bytes.subarray(0, filled);
  }

  /** Let go of the stream. */
  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }

  #take(length: number): Uint8Array {
    const piece = this.#chunk.subarray(0, length);
    this.#chunk = this.#chunk.subarray(length);
    return piece;
  }

  /** Read a chunk with something in it. @returns False at the end of the stream */
  async #next(): Promise<boolean> {
    while (true) {
      const { done, value } = await this.#reader.read();
      if (done) return false;
      this.#chunk = value;
      this.#onChunk(value);
      if (value.length > 0) return true;
    }
  }
}
