/**
 * Writes the golden files. They stand for every snapshot that was ever stored: run this again only
 * for a new format, into a new folder.
 *
 *     deno run --allow-read --allow-write tests/golden/write_golden.ts
 */
import { openMemoryStore } from "../../backends/memory.ts";
import { SnapshotWriter } from "../../lib/index/snapshot_writer.ts";
import type { Manifest } from "../../lib/model/manifest.ts";
import type { SnapshotStore } from "../../lib/model/store.ts";
import { batchOf } from "../entry_batches.ts";
import {
  GOLDEN_ENTRIES,
  GOLDEN_ID,
  GOLDEN_INFO,
  PATCH_ANYTHING,
  PATCHED_ENTRIES,
  PATCHED_ID,
  PATCHED_INFO,
} from "./golden_snapshot.ts";

/** The first snapshot, in format 1. */
export async function writeGolden(store: SnapshotStore, compress: boolean): Promise<Manifest> {
  const writer = new SnapshotWriter(store, GOLDEN_ID, { compress });
  await writer.write(batchOf(GOLDEN_ENTRIES));
  return await writer.finish(GOLDEN_INFO);
}

/** The later one, in format 2, as changes to the first. */
export async function writePatched(store: SnapshotStore, manifest: Manifest): Promise<void> {
  const previous = { manifest, ...PATCH_ANYTHING };
  const writer = new SnapshotWriter(store, PATCHED_ID, { compress: false, previous });
  await writer.write(batchOf(PATCHED_ENTRIES));
  await writer.finish(PATCHED_INFO);
}

async function save(store: SnapshotStore, folder: string, id: string): Promise<void> {
  for await (const { name } of store.list({ prefix: `${id}/` })) {
    const path = new URL(`${folder}/${name}`, import.meta.url);
    await Deno.mkdir(new URL(".", path), { recursive: true });
    await Deno.writeFile(path, await store.get(name));
  }
}

if (import.meta.main) {
  await using plain = openMemoryStore();
  await using deflated = openMemoryStore();
  await writePatched(plain, await writeGolden(plain, false));
  await writeGolden(deflated, true);
  await save(plain, "plain", GOLDEN_ID);
  await save(deflated, "deflated", GOLDEN_ID);
  await save(plain, "patched", PATCHED_ID);
}
