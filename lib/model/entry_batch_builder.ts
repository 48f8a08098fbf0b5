import type { Entry, ObjectVersion } from "./entry.ts";
import { ColumnBuilder, grown } from "./column_builder.ts";
import { DELETE_MARKER, type EntryBatch, LATEST } from "./entry_batch.ts";

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
