import type { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { MAX_BLOCK_ENTRIES } from "./limits.ts";

/** Sizes of the objects of a block, in bytes. */
export class SizeEncoder {
  readonly #sizes = new ByteWriter(MAX_BLOCK_ENTRIES * 4);

  /** Add one row. @throws {RangeError} when it is no whole number from 0 to 2^53-1 */
  append(size: number): void {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new RangeError(`a size of ${size} bytes is not one that a snapshot can hold`);
    }
    this.#sizes.varint(size);
  }

  /** Write the block's sizes to `section` and start again. */
  finish(section: ByteWriter): void {
    section.append(this.#sizes);
    this.#sizes.clear();
  }
}

/** Read the sizes of a block. @throws {Damage} */
export function decodeSizes(reader: ByteReader, entries: number): Float64Array {
  const sizes = new Float64Array(entries);
  for (let i = 0; i < entries; i++) sizes[i] = reader.varint();
  return sizes;
}
