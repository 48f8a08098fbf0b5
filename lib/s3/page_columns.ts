import type { ByteColumn, EntryBatch } from "../model/entry_batch.ts";
import { isAscii } from "./entry_run.wasm";
import type { PageMemory, TextArea } from "./page_memory.ts";
import { refuse } from "./refusal.ts";
import { assertTexts } from "./utf8_column.ts";

/** A {@linkcode ByteColumn} being written. Its bytes are written in place, then closed by row. */
export class ScratchColumn {
  /** As long as the page: no decoded text is longer than it was. */
  readonly bytes: Uint8Array;
  readonly #offsets: Uint32Array;
  #rows = 0;

  /** No rows yet. */
  constructor({ bytes, offsets }: TextArea) {
    this.bytes = bytes;
    this.#offsets = offsets;
  }

  /** Where the row that is being written begins. */
  get start(): number {
    return this.#offsets[this.#rows]!;
  }

  /** The row that was being written ends before `end`. */
  close(end: number): void {
    this.#offsets[++this.#rows] = end;
  }

  /** A whole row. */
  write(text: Uint8Array): void {
    this.bytes.set(text, this.start);
    this.close(this.start + text.length);
  }

  /** The row that was closed last ends before `end`, earlier than it was said. */
  shorten(end: number): void {
    this.#offsets[this.#rows] = end;
  }

  /** So many rows are written; others may have written them. */
  setRows(rows: number): void {
    this.#rows = rows;
  }

  /** Remove the first byte of the last row, which begins at `first`, if it is this one. */
  dropFirst(first: number, byte: number): void {
    if (this.start === first || this.bytes[first] !== byte) return;
    this.bytes.copyWithin(first, first + 1, this.start);
    this.shorten(this.start - 1);
  }

  /** Remove the last byte of the last row, which begins at `first`, if it is this one. */
  dropLast(first: number, byte: number): void {
    if (this.start > first && this.bytes[this.start - 1] === byte) this.shorten(this.start - 1);
  }

  /** The rows of a page's column, in memory of their own. Refuses what is not UTF-8. */
  copy(): ByteColumn {
    const column = {
      bytes: this.bytes.slice(0, this.start),
      offsets: this.#offsets.slice(0, this.#rows + 1),
    };
    if (isAscii(this.bytes.byteOffset, this.start) === 0) assertTexts(column);
    return column;
  }
}

/** The columns of one page. */
export class PageColumns {
  readonly keys: ScratchColumn;
  readonly versionIds: ScratchColumn;
  readonly etags: ScratchColumn;
  readonly #memory: PageMemory;
  readonly #storageClassNames: string[] = [];
  #rows = 0;

  /** No rows yet. */
  constructor(memory: PageMemory) {
    this.#memory = memory;
    this.keys = new ScratchColumn(memory.keys);
    this.versionIds = new ScratchColumn(memory.versionIds);
    this.etags = new ScratchColumn(memory.etags);
  }

  /** Rows that are written. */
  get rows(): number {
    return this.#rows;
  }

  /** So many rows are written; others may have written them. */
  setRows(rows: number): void {
    this.#rows = rows;
    this.keys.setRows(rows);
    this.versionIds.setRows(rows);
    this.etags.setRows(rows);
  }

  /** End a row, whose keys, version ids and ETags are closed. */
  closeRow(size: number, lastModified: number, storageClass: number, flags: number): void {
    const row = this.#rows++;
    if (row === this.#memory.maxRows) refuse();
    this.#memory.sizes[row] = size;
    this.#memory.lastModified[row] = lastModified;
    this.#memory.storageClasses[row] = storageClass;
    this.#memory.flags[row] = flags;
  }

  /** The index of a storage class. */
  storageClass(name: string): number {
    const known = this.#storageClassNames.indexOf(name);
    return known >= 0 ? known : this.#storageClassNames.push(name) - 1;
  }

  /** What the page holds, in memory of its own. Refuses texts that are not UTF-8. */
  copy(): EntryBatch {
    const length = this.#rows;
    const { sizes, lastModified, storageClasses, flags } = this.#memory;
    return {
      length,
      keys: this.keys.copy(),
      versionIds: this.versionIds.copy(),
      etags: this.etags.copy(),
      sizes: sizes.slice(0, length),
      lastModified: lastModified.slice(0, length),
      storageClasses: storageClasses.slice(0, length),
      storageClassNames: this.#storageClassNames,
      flags: flags.slice(0, length),
    };
  }
}
