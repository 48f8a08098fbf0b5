/** Above this, a number's bits no longer fit the operators that work on 32 of them. */
const INT32_LIMIT = 0x80000000;

/** Most bytes that {@linkcode ByteWriter.varint} writes: 53 bits by seven. */
export const MAX_VARINT_BYTES = 8;

/**
 * A growing run of bytes. Loops that write many bytes call {@linkcode reserve} once, then write
 * into {@linkcode bytes} at {@linkcode length} and move that on.
 */
export class ByteWriter {
  /** What was written, up to {@linkcode length}; replaced when it grows. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Bytes written. */
  length = 0;

  /** `capacity` is a guess, in bytes. */
  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Make room for `more` bytes. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes);
    this.bytes = grown;
  }

  /** Write a whole number from 0 to 2^53-1: seven bits a byte, the lowest first. */
  varint(value: number): void {
    this.reserve(MAX_VARINT_BYTES);
    const bytes = this.bytes;
    let at = this.length;
    while (value >= INT32_LIMIT) {
      bytes[at++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    while (value >= 0x80) {
      bytes[at++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    bytes[at++] = value;
    this.length = at;
  }

  /** Write `source[start .. end)`. */
  copy(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    const bytes = this.bytes;
    let at = this.length;
    // Values are short: a loop beats the call that set() costs.
    for (let from = start; from < end; from++) bytes[at++] = source[from]!;
    this.length = at;
  }

  /** Write all that another writer holds. */
  append(other: ByteWriter): void {
    this.reserve(other.length);
    this.bytes.set(other.written(), this.length);
    this.length += other.length;
  }

  /** What was written, not copied: good until the next write. */
  written(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }

  /** Start again with nothing, keeping the memory. */
  clear(): void {
    this.length = 0;
  }
}
