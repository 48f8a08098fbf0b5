/**
 * Bytes of a page that are expected again as they stand, compared eight at a time, as the numbers
 * that they would be. Numbers are equal if and only if their bytes are, with two exceptions that do
 * no harm: what reads as NaN never matches, which costs time, and 0 matches -0, which no markup is.
 */
export class Markup {
  /** Bytes. */
  readonly length: number;
  readonly #bytes: Uint8Array;
  readonly #words: Float64Array;

  /** Copies them; `slice()` would not, where they are a Buffer. */
  constructor(bytes: Uint8Array) {
    this.length = bytes.length;
    this.#bytes = new Uint8Array(bytes);
    const view = new DataView(this.#bytes.buffer);
    this.#words = Float64Array.from(
      { length: bytes.length >> 3 },
      (_, i) => view.getFloat64(i * 8, true),
    );
  }

  /** Whether a page has these bytes at `at`. */
  isAt(page: DataView, at: number): boolean {
    if (at + this.length > page.byteLength) return false;
    const words = this.#words;
    for (let i = 0; i < words.length; i++) {
      if (page.getFloat64(at + i * 8, true) !== words[i]) return false;
    }
    for (let i = words.length * 8; i < this.length; i++) {
      if (page.getUint8(at + i) !== this.#bytes[i]) return false;
    }
    return true;
  }
}
