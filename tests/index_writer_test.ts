import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { openMemoryStore } from "../backends/memory.ts";
import { readEntries, readManifest } from "../lib/index/snapshot_reader.ts";
import { type SnapshotInfo, SnapshotWriter } from "../lib/index/snapshot_writer.ts";
import type { Entry } from "../lib/model/entry.ts";
import { StoreError } from "../lib/model/errors.ts";
import { compareKeys } from "../lib/model/key_order.ts";
import type { Manifest } from "../lib/model/manifest.ts";
import { manifestName } from "../lib/model/snapshot_id.ts";
import type { PutOptions, SnapshotStore } from "../lib/model/store.ts";
import { batchOf, entriesOf, entry } from "./entry_batches.ts";
import { hookStore } from "./hooked_store.ts";
import { runs, seededRandom } from "./seed.ts";

const ID = "20261123T011530Z-k3f9";
const INFO: SnapshotInfo = {
  createdAt: "2026-11-23T01:15:31Z",
  asOf: "2026-11-23T01:15:30Z",
  bucket: { name: "photos" },
};

function numbered(from: number, to: number): Entry[] {
  return Array.from(
    { length: to - from },
    (_, i) => entry({ key: `k${String(from + i).padStart(7, "0")}`, size: 1 }),
  );
}

async function names(store: SnapshotStore): Promise<string[]> {
  return (await Array.fromAsync(store.list())).map(({ name }) => name);
}

async function write(store: SnapshotStore, id: string, list: readonly Entry[]): Promise<Manifest> {
  const writer = new SnapshotWriter(store, id);
  for (let i = 0; i < list.length; i += 1000) await writer.write(batchOf(list.slice(i, i + 1000)));
  return await writer.finish(INFO);
}

/** A view of a store that answers some puts itself. */
function withPut(
  store: SnapshotStore,
  put: (
    name: string,
    body: ReadableStream<Uint8Array>,
    options: PutOptions,
  ) => Promise<void> | undefined,
): SnapshotStore {
  const view = hookStore(store, {});
  return {
    ...view,
    put: (name, body, options = {}) => put(name, body, options) ?? view.put(name, body, options),
  };
}

Deno.test("the manifest is written last, and only if there was none", async () => {
  await using store = openMemoryStore();
  const calls: string[] = [];
  const view = hookStore(store, {
    before: ({ operation, name }) => void calls.push(`${operation} ${name}`),
  });
  await write(view, ID, numbered(0, 20));
  assert.deepEqual(calls, [
    `list ${ID}/`,
    `put ${ID}/part-00000`,
    `put ${ID}/manifest.json`,
  ]);

  const again = new SnapshotWriter(store, ID);
  await assert.rejects(again.finish(INFO), { code: "AlreadyExists" });
  await again.abort();
  assert.deepEqual(await names(store), [`${ID}/manifest.json`, `${ID}/part-00000`]);
});

Deno.test("a snapshot whose name is taken touches no file of the other", async () => {
  await using store = openMemoryStore();
  const manifest = await write(store, ID, numbered(0, 20));
  const again = new SnapshotWriter(store, ID);
  await assert.rejects(again.write(batchOf(numbered(5, 10))), {
    code: "AlreadyExists",
    message: /try again, which takes another id/,
  });
  await again.abort();
  assert.deepEqual(await entriesOf(readEntries(store, manifest)), numbered(0, 20));
});

Deno.test("a snapshot of nothing is one", async () => {
  await using store = openMemoryStore();
  const manifest = await write(store, ID, []);
  assert.deepEqual(manifest.totals, { objects: 0, bytes: 0 });
  assert.deepEqual(await entriesOf(readEntries(store, await readManifest(store, ID))), []);
});

Deno.test("a store without createOnly is looked at before the manifest is put", async () => {
  await using store = openMemoryStore();
  const view = withPut(store, (_name, body, { createOnly }) => {
    if (!createOnly) return;
    return body.cancel().then(() => {
      throw new StoreError("Unsupported", "no createOnly here");
    });
  });
  const manifest = await write(view, ID, numbered(0, 20));
  assert.deepEqual(await readManifest(store, ID), manifest);

  const again = new SnapshotWriter(view, ID);
  await assert.rejects(again.finish(INFO), { code: "AlreadyExists" });
  await again.abort();
  assert.deepEqual(await readManifest(store, ID), manifest);
});

