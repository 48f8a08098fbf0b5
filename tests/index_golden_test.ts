import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { readEntries, readManifest } from "../lib/index/snapshot_reader.ts";
import { SnapshotWriter } from "../lib/index/snapshot_writer.ts";
import { partName } from "../lib/model/snapshot_id.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { batchOf, entriesOf } from "./entry_batches.ts";
import { GOLDEN_ENTRIES, GOLDEN_ID, GOLDEN_INFO } from "./golden/golden_snapshot.ts";

const FILES = ["manifest.json", "part-00000"].map((name) => `${GOLDEN_ID}/${name}`);

function golden(folder: string, name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(`golden/${folder}/${name}`, import.meta.url));
}

async function writeAgain(store: SnapshotStore, compress: boolean): Promise<void> {
  const writer = new SnapshotWriter(store, GOLDEN_ID, { compress });
  await writer.write(batchOf(GOLDEN_ENTRIES));
  await writer.finish(GOLDEN_INFO);
}

for (const folder of ["plain", "deflated"]) {
  Deno.test(`the golden files are read as what they were written from (${folder})`, async () => {
    await using store = openMemoryStore();
    for (const name of FILES) {
      await store.put(name, ReadableStream.from([await golden(folder, name)]));
    }
    const manifest = await readManifest(store, GOLDEN_ID);
    const { createdAt, asOf, bucket, label, totals } = manifest;
    assert.deepEqual({ createdAt, asOf, bucket, label }, GOLDEN_INFO);
    assert.deepEqual(totals, {
      objects: GOLDEN_ENTRIES.length,
      bytes: GOLDEN_ENTRIES.reduce((sum, { size }) => sum + size, 0),
    });
    assert.deepEqual(await entriesOf(readEntries(store, manifest)), GOLDEN_ENTRIES);
  });
}

// How zlib deflates may change with Deno; what is not deflated may not.
Deno.test("what the golden files hold is written as the same bytes again", async () => {
  await using store = openMemoryStore();
  await writeAgain(store, false);
  const name = partName(GOLDEN_ID, "part-00000");
  const written = await new Response(
    await store.get(name) as ReadableStream<Uint8Array<ArrayBuffer>>,
  ).bytes();
  assert.deepEqual(written, await golden("plain", name));
});

Deno.test("the dump in docs/FORMAT.md is the golden part, byte for byte", async () => {
  const page = await Deno.readTextFile(new URL("../docs/FORMAT.md", import.meta.url));
  const dump = /```hex\n(.*?)```/s.exec(page)![1]!;
  const bytes = dump.split("\n").flatMap((line) => {
    const pairs = /^(?:[0-9a-f]{2} {1,2})*(?:[0-9a-f]{2})?(?= |$)/.exec(line)?.[0] ?? "";
    return pairs.split(" ").filter((pair) => pair !== "").map((pair) => parseInt(pair, 16));
  });
  const part = await golden("plain", partName(GOLDEN_ID, "part-00000"));
  assert.deepEqual(bytes, [...part]);
});
