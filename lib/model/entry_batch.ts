/**
 * Entries by column. A listing of millions passes through here without an object or a string per
 * entry; {@linkcode entryAt} makes them at the edges only.
 */
import type { Entry, ObjectVersion } from "./entry.ts";
import { shortText } from "./short_text.ts";

/** Byte strings laid end to end: value `i` is `bytes[offsets[i] .. offsets[i + 1])`. */
export interface ByteColumn {
  /** All values; may go on behind the last. */
  readonly bytes: Uint8Array;
  /** One more than there are values. */
  readonly offsets: Uint32Array;
}

/** Flag of {@linkcode EntryBatch.flags}: a delete marker; its size is 0 and its ETag empty. */
export const DELETE_MARKER = 1;
/** Flag of {@linkcode EntryBatch.flags}: current when it was listed. */
export const LATEST = 2;

/** A run of entries or versions, in key order; the versions of one key newest first. */
export interface EntryBatch {
  /** Rows. */
  readonly length: number;
  /** UTF-8. */
  readonly keys: ByteColumn;
  /** ASCII, as the server gave them. */
  readonly versionIds: ByteColumn;
  /** Without quotes. */
  readonly etags: ByteColumn;
  /** Bytes. */
  readonly sizes: Float64Array;
  /** Milliseconds since 1970. */
  readonly lastModified: Float64Array;
  /** Index into {@linkcode storageClassNames}. */
  readonly storageClasses: Uint8Array;
  /** The classes that occur in this batch, at most 256. */
  readonly storageClassNames: readonly string[];
  /** {@linkcode DELETE_MARKER} and {@linkcode LATEST}, added; 0 in what a snapshot holds. */
  readonly flags: Uint8Array;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Value `i` of a column as text. @throws {TypeError} when it is not UTF-8
 *
 * @example
 * ```ts ignore
 * for await (const batch of readSnapshotBatches({ store, snapshot: "latest" })) {
 *   for (let row = 0; row < batch.length; row++) console.log(textAt(batch.keys, row));
 * }
 * ```
 */
export function textAt(column: ByteColumn, i: number): string {
  const { bytes, offsets } = column;
  return shortText(bytes, offsets[i]!, offsets[i + 1]!) ?? decoder.decode(bytesAt(column, i));
}

/** Value `i` of a column, not copied. */
export function bytesAt(column: ByteColumn, i: number): Uint8Array {
  return column.bytes.subarray(column.offsets[i]!, column.offsets[i + 1]!);
}

/**
 * Entry `i` as an object.
 *
 * @example
 * ```ts ignore
 * for await (const batch of readSnapshotBatches({ store, snapshot: "latest" })) {
 *   for (let row = 0; row < batch.length; row++) console.log(entryAt(batch, row).key);
 * }
 * ```
 */
export function entryAt(batch: EntryBatch, i: number): Entry {
  return {
    key: textAt(batch.keys, i),
    versionId: textAt(batch.versionIds, i),
    size: batch.sizes[i]!,
    etag: textAt(batch.etags, i),
    lastModified: batch.lastModified[i]!,
    storageClass: batch.storageClassNames[batch.storageClasses[i]!]!,
  };
}

/** Version `i` as an object. */
export function versionAt(batch: EntryBatch, i: number): ObjectVersion {
  const flags = batch.flags[i]!;
  return {
    ...entryAt(batch, i),
    isDeleteMarker: (flags & DELETE_MARKER) !== 0,
    isLatest: (flags & LATEST) !== 0,
  };
}

/** Rows `from` up to, not including, `to`; nothing is copied. */
export function sliceBatch(batch: EntryBatch, from: number, to: number): EntryBatch {
  return {
    length: to - from,
    keys: sliceColumn(batch.keys, from, to),
    versionIds: sliceColumn(batch.versionIds, from, to),
    etags: sliceColumn(batch.etags, from, to),
    sizes: batch.sizes.subarray(from, to),
    lastModified: batch.lastModified.subarray(from, to),
    storageClasses: batch.storageClasses.subarray(from, to),
    storageClassNames: batch.storageClassNames,
    flags: batch.flags.subarray(from, to),
  };
}

function sliceColumn(column: ByteColumn, from: number, to: number): ByteColumn {
  return { bytes: column.bytes, offsets: column.offsets.subarray(from, to + 1) };
}
