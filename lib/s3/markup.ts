/** Bytes of a page that are expected again as they stand, compared four at a time. */
export class Markup {
  /** Bytes. */
  readonly length: number;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;

  /** Copies them; `slice()` would not, where they are a Buffer. */
  constructor(bytes: Uint8Array) {
    this.length = bytes.length;
    this.#bytes = new Uint8Array(bytes);
    const view = new DataView(this.#bytes.buffer);
    this.#words = Uint32Array.from(
      { length: bytes.length >> 2 },
      (_, i) => view.getUint32(i * 4, true),
    );
  }

  /** Whether a page has these bytes at `at`. */
  isAt(page: DataView, at: number): boolean {
    if (at + this.length > page.byteLength) return false;
    const words = this.#words;
    for (let i = 0; i < words.length; i++) {
      if (page.getUint32(at + i * 4, true) !== words[i]) return false;
    }
    for (let i = words.length * 4; i < this.length; i++) {
      if (page.getUint8(at + i) !== this.#bytes[i]) return false;
    }
    return true;
  }
}
