import type { EntryBatch } from "../model/entry_batch.ts";
import { SnapshotError, StoreError } from "../model/errors.ts";
import { getListed } from "../model/get_listed.ts";
import type { Manifest } from "../model/manifest.ts";
import { manifestName } from "../model/snapshot_id.ts";
import type { SnapshotStore } from "../model/store.ts";
import { corruptSnapshot, fileUrl } from "./damage.ts";
import { KeyRange } from "./key_range.ts";
import { decodeManifest } from "./manifest_codec.ts";
import { readPart } from "./part_reader.ts";
import { readAhead } from "./read_ahead.ts";

/** No manifest is longer: this much describes more objects than any bucket has. */
const MAX_MANIFEST_BYTES = 256 << 20;

/**
 * The manifest of the snapshot `id`.
 *
 * @throws {SnapshotError} `UnknownSnapshot` when there is none; `CorruptSnapshot`, also when the store
 * lists it and does not have it; `NewerFormat`
 * @throws {StoreError} when the store does not answer
 */
export async function readManifest(
  store: SnapshotStore,
  id: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Manifest> {
  return (await readManifestFile(store, id, options)).manifest;
}

/**
 * The manifest of the snapshot `id`, and its file as it is: that may say more than this release
 * understands. Throws as {@linkcode readManifest}
 */
export async function readManifestFile(
  store: SnapshotStore,
  id: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<{ readonly manifest: Manifest; readonly bytes: Uint8Array }> {
  const name = manifestName(id);
  try {
    const bytes = await readAll(await getListed(store, name, signal ? { signal } : {}));
    return { manifest: decodeManifest(bytes, id, store.url), bytes };
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
 * read, and each is begun while the one before it is still being read. Every block is checked before it is yielded. A part's SHA-256 is checked once it was read
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
  const parts = manifest.parts.filter((part) => range.mayMeet(part))
    .map((part) => () => readPart(store, manifest.id, part, signal ? { signal } : {}));
  for await (const batch of readAhead(parts)) {
    const [start, end] = range.rowsOf(batch);
    if (start < end) yield slice(batch, start, end);
    if (end < batch.length) return;
  }
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
