/** Bytes of an object that are made up when somebody reads them. */
import type { Content } from "./content.ts";
import { mix32 } from "./random.ts";

/** Bytes that are generated in one go. */
const CHUNK_SIZE = 256 * 1024;
const WORD = 2 ** 32;

/**
 * Writes the four words of the digest that stands for bytes `start` to `end` of the sequence of
 * `seed`.
 */
export function digestWords(seed: number, start: number, end: number, words: Uint32Array): void {
  const a = mix32(seed >>> 0);
  const b = mix32(a + Math.floor(seed / WORD));
  const from = mix32((start >>> 0) ^ mix32(Math.floor(start / WORD)));
  const range = mix32((end >>> 0) + mix32(from + Math.floor(end / WORD)));
  words[0] = mix32(a ^ range);
  words[1] = mix32(words[0] + b);
  words[2] = mix32(words[1] ^ a);
  words[3] = mix32(words[2] + range);
}

/**
 * Bytes `start` to `end` of an endless sequence that a seed decides; nothing is held.
 *
 * Its digest is not the MD5 of the bytes, which would take seconds a gigabyte, but of the seed and
 * the range. So equal ranges have equal digests, however they were cut and put together, and that
 * is what a comparison of ETags relies on.
 */
export class GeneratedContent implements Content {
  /** What decides the sequence; up to 53 bits. */
  readonly seed: number;
  /** Where in the sequence it begins. */
  readonly start: number;
  /** Where in the sequence it ends. */
  readonly end: number;

  /** The range of the sequence that `seed` decides. */
  constructor(seed: number, start: number, end: number) {
    this.seed = seed;
    this.start = start;
    this.end = end;
  }

  /** Length in bytes. */
  get size(): number {
    return this.end - this.start;
  }

  /** The same sequence, a narrower range. */
  slice(start: number, end: number): Content {
    return new GeneratedContent(this.seed, this.start + start, this.start + end);
  }

  /** A digest of seed and range. */
  md5(): Uint8Array {
    const words = new Uint32Array(4);
    digestWords(this.seed, this.start, this.end, words);
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    words.forEach((word, index) => view.setUint32(index * 4, word));
    return bytes;
  }

  /** The bytes, generated piece by piece. */
  *chunks(): Iterable<Uint8Array> {
    const salt = mix32(this.seed >>> 0);
    for (let at = this.start; at < this.end;) {
      const chunk = new Uint8Array(Math.min(CHUNK_SIZE, this.end - at));
      for (let i = 0; i < chunk.length; i++, at++) {
        chunk[i] = mix32(salt + Math.floor(at / 4)) >>> ((at & 3) * 8);
      }
      yield chunk;
    }
  }
}
