/** An answer as it came. */
export interface Body {
  readonly chunks: readonly Uint8Array[];
  /** Bytes of all chunks. */
  readonly length: number;
}

/**
 * All bytes of an answer.
 *
 * @throws {RangeError} when there are more than `limit`; the rest is not read
 */
export async function readBody(body: AsyncIterable<Uint8Array>, limit: number): Promise<Body> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) throw new RangeError(`the answer is longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  return { chunks, length };
}

/** Answers longer than that are rare, and what they were put together in is not kept. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/**
 * Puts answers together in the same memory, one after another: half a megabyte for each page of a
 * listing would otherwise be new, and wait for the garbage collector.
 */
export class BodyJoiner {
  #bytes = new Uint8Array();

  /** The whole answer, good until the next call. */
  join({ chunks, length }: Body): Uint8Array {
    const bytes = length > this.#bytes.length ? new Uint8Array(length) : this.#bytes;
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    if (bytes.length <= MAX_KEPT_BYTES) this.#bytes = bytes;
    return bytes.subarray(0, length);
  }
}
