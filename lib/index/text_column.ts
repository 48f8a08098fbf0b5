import type { ByteColumn } from "../model/entry_batch.ts";
import type { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { MAX_TEXT_BYTES } from "./limits.ts";

/** The texts of a column that its packed forms cannot hold: all lengths, then all bytes. */
export class TextColumnEncoder {
  readonly #lengths = new ByteWriter(256);
  readonly #bytes = new ByteWriter(4096);

  /** Add value `i` of `column`. */
  append(column: ByteColumn, i: number): void {
    const start = column.offsets[i]!, end = column.offsets[i + 1]!;
    this.#lengths.varint(end - start);
    this.#bytes.copy(column.bytes, start, end);
  }

  /** Write them to `section` and start again. */
  finish(section: ByteWriter): void {
    for (const column of [this.#lengths, this.#bytes]) {
      section.append(column);
      column.clear();
    }
  }
}

/** Read `count` texts, not copied. @throws {Damage} when they run past the end */
export function readTexts(reader: ByteReader, count: number): ByteColumn {
  const offsets = new Uint32Array(count + 1);
  for (let i = 0; i < count; i++) {
    offsets[i + 1] = offsets[i]! + reader.varintUpTo(MAX_TEXT_BYTES, "a text's length");
  }
  return { bytes: reader.take(offsets[count]!), offsets };
}
