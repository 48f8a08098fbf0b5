import { readBytes } from "../index/file_reader.ts";
import { putBytes } from "../index/put_bytes.ts";
import { readManifestFile } from "../index/snapshot_reader.ts";
import { StoreUpload } from "../index/store_upload.ts";
import { SnapshotError } from "../model/errors.ts";
import type { FileInfo, Manifest } from "../model/manifest.ts";
import { expiredMarkName, manifestName, partName, pinnedMarkName } from "../model/snapshot_id.ts";
import type { SnapshotStore } from "../model/store.ts";
import { openPoint } from "../points.ts";
import { runBounded } from "../s3/run_bounded.ts";

/** Files copied at once: hides the stores' latency; each holds a chunk or two in memory. */
const FILES_IN_FLIGHT = 8;

/** From where to where, and until when. */
export interface CopyStores {
  readonly from: SnapshotStore;
  readonly to: SnapshotStore;
  readonly signal?: AbortSignal;
  /** Called before what must not happen without the lock of `to`. Throws as `Lock.assertHeld` */
  readonly assertHeld: () => Promise<void>;
}

/**
 * Copy a snapshot's files, the manifest last, byte for byte.
 *
 * @returns Bytes
 * @throws {SnapshotError} when it is damaged, was written by a later release or is being removed
 * @throws {StoreError} when a store does not answer
 */
export async function copySnapshotFiles(id: string, stores: CopyStores): Promise<number> {
  const { from, to, signal, assertHeld } = stores;
  const abort = signal ? { signal } : {};
  const { manifest, bytes } = await readManifestFile(from, id, abort);
  const files = filesOf(manifest);
  const copy = (file: FileInfo, stop: AbortSignal) =>
    copyFile(id, file, { from, to, signal: stop, assertHeld });
  await runBounded(files, FILES_IN_FLIGHT, copy, signal);
  const { pinned, expired } = await openPoint(from, id, abort);
  if (expired) throw beingRemoved(from, id);
  // gc tidies up what has no manifest: nobody may have let it in.
  await assertHeld();
  if (pinned) await copyPin(to, id, signal);
  await assertCopied(to, id, files, abort);
  await putBytes(to, manifestName(id), bytes, abort);
  return files.reduce((sum, { size }) => sum + size, bytes.length);
}

/** Keep a snapshot from the retention rules of another store, too. @throws {StoreError} */
export async function copyPin(
  to: SnapshotStore,
  id: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await to.put(pinnedMarkName(id), new Blob([]).stream(), signal ? { signal } : {});
}

function filesOf({ parts }: Manifest): FileInfo[] {
  return parts.flatMap((part) => part.patch ? [part, part.patch] : [part]);
}

async function copyFile(id: string, file: FileInfo, { from, to, signal }: CopyStores) {
  const abort = signal ? { signal } : {};
  await upload(to, partName(id, file.name), readBytes(from, id, file, abort), signal);
}

/** The store keeps nothing of bytes whose source fails. */
async function upload(
  store: SnapshotStore,
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const sent = new StoreUpload(store, name, signal);
  try {
    for await (const chunk of chunks) await sent.write(chunk);
  } catch (error) {
    await sent.abort(error);
    throw error;
  }
  return (await sent.close()).size;
}

/** @throws {SnapshotError} when the store lacks a file, or gc is at work on the snapshot there */
async function assertCopied(
  store: SnapshotStore,
  id: string,
  files: readonly FileInfo[],
  abort: { readonly signal?: AbortSignal },
): Promise<void> {
  const sizes = new Map<string, number>();
  for await (const { name, size } of store.list({ ...abort, prefix: `${id}/` })) {
    sizes.set(name, size);
  }
  if (sizes.has(expiredMarkName(id))) throw beingRemoved(store, id);
  const lost = files.find(({ name, size }) => sizes.get(partName(id, name)) !== size);
  if (!lost) return;
  throw new SnapshotError(
    "CorruptSnapshot",
    `${
      partName(id, lost.name)
    } was stored in ${store.url}, and is not there as a whole: see that ` +
      `nothing else removes files there, then copy again`,
  );
}

function beingRemoved(store: SnapshotStore, id: string): SnapshotError {
  return new SnapshotError(
    "ExpiredSnapshot",
    `the snapshot ${id} is not copied: its removal from ${store.url} was begun`,
  );
}

/**
 * Copy a file of 2015, which is a point as soon as it is there. It has no hash, and is parsed first.
 *
 * @returns Bytes
 * @throws {SnapshotError} `CorruptSnapshot`; `UnknownSnapshot` when it is no snapshot at all
 * @throws {StoreError} when a store does not answer
 */
export async function copyLegacyFile(name: string, stores: CopyStores): Promise<number> {
  const { from, to, signal, assertHeld } = stores;
  const abort = signal ? { signal } : {};
  await assertHeld();
  await openPoint(from, name, abort);
  return await upload(to, name, await from.get(name, abort), signal);
}

/** Remove the files of a copy that has no manifest. @throws {StoreError} when the store refuses */
export async function removeCopy(
  store: SnapshotStore,
  id: string,
  abort: { readonly signal?: AbortSignal },
): Promise<void> {
  const names = await Array.fromAsync(
    store.list({ ...abort, prefix: `${id}/` }),
    ({ name }) => name,
  );
  // What gc left is gc's to finish; its mark goes last.
  if (names.includes(expiredMarkName(id))) return;
  for (const name of names) await store.delete(name, abort);
}
