import { SnapshotWriter } from "../lib/index/snapshot_writer.ts";
import type { Entry } from "../lib/model/entry.ts";
import type { Manifest } from "../lib/model/manifest.ts";
import { expiredMarkName } from "../lib/model/snapshot_id.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { batchOf } from "./entry_batches.ts";

/** Store a snapshot of these entries, in key order, as if it had been taken of `replica`. */
export async function putSnapshot(
  store: SnapshotStore,
  id: string,
  entries: readonly Entry[],
  info: Partial<Manifest> = {},
): Promise<Manifest> {
  const writer = new SnapshotWriter(store, id);
  if (entries.length > 0) await writer.write(batchOf(entries));
  const asOf = `${id.slice(0, 4)}-${id.slice(4, 6)}-${id.slice(6, 8)}T00:00:00.000Z`;
  return await writer.finish({ createdAt: asOf, asOf, bucket: { name: "replica" }, ...info });
}

/** Mark a snapshot as one that gc has begun to remove. */
export async function markExpired(store: SnapshotStore, id: string): Promise<void> {
  await store.put(expiredMarkName(id), new Blob([]).stream());
}