Deno.test("what a store fails with is thrown, at whatever block, and abort leaves nothing", async () => {
  for (const failAt of [0, 1, 2, 5, 9]) {
    await using store = openMemoryStore();
    const view = withPut(store, (name, body) => {
      if (name === manifestName(ID)) return;
      return (async () => {
        let chunks = 0;
        for await (const _ of body) if (chunks++ === failAt) break;
        throw new StoreError("NoSpace", `the disk of ${name} is full`);
      })();
    });
    const writer = new SnapshotWriter(view, ID);
    const list = numbered(0, 40_000);
    await assert.rejects(
      (async () => {
        await writer.write(batchOf(list));
        await writer.finish(INFO);
      })(),
      { code: "NoSpace" },
    );
    await writer.abort();
    assert.deepEqual(await names(store), []);
  }
});

Deno.test("a store that says it is done before it has all is not believed", async () => {
  await using store = openMemoryStore();
  const early = new SnapshotWriter(withPut(store, (_name, body) => body.cancel()), ID);
  await assert.rejects(early.write(batchOf(numbered(0, 40_000))), /before it was all sent/);
  await early.abort();

  // Header, block, footer; but it never asks whether there is more.
  const unasked = withPut(store, async (_name, body) => {
    const reader = body.getReader();
    for (let chunk = 0; chunk < 3; chunk++) await reader.read();
  });
  const writer = new SnapshotWriter(unasked, ID);
  await writer.write(batchOf(numbered(0, 10)));
  await assert.rejects(writer.finish(INFO), /before it was all sent/);
  await writer.abort();
});

Deno.test("abort removes the manifest first, even when its put failed after it happened", async () => {
  await using store = openMemoryStore();
  const calls: string[] = [];
  const view = hookStore(store, {
    after: ({ operation, name }) => {
      calls.push(`${operation} ${name}`);
      if (operation === "put" && name === manifestName(ID)) {
        throw new StoreError("Unavailable", "the connection broke");
      }
    },
  });
  const writer = new SnapshotWriter(view, ID);
  await writer.write(batchOf(numbered(0, 10)));
  await assert.rejects(writer.finish(INFO), { code: "Unavailable" });
  await writer.abort();
  assert.deepEqual(calls.slice(3), [`delete ${manifestName(ID)}`, `delete ${ID}/part-00000`]);
  assert.deepEqual(await names(store), []);
});

Deno.test("an abort signal stops the writer with its reason", async () => {
  await using store = openMemoryStore();
  const controller = new AbortController();
  const writer = new SnapshotWriter(store, ID, { signal: controller.signal });
  await writer.write(batchOf(numbered(0, 30_000)));
  controller.abort(new Error("enough"));
  await assert.rejects(writer.write(batchOf(numbered(30_000, 30_001))), { message: "enough" });
  await assert.rejects(writer.write(batchOf(numbered(30_001, 60_000))), { message: "enough" });
  await assert.rejects(writer.finish(INFO), { message: "enough" });
  await writer.abort();
  assert.deepEqual(await names(store), []);
});

Deno.test("entries wait for a slow store: two blocks are in memory, not more", async () => {
  await using store = openMemoryStore();
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  let taken = 0;
  const view = withPut(store, (name, body) => {
    if (name === manifestName(ID)) return;
    return (async () => {
      await opened;
      for await (const _ of body) taken++;
    })();
  });
  const writer = new SnapshotWriter(view, ID);
  let written = 0;
  const work = (async () => {
    for (; written < 7; written++) {
      await writer.write(batchOf(numbered(written * 4096, (written + 1) * 4096)));
    }
  })();
  for (let i = 0; i < 100; i++) await Promise.resolve();
  // A header waits for the store, and a block for the header.
  assert.equal(taken, 0);
  assert.ok(written <= 2, `${written} blocks were written`);
  open();
  await work;
  await writer.finish(INFO);
  assert.equal(taken, 9);
});

Deno.test("a part is filled while the two before it are still being kept, and no more", async () => {
  await using store = openMemoryStore();
  const kept = Promise.withResolvers<void>();
  const begun: string[] = [];
  const view = withPut(store, async (name, body, options) => {
    begun.push(name);
    await store.put(name, body, options);
    if (name !== manifestName(ID)) await kept.promise;
  });
  const writer = new SnapshotWriter(view, ID);
  const filled = (async () => {
    for (let i = 0; begun.length < 4; i++) {
      await writer.write(batchOf(numbered(i * 1000, (i + 1) * 1000)));
    }
  })();
  while (begun.length < 3) await new Promise((resolve) => setTimeout(resolve));
  // The third part ends, and must wait; the fourth is not begun.
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setTimeout(resolve));
  assert.equal(begun.length, 3);
  kept.resolve();
  await filled;
  const manifest = await writer.finish(INFO);
  const names = manifest.parts.map(({ name }) => name);
  assert.deepEqual(names, names.toSorted());
  assert.deepEqual(await readManifest(store, ID), manifest);
});

