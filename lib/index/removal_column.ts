/** Which keys a patch removes: a column that only patches have. */
import { DELETE_MARKER, type EntryBatch } from "../model/entry_batch.ts";
import type { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { readRuns, RunLengthEncoder } from "./run_length.ts";

/** Writes the flag of each row, in runs. */
export class RemovalEncoder {
  readonly #runs = new ByteWriter(256);
  readonly #encoder = new RunLengthEncoder(this.#runs);

  /** Add row `i`. */
  append(batch: EntryBatch, i: number): void {
    this.#encoder.append(batch.flags[i]! & DELETE_MARKER);
  }

  /** Write the block's flags to `section` and start again. */
  finish(section: ByteWriter): void {
    this.#encoder.finish();
    section.append(this.#runs);
    this.#runs.clear();
  }
}

/** Read the flags of a block. @throws {Damage} */
export function decodeRemovals(reader: ByteReader, entries: number): Uint8Array {
  const flags = new Uint8Array(entries);
  readRuns(reader, flags, DELETE_MARKER, "removals");
  return flags;
}
