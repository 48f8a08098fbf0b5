import type { Entry, ObjectVersion } from "./entry.ts";
import { ColumnBuilder, grown } from "./column_builder.ts";
import { type ByteColumn, DELETE_MARKER, type EntryBatch, LATEST } from "./entry_batch.ts";

/** Storage classes one batch can name: their index is one byte. S3 knows about ten. */
const MAX_STORAGE_CLASSES = 256;

/** Grows an {@linkcode EntryBatch} row by row; rows are only appended. */
export class EntryBatchBuilder {
  #length = 0;
  #capacity: number;
  readonly #keys: ColumnBuilder;
  readonly #versionIds: ColumnBuilder;
  readonly #etags: ColumnBuilder;
  #sizes: Float64Array;
  #lastModified: Float64Array;
  #storageClasses: Uint8Array;
  #flags: Uint8Array;
  #storageClassNames: string[] = [];

  /** `capacity` is a guess at the number of rows: more make the arrays grow. */
  constructor(capacity = 1024) {
    this.#capacity = Math.max(1, capacity);
    this.#keys = new ColumnBuilder(this.#capacity);
    this.#versionIds = new ColumnBuilder(this.#capacity);
    this.#etags = new ColumnBuilder(this.#capacity);
    this.#sizes = new Float64Array(this.#capacity);
    this.#lastModified = new Float64Array(this.#capacity);
    this.#storageClasses = new Uint8Array(this.#capacity);
    this.#flags = new Uint8Array(this.#capacity);
  }

  /** Rows so far. */
  get length(): number {
    return this.#length;
  }

  /** Append row `i` of another batch; its flags only where `flags` says so. */
  appendFrom(batch: EntryBatch, i: number, flags: number = batch.flags[i]!): void {
    const row = this.#nextRow();
    this.#keys.appendFrom(batch.keys, i);
    this.#versionIds.appendFrom(batch.versionIds, i);
    this.#etags.appendFrom(batch.etags, i);
    this.#sizes[row] = batch.sizes[i]!;
    this.#lastModified[row] = batch.lastModified[i]!;
    this.#storageClasses[row] = this.#classIndex(
      batch.storageClassNames[batch.storageClasses[i]!]!,
    );
    this.#flags[row] = flags;
  }

  /**
   * Append rows `from` up to, not including, `to` of another batch; faster than one by one.
   *
   * @throws {RangeError} when it has no room for their storage classes, see {@linkcode hasRoomFor}
   */
  appendRows(batch: EntryBatch, from: number, to: number): void {
    const row = this.#length, rows = to - from;
    while (row + rows > this.#capacity) this.#grow();
    this.#length += rows;
    this.#keys.appendRows(batch.keys, from, to);
    this.#versionIds.appendRows(batch.versionIds, from, to);
    this.#etags.appendRows(batch.etags, from, to);
    this.#sizes.set(batch.sizes.subarray(from, to), row);
    this.#lastModified.set(batch.lastModified.subarray(from, to), row);
    this.#flags.set(batch.flags.subarray(from, to), row);
    let index = -1, asked = -1;
    for (let i = 0; i < rows; i++) {
      const storageClass = batch.storageClasses[from + i]!;
      if (storageClass !== asked) {
        asked = storageClass;
        index = this.#classIndex(batch.storageClassNames[storageClass]!);
      }
      this.#storageClasses[row + i] = index;
    }
  }

  /** Append a row of which only the key and the flags mean something. */
  appendKey(keys: ByteColumn, i: number, flags: number): void {
    const row = this.#nextRow();
    this.#keys.appendFrom(keys, i);
    this.#versionIds.appendText("");
    this.#etags.appendText("");
    this.#sizes[row] = 0;
    this.#lastModified[row] = 0;
    this.#storageClasses[row] = this.#classIndex("");
    this.#flags[row] = flags;
  }

  /** Whether rows of that batch, whichever, can be added without too many storage classes. */
  hasRoomFor({ storageClassNames }: Pick<EntryBatch, "storageClassNames">): boolean {
    if (this.#length === 0) return true;
    const known = this.#storageClassNames;
    const room = MAX_STORAGE_CLASSES - known.length;
    return storageClassNames.length <= room ||
      storageClassNames.filter((name) => !known.includes(name)).length <= room;
  }

  /**
   * Append one entry or version; its flags are those that it says, where `flags` does not.
   *
   * @throws {RangeError} when a text is not valid Unicode
   */
  append(entry: Entry | ObjectVersion, flags: number = flagsOf(entry)): void {
    const row = this.#nextRow();
    this.#keys.appendText(entry.key);
    this.#versionIds.appendText(entry.versionId);
    this.#etags.appendText(entry.etag);
    this.#sizes[row] = entry.size;
    this.#lastModified[row] = entry.lastModified;
    this.#storageClasses[row] = this.#classIndex(entry.storageClass);
    this.#flags[row] = flags;
  }

  /** The batch. Its arrays are this builder's own: the builder starts afresh. */
  take(): EntryBatch {
    const length = this.#length;
    const batch = {
      length,
      keys: this.#keys.take(length),
      versionIds: this.#versionIds.take(length),
      etags: this.#etags.take(length),
      sizes: this.#sizes.subarray(0, length),
      lastModified: this.#lastModified.subarray(0, length),
      storageClasses: this.#storageClasses.subarray(0, length),
      storageClassNames: this.#storageClassNames,
      flags: this.#flags.subarray(0, length),
    };
    this.#length = 0;
    this.#storageClassNames = [];
    this.#sizes = new Float64Array(this.#capacity);
    this.#lastModified = new Float64Array(this.#capacity);
    this.#storageClasses = new Uint8Array(this.#capacity);
    this.#flags = new Uint8Array(this.#capacity);
    return batch;
  }

  #nextRow(): number {
    if (this.#length === this.#capacity) this.#grow();
    return this.#length++;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#sizes = grown(this.#sizes, new Float64Array(this.#capacity));
    this.#lastModified = grown(this.#lastModified, new Float64Array(this.#capacity));
    this.#storageClasses = grown(this.#storageClasses, new Uint8Array(this.#capacity));
    this.#flags = grown(this.#flags, new Uint8Array(this.#capacity));
  }

  #classIndex(name: string): number {
    const known = this.#storageClassNames.indexOf(name);
    if (known >= 0) return known;
    if (this.#storageClassNames.length === MAX_STORAGE_CLASSES) {
      throw new RangeError(`more than ${MAX_STORAGE_CLASSES} storage classes in one batch`);
    }
    return this.#storageClassNames.push(name) - 1;
  }
}

function flagsOf(entry: Entry | ObjectVersion): number {
  if (!("isLatest" in entry)) return 0;
  return (entry.isDeleteMarker ? DELETE_MARKER : 0) | (entry.isLatest ? LATEST : 0);
}