Deno.test("what fails when a part is kept is thrown later, and nothing is left", async () => {
  await using store = openMemoryStore();
  const view = withPut(store, (name, body) => {
    if (!name.endsWith("part-00000")) return;
    return (async () => {
      for await (const _ of body);
      throw new StoreError("NoSpace", "full");
    })();
  });
  const writer = new SnapshotWriter(view, ID);
  await assert.rejects(
    (async () => {
      await writer.write(batchOf(numbered(0, 200_000)));
      await writer.finish(INFO);
    })(),
    { code: "NoSpace" },
  );
  await writer.abort();
  assert.deepEqual(await names(store), []);
});

Deno.test("abort waits for parts that the store is about to keep, and removes them", async () => {
  await using store = openMemoryStore();
  const decided = Promise.withResolvers<void>();
  let begun = 0;
  const view = withPut(store, async (name, body) => {
    begun++;
    const chunks = await Array.fromAsync(body);
    await decided.promise;
    await store.put(name, ReadableStream.from(chunks));
  });
  const writer = new SnapshotWriter(view, ID);
  for (let i = 0; begun < 2; i += 1000) await writer.write(batchOf(numbered(i, i + 1000)));
  const aborted = writer.abort();
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve));
  decided.resolve();
  await aborted;
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(await names(store), []);
});

Deno.test("ranges that are written at once, in any order, make the same snapshot", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat({ max: 30_000 }), { maxLength: 3 }),
      fc.infiniteStream(fc.nat()),
      async (cuts, choices) => {
        await using store = openMemoryStore();
        const list = numbered(0, 30_000);
        const bounds = [0, ...cuts.sort((a, b) => a - b), list.length];
        const writer = new SnapshotWriter(store, ID);
        // The last range is begun first.
        const ranges = bounds.slice(1).map((end, i) => ({ next: bounds[i]!, end })).reverse()
          .map((range) => ({ ...range, writer: writer.range() }));
        for (let open = ranges; open.length > 0; open = ranges.filter((r) => r.next < r.end)) {
          const range = open[choices.next().value! % open.length]!;
          const end = Math.min(range.end, range.next + 3_000);
          await range.writer.write(batchOf(list.slice(range.next, end)));
          range.next = end;
        }
        const manifest = await writer.finish(INFO);
        assert.deepEqual(manifest.totals, { objects: list.length, bytes: list.length });
        assert.deepEqual(await entriesOf(readEntries(store, manifest)), list);
      },
    ),
    runs(5),
  );
});

Deno.test("ranges that overlap are refused", async () => {
  await using store = openMemoryStore();
  const writer = new SnapshotWriter(store, ID);
  await writer.range().write(batchOf(numbered(0, 10)));
  await writer.range().write(batchOf(numbered(9, 20)));
  await assert.rejects(writer.finish(INFO), { name: "RangeError", message: /overlap/ });
  await writer.abort();
  assert.deepEqual(await names(store), []);
});

Deno.test("after a change, most parts are byte for byte what they were", async () => {
  await using store = openMemoryStore();
  // How soon parts fall into step again depends on the keys: these are always the same.
  const random = seededRandom(1);
  const list = Array.from(
    { length: 180_000 },
    (_, i) => entry({ key: `${Math.floor(random() * 2 ** 32).toString(36)}/${i}`, size: 1 }),
  ).sort((a, b) => compareKeys(a.key, b.key));
  const before = new Set((await write(store, ID, list)).parts.map(({ sha256 }) => sha256));
  const at = Math.floor(list.length / 2);
  const added = entry({ key: `${list[at]!.key}0` });
  const changes = {
    "20261123T011530Z-aaaa": list.toSpliced(at, 1),
    "20261123T011530Z-bbbb": list.toSpliced(at + 1, 0, added),
    "20261123T011530Z-cccc": list.toSpliced(at, 1000),
  };
  for (const [id, changed] of Object.entries(changes)) {
    const { parts } = await write(store, id, changed);
    const news = parts.filter(({ sha256 }) => !before.has(sha256)).length;
    // The part that holds the change, and the next one if the cut between them is gone.
    assert.ok(parts.length >= 5 && news >= 1 && news <= 2, `${news} of ${parts.length} are new`);
  }
});
