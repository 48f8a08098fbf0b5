import type { ByteReader } from "./byte_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { Damage } from "./damage.ts";

/** Numbers that seldom change from row to row: each run as its value and its length. */
export class RunLengthEncoder {
  readonly #runs: ByteWriter;
  #value = 0;
  #length = 0;

  /** Runs are written to `runs`, the last one by {@linkcode finish}. */
  constructor(runs: ByteWriter) {
    this.#runs = runs;
  }

  /** Add one row. */
  append(value: number): void {
    if (value === this.#value && this.#length > 0) {
      this.#length++;
      return;
    }
    this.finish();
    this.#value = value;
    this.#length = 1;
  }

  /** Write the run that is open. */
  finish(): void {
    if (this.#length === 0) return;
    this.#runs.varint(this.#value);
    this.#runs.varint(this.#length);
    this.#length = 0;
  }
}

/**
 * Read runs until `rows.length` rows are filled.
 *
 * @returns The value that all rows share, or undefined when they differ.
 * @throws {Damage} when a value is above `limit`, or the runs do not end with the rows
 */
export function readRuns(
  reader: ByteReader,
  rows: Uint8Array | Uint32Array,
  limit: number,
  name: string,
): number | undefined {
  let common: number | undefined;
  for (let row = 0; row < rows.length;) {
    const value = reader.varintUpTo(limit, name);
    const length = reader.varint();
    if (length === 0 || length > rows.length - row) throw new Damage(`a run of ${name} is wrong`);
    common = row === 0 || common === value ? value : undefined;
    rows.fill(value, row, row + length);
    row += length;
  }
  return common;
}
