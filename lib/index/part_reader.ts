import type { EntryBatch } from "../model/entry_batch.ts";
import type { PartInfo } from "../model/manifest.ts";
import { partName } from "../model/snapshot_id.ts";
import type { SnapshotStore } from "../model/store.ts";
import { applyPatch } from "./apply_patch.ts";
import { corruptSnapshot, Damage, fileUrl } from "./damage.ts";
import { type ReadFileOptions, readRows } from "./file_reader.ts";

/**
 * The entries that a snapshot holds in a part, its patch applied, a block at a time. Each block is
 * checked before it is handed out; the files' sizes, SHA-256, counts and keys once they were read to
 * their ends.
 *
 * @throws {SnapshotError} `CorruptSnapshot` naming the file and what is wrong with it
 * @throws {StoreError} when the store does not answer
 */
export async function* readPart(
  store: SnapshotStore,
  id: string,
  part: PartInfo,
  options: ReadFileOptions = {},
): AsyncGenerator<EntryBatch> {
  const { patch } = part;
  const entries = readRows(store, id, part, "part", options);
  if (!patch) return yield* entries;
  try {
    yield* applyPatch(entries, readRows(store, id, patch, "patch", options), patch);
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    throw corruptSnapshot(fileUrl(store.url, partName(id, patch.name)), error.message, error);
  }
}
