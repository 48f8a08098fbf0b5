/** Bytes of an object that are held in memory. */
import { createHash } from "node:crypto";
import type { Content } from "./content.ts";

/** Bytes held in memory. */
export class HeldContent implements Content {
  readonly #bytes: Uint8Array;

  /** Takes over `bytes`; they must not change afterwards. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Length in bytes. */
  get size(): number {
    return this.#bytes.length;
  }

  /** A view of the bytes from `start` to `end`. */
  slice(start: number, end: number): Content {
    return new HeldContent(this.#bytes.subarray(start, end));
  }

  /** The MD5 digest. */
  md5(): Uint8Array {
    return createHash("md5").update(this.#bytes).digest();
  }

  /** The bytes, in one piece. */
  chunks(): Iterable<Uint8Array> {
    return this.#bytes.length === 0 ? [] : [this.#bytes];
  }
}
