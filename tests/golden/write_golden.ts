/**
 * Writes the golden files. They stand for every snapshot that was ever stored: run this again only
 * for a new format, into a new folder.
 *
 *     deno run --allow-read --allow-write tests/golden/write_golden.ts
 */
import { openMemoryStore } from "../../backends/memory.ts";
import { SnapshotWriter } from "../../lib/index/snapshot_writer.ts";
import { batchOf } from "../entry_batches.ts";
import { GOLDEN_ENTRIES, GOLDEN_ID, GOLDEN_INFO } from "./golden_snapshot.ts";

if (import.meta.main) {
  for (const [folder, compress] of [["plain", false], ["deflated", true]] as const) {
    await using store = openMemoryStore();
    const writer = new SnapshotWriter(store, GOLDEN_ID, { compress });
    await writer.write(batchOf(GOLDEN_ENTRIES));
    await writer.finish(GOLDEN_INFO);
    for await (const { name } of store.list()) {
      const path = new URL(`${folder}/${name}`, import.meta.url);
      await Deno.mkdir(new URL(".", path), { recursive: true });
      await Deno.writeFile(path, await store.get(name));
    }
  }
}
