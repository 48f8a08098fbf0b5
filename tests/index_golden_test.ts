import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { readEntries, readManifest } from "../lib/index/snapshot_reader.ts";
import { partName } from "../lib/model/snapshot_id.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { entriesOf } from "./entry_batches.ts";
import {
  GOLDEN_ENTRIES,
  GOLDEN_ID,
  GOLDEN_INFO,
  PATCHED_ENTRIES,
  PATCHED_ID,
  PATCHED_INFO,
} from "./golden/golden_snapshot.ts";
import { writeGolden, writePatched } from "./golden/write_golden.ts";

const FILES = ["manifest.json", "part-00000"].map((name) => `${GOLDEN_ID}/${name}`);
const PATCHED_FILES = ["manifest.json", "part-00000", "patch-00000"].map((name) =>
  `${PATCHED_ID}/${name}`
);

function golden(folder: string, name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(`golden/${folder}/${name}`, import.meta.url));
}

async function bytesOf(store: SnapshotStore, name: string): Promise<Uint8Array> {
  const body = await store.get(name) as ReadableStream<Uint8Array<ArrayBuffer>>;
  return await new Response(body).bytes();
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

Deno.test("the golden files of format 2 are read without those of the snapshot before", async () => {
  await using store = openMemoryStore();
  for (const name of PATCHED_FILES) {
    await store.put(name, ReadableStream.from([await golden("patched", name)]));
  }
  const manifest = await readManifest(store, PATCHED_ID);
  const { format, createdAt, asOf, bucket, totals } = manifest;
  assert.deepEqual({ createdAt, asOf, bucket }, PATCHED_INFO);
  assert.equal(format, 2);
  assert.deepEqual(totals, {
    objects: PATCHED_ENTRIES.length,
    bytes: PATCHED_ENTRIES.reduce((sum, { size }) => sum + size, 0),
  });
  assert.deepEqual(await entriesOf(readEntries(store, manifest)), PATCHED_ENTRIES);
});

// How zlib deflates may change with Deno; what is not deflated may not.
Deno.test("what the golden files hold is written as the same bytes again", async () => {
  await using store = openMemoryStore();
  await writePatched(store, await writeGolden(store, false));
  const [, part] = FILES;
  assert.deepEqual(await bytesOf(store, part!), await golden("plain", part!));
  const [, ...files] = PATCHED_FILES;
  for (const name of files) {
    assert.deepEqual(await bytesOf(store, name), await golden("patched", name));
  }
  assert.deepEqual(await golden("patched", files[0]!), await golden("plain", part!));
});

Deno.test("the dumps in docs/FORMAT.md are the golden part and patch, byte for byte", async () => {
  const page = await Deno.readTextFile(new URL("../docs/FORMAT.md", import.meta.url));
  const dumps = [...page.matchAll(/```hex\n(.*?)```/gs)].map(([, dump]) => bytesIn(dump!));
  const part = await golden("plain", partName(GOLDEN_ID, "part-00000"));
  const patch = await golden("patched", partName(PATCHED_ID, "patch-00000"));
  assert.deepEqual(dumps, [[...part], [...patch]]);
});

function bytesIn(dump: string): number[] {
  return dump.split("\n").flatMap((line) => {
    const pairs = /^(?:[0-9a-f]{2} {1,2})*(?:[0-9a-f]{2})?(?= |$)/.exec(line)?.[0] ?? "";
    return pairs.split(" ").filter((pair) => pair !== "").map((pair) => parseInt(pair, 16));
  });
}
