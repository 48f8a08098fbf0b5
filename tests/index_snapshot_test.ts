import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { openMemoryStore } from "../backends/memory.ts";
import { readEntries, readManifest } from "../lib/index/snapshot_reader.ts";
import { type SnapshotInfo, SnapshotWriter } from "../lib/index/snapshot_writer.ts";
import type { Entry } from "../lib/model/entry.ts";
import { entryAt } from "../lib/model/entry_batch.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { batchOf, entriesOf, entry } from "./entry_batches.ts";
import { hookStore } from "./hooked_store.ts";
import { entries } from "./index_arbitraries.ts";
import { runs } from "./seed.ts";

const ID = "20261123T011530Z-k3f9";
const INFO: SnapshotInfo = {
  createdAt: "2026-11-23T01:15:31.250Z",
  asOf: "2026-11-23T01:15:30.000Z",
  bucket: { name: "photos", prefix: "2026/", region: "eu-west-1" },
  label: "before the move",
};

Deno.test("a snapshot gives back its entries and its manifest", async () => {
  await fc.assert(
    fc.asyncProperty(
      entries(60),
      fc.boolean(),
      fc.nat({ max: 60 }),
      async (list, compress, cut) => {
        await using store = openMemoryStore();
        const writer = new SnapshotWriter(store, ID, { compress });
        await writer.write(batchOf(list.slice(0, cut)));
        await writer.write(batchOf(list.slice(cut)));
        const written = await writer.finish(INFO);
        const manifest = await readManifest(store, ID);
        assert.deepEqual(manifest, written);
        assert.equal(manifest.totals.objects, list.length);
        assert.equal(manifest.totals.bytes, list.reduce((sum, { size }) => sum + size, 0));
        assert.deepEqual(await entriesOf(readEntries(store, manifest)), list);
      },
    ),
    runs(100),
  );
});

Deno.test("reading by prefix and from a key on gives what filtering gives", async () => {
  await fc.assert(
    fc.asyncProperty(
      entries(60),
      fc.constantFrom("", "logs/", "logs/2026/", "a", "é", "\u{1f600}", "\u{10ffff}", "zzz"),
      fc.option(fc.constantFrom("", "logs/2026/a", "logs/", "\uffff", "é"), { nil: undefined }),
      async (list, prefix, after) => {
        await using store = openMemoryStore();
        const writer = new SnapshotWriter(store, ID);
        await writer.write(batchOf(list));
        const manifest = await writer.finish(INFO);
        const utf8 = (text: string) => new TextEncoder().encode(text);
        const expected = list.filter(({ key }) =>
          key.startsWith(prefix) &&
          (after === undefined || byteOrder(utf8(key), utf8(after)) > 0)
        );
        const options = after === undefined ? { prefix } : { prefix, after };
        assert.deepEqual(await entriesOf(readEntries(store, manifest, options)), expected);
      },
    ),
    runs(200),
  );
});

/** Byte order, the obvious way. */
function byteOrder(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? a.length - b.length : a[at]! - (b[at] ?? -1);
}

Deno.test("a large snapshot becomes parts with split keys, read in order", async () => {
  await using store = openMemoryStore();
  const list: Entry[] = Array.from(
    { length: 150_000 },
    (_, i) => entry({ key: `k${String(i).padStart(6, "0")}`, size: i }),
  );
  const writer = new SnapshotWriter(store, ID, { compress: false });
  for (let i = 0; i < list.length; i += 1000) await writer.write(batchOf(list.slice(i, i + 1000)));
  const manifest = await writer.finish(INFO);
  assert.ok(manifest.parts.length > 1);
  let at = 0;
  for (const part of manifest.parts) {
    assert.equal(part.firstKey, list[at]!.key);
    for (const [i, split] of part.splitKeys.entries()) {
      assert.equal(split, list[at + (i + 1) * 8192]!.key);
    }
    at += part.entries;
    assert.equal(part.lastKey, list[at - 1]!.key);
  }
  assert.equal(at, list.length);
  assert.deepEqual(await entriesOf(readEntries(store, manifest)), list);

  const { view, bytesOf } = countBytes(store);
  for (const prefix of ["j", "l"]) {
    assert.deepEqual(await entriesOf(readEntries(view, manifest, { prefix })), []);
  }
  assert.equal(bytesOf.size, 0);
  const [, second] = manifest.parts;
  const prefix = second!.firstKey;
  const [first] = await entriesOf(readEntries(view, manifest, { prefix }));
  assert.equal(first!.key, prefix);
  assert.deepEqual([...bytesOf.keys()], [`${ID}/${second!.name}`]);
  assert.ok(bytesOf.get(`${ID}/${second!.name}`)! < second!.size / 2, "no more than was asked for");
});

Deno.test("the next part is begun before the one being read is done, and let go of early", async () => {
  await using store = openMemoryStore();
  const writer = new SnapshotWriter(store, ID);
  const names = ["a", "b", "c"];
  for (const key of names) {
    const range = writer.range();
    await range.write(batchOf([entry({ key })]));
    await range.finish();
  }
  const manifest = await writer.finish(INFO);
  const log: string[] = [];
  const view: SnapshotStore = {
    ...hookStore(store, {}),
    async get(name, options) {
      log.push(`get ${name.slice(-1)}`);
      const reader = (await store.get(name, options)).getReader();
      return new ReadableStream({
        async pull(controller) {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: () => void log.push(`cancel ${name.slice(-1)}`),
      }, { highWaterMark: 0 });
    },
  };
  for await (const batch of readEntries(view, manifest)) {
    assert.equal(entryAt(batch, 0).key, "a");
    assert.deepEqual(log, ["get 0", "get 1"]);
    break;
  }
  assert.deepEqual(log, ["get 0", "get 1", "cancel 0", "cancel 1"]);
  assert.deepEqual((await entriesOf(readEntries(view, manifest))).map(({ key }) => key), names);

  log.length = 0;
  const later = await entriesOf(readEntries(view, manifest, { after: "a" }));
  assert.deepEqual(later.map(({ key }) => key), ["b", "c"]);
  assert.ok(!log.includes("get 0"));

  await store.delete(`${ID}/part-00001`);
  const seen: string[] = [];
  await assert.rejects(
    (async () => {
      for await (const batch of readEntries(store, manifest)) seen.push(entryAt(batch, 0).key);
    })(),
    { code: "CorruptSnapshot" },
  );
  assert.deepEqual(seen, ["a"]);
});

/** How many bytes of each file are read. */
function countBytes(store: SnapshotStore) {
  const bytesOf = new Map<string, number>();
  const view: SnapshotStore = {
    ...hookStore(store, {}),
    async get(name, options) {
      bytesOf.set(name, 0);
      const counter = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          bytesOf.set(name, bytesOf.get(name)! + chunk.length);
          controller.enqueue(chunk);
        },
      });
      return (await store.get(name, options)).pipeThrough(counter);
    },
  };
  return { view, bytesOf };
}
