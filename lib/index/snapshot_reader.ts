import type { EntryBatch } from "../model/entry_batch.ts";
import { SnapshotError, StoreError } from "../model/errors.ts";
import { compareAtToBytes, compareKeys, prefixEnd } from "../model/key_order.ts";
import type { Manifest, PartInfo } from "../model/manifest.ts";
import { manifestName } from "../model/snapshot_id.ts";
import type { SnapshotStore } from "../model/store.ts";
import { corruptSnapshot, fileUrl } from "./damage.ts";
import { decodeManifest } from "./manifest_codec.ts";
import { readPart } from "./part_reader.ts";

/** No manifest is longer: this much describes more objects than any bucket has. */
const MAX_MANIFEST_BYTES = 256 << 20;

const encoder = new TextEncoder();

/**
 * The manifest of the snapshot `id`.
 *
 * @throws {SnapshotError} `UnknownSnapshot` when there is none, `CorruptSnapshot`, `NewerFormat`
 * @throws {StoreError} when the store does not answer
 */
export async function readManifest(
  store: SnapshotStore,
  id: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Manifest> {
  const name = manifestName(id);
  try {
    const stream = await store.get(name, signal ? { signal } : {});
    return decodeManifest(await readAll(stream), id, store.url);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.code === "NotFound") throw unknownSnapshot(store, id, error);
    if (error.code !== "Corrupt") throw error;
    throw corruptSnapshot(fileUrl(store.url, name), error.message, error);
  }
}

function unknownSnapshot(store: SnapshotStore, id: string, cause: unknown): SnapshotError {
  return new SnapshotError("UnknownSnapshot", `${store.url} has no snapshot ${id}`, { cause });
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    // What is longer fails the check of its hash; it need not be in memory for that.
    if (length > MAX_MANIFEST_BYTES) break;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Which entries of a snapshot are read. */
export interface ReadEntriesOptions {
  /** Only keys that begin with it. Default: all. */
  readonly prefix?: string;
  /** Only keys that sort after it. Default: all. */
  readonly after?: string;
  /** Abort: the iteration throws the reason. */
  readonly signal?: AbortSignal;
}

/**
 * The entries of a snapshot in key order, a block at a time; only the parts that can hold some are
 * read. Every block is checked before it is yielded. A part's SHA-256 is checked once it was read
 * to its end, which is not the case for one that is left early or only in part asked for.
 *
 * @throws {SnapshotError} `CorruptSnapshot` naming the file and what is wrong with it
 * @throws {StoreError} when the store does not answer
 */
export async function* readEntries(
  store: SnapshotStore,
  manifest: Manifest,
  { prefix = "", after, signal }: ReadEntriesOptions = {},
): AsyncGenerator<EntryBatch> {
  const range = new KeyRange(prefix, after);
  for (const part of manifest.parts) {
    if (range.isBefore(part.firstKey)) return;
    if (!range.mayHoldUpTo(part)) continue;
    for await (const batch of readPart(store, manifest.id, part, signal ? { signal } : {})) {
      const [start, end] = range.rowsOf(batch);
      if (start < end) yield slice(batch, start, end);
      if (end < batch.length) return;
    }
  }
}

/** The keys that are asked for: from a first one on, and up to, not including, an end. */
class KeyRange {
  readonly #prefix: string;
  readonly #after: string | undefined;
  readonly #start: Uint8Array;
  readonly #end: Uint8Array | undefined;

  constructor(prefix: string, after: string | undefined) {
    this.#prefix = prefix;
    this.#after = after;
    this.#start = encoder.encode(prefix);
    this.#end = prefixEnd(this.#start);
  }

  /** Whether the range ends before `key`. */
  isBefore(key: string): boolean {
    return compareKeys(this.#prefix, key) < 0 && !key.startsWith(this.#prefix);
  }

  /** Whether the range begins before the part ends. */
  mayHoldUpTo({ lastKey }: PartInfo): boolean {
    return compareKeys(lastKey, this.#prefix) >= 0 &&
      (this.#after === undefined || compareKeys(lastKey, this.#after) > 0);
  }

  /** The rows of a batch that are in the range: the first, and the one after the last. */
  rowsOf(batch: EntryBatch): [start: number, end: number] {
    const end = this.#end;
    const first = this.#after === undefined ? undefined : encoder.encode(this.#after);
    const start = Math.max(
      firstRow(batch, (row) => compareAtToBytes(batch.keys, row, this.#start) >= 0),
      first ? firstRow(batch, (row) => compareAtToBytes(batch.keys, row, first) > 0) : 0,
    );
    return [
      start,
      end ? firstRow(batch, (row) => compareAtToBytes(batch.keys, row, end) >= 0) : batch.length,
    ];
  }
}

/** The first row for which `holds`, by halving: it holds for all rows after one. */
function firstRow(batch: EntryBatch, holds: (row: number) => boolean): number {
  let low = 0, high = batch.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Rows of a batch as one of their own; the memory is shared. */
function slice(batch: EntryBatch, start: number, end: number): EntryBatch {
  if (start === 0 && end === batch.length) return batch;
  const { keys, versionIds, etags } = batch;
  return {
    length: end - start,
    keys: { bytes: keys.bytes, offsets: keys.offsets.subarray(start, end + 1) },
    versionIds: { bytes: versionIds.bytes, offsets: versionIds.offsets.subarray(start, end + 1) },
    etags: { bytes: etags.bytes, offsets: etags.offsets.subarray(start, end + 1) },
    sizes: batch.sizes.subarray(start, end),
    lastModified: batch.lastModified.subarray(start, end),
    storageClasses: batch.storageClasses.subarray(start, end),
    storageClassNames: batch.storageClassNames,
    flags: batch.flags.subarray(start, end),
  };
}
