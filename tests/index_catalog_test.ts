import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { listSnapshots, readManifests } from "../lib/index/catalog.ts";
import { resolveSnapshot } from "../lib/index/resolve_snapshot.ts";
import { SnapshotWriter } from "../lib/index/snapshot_writer.ts";
import { SnapshotError, StoreError } from "../lib/model/errors.ts";
import {
  expiredMarkName,
  manifestName,
  partName,
  pinnedMarkName,
} from "../lib/model/snapshot_id.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { batchOf, entry } from "./entry_batches.ts";
import { hookStore } from "./hooked_store.ts";

const OLD = "20261121T011530Z-k3f9";
const MIDDLE = "20261122T011530Z-0abc";
const SAFETY = "20261122T021530Z-zzzz";
const NEW = "20261123T011530Z-k3f9";

async function add(store: SnapshotStore, id: string, safetyFor?: string): Promise<void> {
  const writer = new SnapshotWriter(store, id);
  await writer.write(batchOf([entry({ key: "k" })]));
  await writer.finish({
    createdAt: "2026-11-23T01:15:31Z",
    asOf: "2026-11-23T01:15:30Z",
    bucket: { name: "photos" },
    ...(safetyFor === undefined ? {} : { safetyFor }),
  });
}

async function put(store: SnapshotStore, name: string, text = ""): Promise<void> {
  await store.put(name, ReadableStream.from([new TextEncoder().encode(text)]));
}

async function storeOfFour(): Promise<SnapshotStore> {
  const store = openMemoryStore();
  await add(store, NEW);
  await add(store, OLD);
  await add(store, SAFETY, OLD);
  await add(store, MIDDLE);
  return store;
}

function fails(code: string, ...what: RegExp[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof SnapshotError, String(error));
    assert.equal(error.code, code, error.message);
    for (const each of what) assert.match(error.message, each);
    return true;
  };
}

Deno.test("a store's snapshots are what has a manifest, oldest first, with their marks", async () => {
  await using store = await storeOfFour();
  await put(store, expiredMarkName(OLD));
  await put(store, pinnedMarkName(MIDDLE));
  await put(store, partName("20261120T011530Z-aaaa", "part-00000"));
  await put(store, expiredMarkName("20261120T011530Z-aaaa"));
  await put(store, "lock/00001");
  await put(store, "20261120/manifest.json");
  assert.deepEqual(await listSnapshots(store), [
    { id: OLD, expired: true, pinned: false },
    { id: MIDDLE, expired: false, pinned: true },
    { id: SAFETY, expired: false, pinned: false },
    { id: NEW, expired: false, pinned: false },
  ]);
});

Deno.test("a manifest that cannot be read does not hide the others", async () => {
  await using store = await storeOfFour();
  await put(store, manifestName(MIDDLE), "{}");
  const view = hookStore(store, {
    before: ({ operation, name }) => {
      if (operation === "get" && name === manifestName(SAFETY)) {
        throw new StoreError("Denied", "no");
      }
    },
  });
  const items = await Array.fromAsync(readManifests(view, await listSnapshots(view)));
  assert.deepEqual(
    items.map(({ id, manifest, error }) => [id, manifest?.id ?? error?.code]),
    [[OLD, OLD], [MIDDLE, "CorruptSnapshot"], [SAFETY, "Denied"], [NEW, NEW]],
  );
});

Deno.test("a snapshot that is removed while manifests are read is left out", async () => {
  await using store = await storeOfFour();
  const view = hookStore(store, {
    after: async ({ operation }) => {
      if (operation === "list") await store.delete(manifestName(MIDDLE));
    },
  });
  const ids = (await Array.fromAsync(readManifests(view, await listSnapshots(view)))).map((
    { id },
  ) => id);
  assert.deepEqual(ids, [OLD, SAFETY, NEW]);
});

Deno.test("manifests are read a few at a time, in order, whichever comes first", async () => {
  await using store = openMemoryStore();
  const ids = Array.from({ length: 40 }, (_, i) => `20261123T0115${10 + i}Z-k3f9`);
  for (const id of ids) await add(store, id);
  let running = 0, most = 0;
  const view = hookStore(store, {
    before: async ({ operation }) => {
      if (operation !== "get") return;
      most = Math.max(most, ++running);
      for (let ticks = running * 7 % 5; ticks-- > 0;) await Promise.resolve();
    },
    after: ({ operation }) => void (operation === "get" && running--),
  });
  const read = (await Array.fromAsync(readManifests(view, await listSnapshots(view)))).map((
    { id },
  ) => id);
  assert.deepEqual(read, ids);
  assert.ok(most > 1 && most <= 8, `${most} at once`);
});

Deno.test("an id, a beginning of one, latest and latest~N name a snapshot", async () => {
  await using store = await storeOfFour();
  const named: Record<string, string> = {
    [OLD]: OLD,
    [SAFETY]: SAFETY,
    "20261121": OLD,
    "20261122T02": SAFETY,
    "latest": NEW,
    "latest~0": NEW,
    "latest~1": MIDDLE,
    "latest~2": OLD,
  };
  for (const [reference, id] of Object.entries(named)) {
    assert.equal(await resolveSnapshot(store, reference), id, reference);
  }
  await put(store, expiredMarkName(NEW));
  assert.equal(await resolveSnapshot(store, "latest"), MIDDLE);
  assert.equal(await resolveSnapshot(store, NEW), NEW);
});

Deno.test("what names none or several says which are near, and how to see them all", async () => {
  await using store = await storeOfFour();
  const reject = (reference: string, check: (error: unknown) => boolean) =>
    assert.rejects(resolveSnapshot(store, reference), check);
  await reject(
    "2026112",
    fails(
      "AmbiguousSnapshot",
      /4 snapshots in memory:.* begin with "2026112"/,
      new RegExp(`${OLD}, ${MIDDLE}, ${SAFETY} and 1 more; give more of the id`),
    ),
  );
  await reject("20261122T", fails("AmbiguousSnapshot", new RegExp(`${MIDDLE}, ${SAFETY};`)));
  await reject(
    "20261124",
    fails("UnknownSnapshot", /holds 4;/, new RegExp(`near are .*${NEW}`), /list-snapshots/),
  );
  await reject("20261123T011530Z-k3fx", fails("UnknownSnapshot", new RegExp(`near are ${NEW};`)));
  await reject("", fails("UnknownSnapshot", /""/));
  await reject("latest~3", fails("UnknownSnapshot", /holds 4/));
  await using empty = openMemoryStore();
  await assert.rejects(resolveSnapshot(empty, "latest"), fails("UnknownSnapshot", /holds 0;/));
});

Deno.test("latest never quietly means an older one", async () => {
  await using store = await storeOfFour();
  await put(store, manifestName(NEW), "{}");
  await assert.rejects(resolveSnapshot(store, "latest"), fails("CorruptSnapshot"));
  assert.equal(await resolveSnapshot(store, NEW), NEW);
});
