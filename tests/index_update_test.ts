import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { readEntries } from "../lib/index/snapshot_reader.ts";
import { SnapshotWriter } from "../lib/index/snapshot_writer.ts";
import type { Entry } from "../lib/model/entry.ts";
import { type BackupError, StoreError } from "../lib/model/errors.ts";
import type { Manifest } from "../lib/model/manifest.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { batchOf, entriesOf, entry } from "./entry_batches.ts";
import { hookStore } from "./hooked_store.ts";

const BEFORE = "20261122T011530Z-aaaa";
const AFTER = "20261123T011530Z-bbbb";
const INFO = {
  createdAt: "2026-11-23T01:15:31Z",
  asOf: "2026-11-23T01:15:30Z",
  bucket: { name: "photos" },
};
const COUNT = 40_000;
const LIST: readonly Entry[] = Array.from(
  { length: COUNT },
  (_, i) => entry({ key: `k${String(i).padStart(7, "0")}`, size: 1 }),
);

async function write(writer: SnapshotWriter, list: readonly Entry[]): Promise<Manifest> {
  for (let i = 0; i < list.length; i += 1000) await writer.write(batchOf(list.slice(i, i + 1000)));
  return await writer.finish(INFO);
}

/** The list, in four parts at least. */
async function writeBefore(store: SnapshotStore): Promise<Manifest> {
  const writer = new SnapshotWriter(store, BEFORE);
  for (let from = 0; from < COUNT; from += COUNT / 4) {
    const range = writer.range();
    await range.write(batchOf(LIST.slice(from, from + COUNT / 4)));
    await range.finish();
  }
  return await writer.finish(INFO);
}

interface Update {
  readonly manifest: Manifest;
  readonly unreadable: readonly BackupError[];
}

