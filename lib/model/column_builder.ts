import type { ByteColumn } from "./entry_batch.ts";

/** Bytes a value takes on average, for the first allocation only. */
const TYPICAL_VALUE_LENGTH = 40;
/** UTF-8 needs at most three bytes for a UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

const encoder = new TextEncoder();

/** Grows a {@linkcode ByteColumn} value by value. */
export class ColumnBuilder {
  #bytes: Uint8Array;
  #offsets: Uint32Array;
  #values = 0;
  #end = 0;

  /** `capacity` is a guess at the number of values: more make the arrays grow. */
  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity * TYPICAL_VALUE_LENGTH);
    this.#offsets = new Uint32Array(capacity + 1);
  }

  /** Append value `i` of another column. */
  appendFrom(column: ByteColumn, i: number): void {
    const start = column.offsets[i]!, end = column.offsets[i + 1]!;
    this.#reserve(end - start);
    const target = this.#bytes;
    let at = this.#end;
    // Values are short: a loop beats the call that set() costs.
    for (let from = start; from < end; from++) target[at++] = column.bytes[from]!;
    this.#close(at);
  }

  /** Append values `from` up to, not including, `to` of another column: for many, faster. */
  appendRows(column: ByteColumn, from: number, to: number): void {
    const start = column.offsets[from]!, end = column.offsets[to]!;
    this.#reserve(end - start);
    this.#bytes.set(column.bytes.subarray(start, end), this.#end);
    while (this.#values + (to - from) >= this.#offsets.length) {
      this.#offsets = grown(this.#offsets, new Uint32Array(this.#offsets.length * 2));
    }
    const shift = this.#end - start;
    for (let i = from; i < to; i++) this.#offsets[++this.#values] = column.offsets[i + 1]! + shift;
    this.#end += end - start;
  }

  /** Append a text as UTF-8. @throws {RangeError} when it is not valid Unicode */
  appendText(text: string): void {
    if (!text.isWellFormed()) {
      throw new RangeError(`${JSON.stringify(text)} holds half of a surrogate pair`);
    }
    this.#reserve(text.length * MAX_BYTES_PER_UNIT);
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(this.#end));
    this.#close(this.#end + written);
  }

  /** The column of all `length` values. Its arrays are this builder's own: it starts afresh. */
  take(length: number): ByteColumn {
    const column = { bytes: this.#bytes, offsets: this.#offsets.subarray(0, length + 1) };
    this.#bytes = new Uint8Array(Math.max(this.#end, TYPICAL_VALUE_LENGTH));
    this.#offsets = new Uint32Array(this.#offsets.length);
    this.#values = 0;
    this.#end = 0;
    return column;
  }

  #close(end: number): void {
    this.#end = end;
    if (++this.#values === this.#offsets.length) {
      this.#offsets = grown(this.#offsets, new Uint32Array(this.#offsets.length * 2));
    }
    this.#offsets[this.#values] = end;
  }

  #reserve(more: number): void {
    const needed = this.#end + more;
    if (needed <= this.#bytes.length) return;
    this.#bytes = grown(this.#bytes, new Uint8Array(Math.max(needed, this.#bytes.length * 2)));
  }
}

/** `from` copied into the larger `to`. */
export function grown<Numbers extends Uint8Array | Uint32Array | Float64Array>(
  from: Numbers,
  to: Numbers,
): Numbers {
  to.set(from);
  return to;
}
