import type { ByteColumn, EntryBatch } from "../model/entry_batch.ts";
import { type Bytes, viewOf } from "./byte_words.ts";

/** Rows to begin with: a usual page is 1,000 versions. More make the arrays grow. */
const INITIAL_ROWS = 1024;

/** A {@linkcode ByteColumn} being written. Its bytes are written in place, then closed by row. */
export class ScratchColumn implements Bytes {
  /** As long as the page: no decoded text is longer than it was. */
  bytes: Uint8Array = new Uint8Array();
  view: DataView = viewOf(this.bytes);
  /** Where the row that is being written begins. */
  start = 0;
  #offsets = new Uint32Array(INITIAL_ROWS + 1);
  #rows = 0;

  /** Forget all rows, and make room for a page of `pageLength` bytes. */
  clear(pageLength: number): void {
    if (this.bytes.length < pageLength) {
      this.bytes = new Uint8Array(pageLength);
      this.view = viewOf(this.bytes);
    }
    this.#rows = 0;
    this.start = 0;
  }

  /** The row that was being written ends before `end`. */
  close(end: number): void {
    if (++this.#rows === this.#offsets.length) {
      this.#offsets = copied(this.#offsets, new Uint32Array(this.#offsets.length * 2));
    }
    this.#offsets[this.#rows] = end;
    this.start = end;
  }

  /** A whole row. */
  write(text: Uint8Array): void {
    this.bytes.set(text, this.start);
    this.close(this.start + text.length);
  }

  /** The row that was closed last ends before `end`, earlier than it was said. */
  shorten(end: number): void {
    this.#offsets[this.#rows] = end;
    this.start = end;
  }

  /** Forget all rows but the first ones. */
  keepRows(rows: number): void {
    this.#rows = rows;
    this.start = this.#offsets[rows]!;
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

  /** The rows, in memory of their own. */
  copy(): ByteColumn {
    return {
      bytes: this.bytes.slice(0, this.start),
      offsets: this.#offsets.slice(0, this.#rows + 1),
    };
  }
}

/** The columns of one page. One object serves page after page without new memory. */
export class PageColumns {
  readonly keys: ScratchColumn = new ScratchColumn();
  readonly versionIds: ScratchColumn = new ScratchColumn();
  readonly etags: ScratchColumn = new ScratchColumn();
  #sizes = new Float64Array(INITIAL_ROWS);
  #lastModified = new Float64Array(INITIAL_ROWS);
  #storageClasses = new Uint8Array(INITIAL_ROWS);
  #flags = new Uint8Array(INITIAL_ROWS);
  #storageClassNames: string[] = [];
  #rows = 0;

  /** Begin a page of `pageLength` bytes. */
  clear(pageLength: number): void {
    this.keys.clear(pageLength);
    this.versionIds.clear(pageLength);
    this.etags.clear(pageLength);
    this.#storageClassNames = [];
    this.#rows = 0;
  }

  /** End a row, whose keys, version ids and ETags are closed. */
  closeRow(size: number, lastModified: number, storageClass: number, flags: number): void {
    const row = this.#rows++;
    if (row === this.#sizes.length) this.#grow();
    this.#sizes[row] = size;
    this.#lastModified[row] = lastModified;
    this.#storageClasses[row] = storageClass;
    this.#flags[row] = flags;
  }

  /** Forget what was written of a row that is not closed. */
  takeBackRow(): void {
    this.keys.keepRows(this.#rows);
    this.versionIds.keepRows(this.#rows);
    this.etags.keepRows(this.#rows);
  }

  /** The index of a storage class. */
  storageClass(name: string): number {
    const known = this.#storageClassNames.indexOf(name);
    return known >= 0 ? known : this.#storageClassNames.push(name) - 1;
  }

  /** What the page holds, in memory of its own. */
  copy(): EntryBatch {
    const length = this.#rows;
    return {
      length,
      keys: this.keys.copy(),
      versionIds: this.versionIds.copy(),
      etags: this.etags.copy(),
      sizes: this.#sizes.slice(0, length),
      lastModified: this.#lastModified.slice(0, length),
      storageClasses: this.#storageClasses.slice(0, length),
      storageClassNames: this.#storageClassNames,
      flags: this.#flags.slice(0, length),
    };
  }

  #grow(): void {
    const rows = this.#sizes.length * 2;
    this.#sizes = copied(this.#sizes, new Float64Array(rows));
    this.#lastModified = copied(this.#lastModified, new Float64Array(rows));
    this.#storageClasses = copied(this.#storageClasses, new Uint8Array(rows));
    this.#flags = copied(this.#flags, new Uint8Array(rows));
  }
}

function copied<Numbers extends Uint8Array | Uint32Array | Float64Array>(
  from: Numbers,
  to: Numbers,
): Numbers {
  to.set(from);
  return to;
}