/** A snapshot of a list as changes to one of another, and what it complained about. */
async function update(
  store: SnapshotStore,
  manifest: Manifest,
  list: readonly Entry[],
  signal?: AbortSignal,
): Promise<Update> {
  const unreadable: BackupError[] = [];
  const onUnreadable = (error: BackupError) => void unreadable.push(error);
  const previous = { manifest, onUnreadable };
  const writer = new SnapshotWriter(store, AFTER, { previous, ...(signal && { signal }) });
  try {
    return { manifest: await write(writer, list), unreadable };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** Every so manieth entry differs. */
function changed(every: number): Entry[] {
  return LIST.map((each, i) => i % every === 0 ? { ...each, versionId: "new" } : each);
}

function sums({ parts }: Manifest): string[] {
  return parts.map(({ sha256 }) => sha256);
}

Deno.test("parts in which little has changed stay, whatever has become of the rest", async () => {
  await using store = openMemoryStore();
  const before = await writeBefore(store);
  const [first] = before.parts;
  const lists: Record<string, [list: readonly Entry[], patches: number, kept: number]> = {
    "nothing has changed": [LIST, 0, before.parts.length],
    "a thousandth has": [changed(1000), before.parts.length, before.parts.length],
    "half has": [changed(2), 0, 0],
    "one part is gone": [LIST.slice(first!.entries), 0, before.parts.length - 1],
    "more was added behind the end": [
      [...LIST, ...Array.from({ length: 9000 }, (_, i) => entry({ key: `l${10_000 + i}` }))],
      0,
      before.parts.length,
    ],
    "all is gone": [[], 0, 0],
  };
  for (const [what, [list, patches, kept]] of Object.entries(lists)) {
    const { manifest, unreadable } = await update(store, before, list);
    assert.deepEqual(await entriesOf(readEntries(store, manifest)), list, what);
    assert.equal(manifest.parts.filter(({ patch }) => patch).length, patches, what);
    assert.equal(sums(manifest).filter((sum) => sums(before).includes(sum)).length, kept, what);
    assert.deepEqual(unreadable, [], what);
    for await (const { name } of store.list({ prefix: AFTER })) await store.delete(name);
  }
});

Deno.test("a sixteenth of a part may differ, and one entry more may not", async () => {
  await using store = openMemoryStore();
  const list = LIST.slice(0, 4096);
  const before = await write(new SnapshotWriter(store, BEFORE), list);
  assert.equal(before.parts.length, 1);
  for (const [count, patches] of [[256, 1], [257, 0]] as const) {
    const after = list.map((each, i) => i < count ? { ...each, size: 2 } : each);
    const { manifest } = await update(store, before, after);
    assert.equal(manifest.parts.filter(({ patch }) => patch).length, patches);
    assert.deepEqual(await entriesOf(readEntries(store, manifest)), after);
    for await (const { name } of store.list({ prefix: AFTER })) await store.delete(name);
  }
});

Deno.test("parts that are too small to keep apart join", async () => {
  await using store = openMemoryStore();
  const writer = new SnapshotWriter(store, BEFORE);
  const list = LIST.slice(0, 3000);
  for (let i = 0; i < 3; i++) {
    const range = writer.range();
    await range.write(batchOf(list.slice(i * 1000, (i + 1) * 1000)));
    await range.finish();
  }
  const before = await writer.finish(INFO);
  assert.equal(before.parts.length, 3);
  const { manifest } = await update(store, before, list);
  assert.equal(manifest.parts.length, 1);
  assert.deepEqual(await entriesOf(readEntries(store, manifest)), list);
});

Deno.test("a part that cannot be read is written anew, and that is told", async () => {
  const damage: Record<string, (store: SnapshotStore, name: string) => Promise<SnapshotStore>> = {
    async missing(store, name) {
      await store.delete(name);
      return store;
    },
    async longer(store, name) {
      const bytes = await Array.fromAsync(await store.get(name));
      await store.put(name, ReadableStream.from([...bytes, new Uint8Array(9)]));
      return store;
    },
    async flipped(store, name) {
      const chunks = await Array.fromAsync(await store.get(name));
      const last = chunks.pop()!;
      await store.put(name, ReadableStream.from([...chunks, last.with(0, last[0]! ^ 1)]));
      return store;
    },
    unavailable(store, name) {
      return Promise.resolve(hookStore(store, {
        before: (call) => {
          if (call.operation !== "get" || call.name !== name) return;
          throw new StoreError("Unavailable", "the connection broke");
        },
      }));
    },
  };
  for (const [what, harm] of Object.entries(damage)) {
    await using store = openMemoryStore();
    const before = await writeBefore(store);
    const name = `${BEFORE}/${before.parts[0]!.name}`;
    const { manifest, unreadable } = await update(await harm(store, name), before, LIST);
    assert.deepEqual(await entriesOf(readEntries(store, manifest)), LIST, what);
    assert.deepEqual(sums(manifest), sums(before), what);
    assert.equal(unreadable.length, 1, what);
  }
});

Deno.test("an update that fails or is given up leaves none of its files", async () => {
  await using store = openMemoryStore();
  const before = await writeBefore(store);
  const names = async () => (await Array.fromAsync(store.list())).map(({ name }) => name);
  const earlier = await names();
  const failing = ["part-00000", "patch-00000", "patch-00001", "manifest.json"];
  for (const file of failing) {
    const full = hookStore(store, {
      before: ({ operation, name }) => {
        if (operation !== "put" || name !== `${AFTER}/${file}`) return;
        throw new StoreError("NoSpace", "the disk is full");
      },
    });
    await assert.rejects(update(full, before, changed(1000)), { code: "NoSpace" });
    assert.deepEqual(await names(), earlier, file);
  }
  const controller = new AbortController();
  const stopping = hookStore(store, {
    before: ({ operation, name }) => {
      if (operation === "get" && name.endsWith("part-00001")) controller.abort(new Error("enough"));
    },
  });
  await assert.rejects(update(stopping, before, LIST, controller.signal), { message: "enough" });
  assert.deepEqual(await names(), earlier);
});
