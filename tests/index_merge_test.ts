import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { openMemoryStore } from "../backends/memory.ts";
import { BatchCursor } from "../lib/index/batch_cursor.ts";
import { ManyMerge } from "../lib/index/many_merge.ts";
import type { MergeSource } from "../lib/index/merge_source.ts";
import { SnapshotWriter } from "../lib/index/snapshot_writer.ts";
import type { Entry } from "../lib/model/entry.ts";
import { DELETE_MARKER, entryAt, type EntryBatch, textAt } from "../lib/model/entry_batch.ts";
import { EntryBatchBuilder } from "../lib/model/entry_batch_builder.ts";
import { compareKeys } from "../lib/model/key_order.ts";
import type { Manifest } from "../lib/model/manifest.ts";
import { batchesOf, batchOf, entry } from "./entry_batches.ts";
import { hookStore } from "./hooked_store.ts";
import { partSources } from "./part_sources.ts";
import { runs, SEED, seededRandom } from "./seed.ts";

const keys = fc.array(fc.constantFrom("a", "b", "ba", "c", "\uff5e", "\u{1f600}"), {
  maxLength: 12,
}).map((list) => list.sort(compareKeys));
const distinctKeys = keys.map((list) => [...new Set(list)]);
const cuts = fc.infiniteStream(fc.nat({ max: 3 }));

/** Entries in batches of any lengths, empty ones too. */
function* groupsOf(list: readonly Entry[], lengths: Iterator<number>): Generator<Entry[]> {
  for (let at = 0; at < list.length;) {
    const end = at + lengths.next().value;
    yield list.slice(at, end);
    at = end;
  }
  yield [];
}

/** Entries with these keys, each with a version id of its own. */
function numbered(list: readonly string[]): Entry[] {
  return list.map((key, i) => entry({ key, versionId: `v${i}` }));
}

function cursorOver(list: readonly Entry[], lengths: Iterator<number>): BatchCursor {
  return new BatchCursor(batchesOf([...groupsOf(list, lengths)]));
}

Deno.test("a cursor walks over every row, whatever the batches", async () => {
  await fc.assert(
    fc.asyncProperty(keys, cuts, async (list, lengths) => {
      const cursor = cursorOver(numbered(list), lengths);
      const seen: string[] = [];
      assert.equal(cursor.isReady, false);
      while (await cursor.load()) {
        do seen.push(textAt(cursor.batch.keys, cursor.row)); while (cursor.step());
      }
      assert.deepEqual(seen, list);
      assert.equal(cursor.isReady, true);
      assert.equal(cursor.isAtRow, false);
      assert.equal(await cursor.load(), false);
    }),
    runs(50),
  );
});

/** What each key is found with: owner and version id. */
async function foundBy(merge: ManyMerge): Promise<[string, string[]][]> {
  const stops: [string, string[]][] = [];
  while (await merge.load()) {
    while (merge.next()) {
      const found: string[] = [];
      let key = "";
      for (let n = 0; n < merge.count; n++) {
        const each = entryAt(merge.cursorAt(n).batch, merge.cursorAt(n).row);
        key = each.key;
        for (const owner of merge.ownersAt(n)) found.push(`${owner}:${each.versionId}`);
      }
      stops.push([key, found.sort()]);
    }
  }
  return stops;
}

function bruteForceMany(lists: readonly (readonly Entry[])[]): [string, string[]][] {
  const all = [...new Set(lists.flat().map(({ key }) => key))].sort(compareKeys);
  return all.map((key) => [
    key,
    lists.flatMap((list, owner) =>
      list.filter((entry) => entry.key === key).map(({ versionId }) => `${owner}:${versionId}`)
    ).sort(),
  ]);
}

Deno.test("many sources merge as comparing all with all does, known first keys or not", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(distinctKeys, fc.boolean()), { maxLength: 6 }),
      cuts,
      async (given, lengths) => {
        const lists = given.map(([list]) => numbered(list));
        const sources = given.map(([list, isKnown], owner): MergeSource => ({
          owners: [owner],
          ...(isKnown && list.length > 0 ? { firstKey: list[0]! } : {}),
          open: () => batchesOf([...groupsOf(lists[owner]!, lengths)]),
        }));
        await using merge = new ManyMerge(sources);
        assert.deepEqual(await foundBy(merge), bruteForceMany(lists));
        assert.equal(await merge.load(), false);
      },
    ),
    runs(300),
  );
});

Deno.test("what one source alone has can be passed over, and nothing else is", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(distinctKeys, fc.boolean()), { maxLength: 4 }),
      cuts,
      fc.infiniteStream(fc.boolean()),
      async (given, lengths, passes) => {
        const lists = given.map(([list]) => numbered(list));
        const all = bruteForceMany(lists);
        await using merge = new ManyMerge(given.map(([list, isKnown], owner): MergeSource => ({
          owners: [owner],
          ...(isKnown && list.length > 0 ? { firstKey: list[0]! } : {}),
          open: () => batchesOf([...groupsOf(lists[owner]!, lengths)]),
        })));
        let at = 0, passed: number | undefined;
        while (await merge.load()) {
          while (merge.next()) {
            const key = textAt(merge.cursorAt(0).batch.keys, merge.cursorAt(0).row);
            for (; all[at]![0] !== key; at++) assert.deepEqual(ownersOf(all[at]![1]), [passed]);
            assert.equal(merge.count, all[at++]![1].length);
            passed = passes.next().value ? merge.ownersAt(0)[0] : undefined;
            if (passed !== undefined) merge.passAlone();
          }
        }
        for (const [, found] of all.slice(at)) assert.deepEqual(ownersOf(found), [passed]);
      },
    ),
    runs(300),
  );
});

/** Of what {@linkcode bruteForceMany} found. */
function ownersOf(found: readonly string[]): number[] {
  return found.map((each) => Number(each.slice(0, each.indexOf(":"))));
}

Deno.test("the rows of a long batch that one source alone has are passed over at once", async () => {
  const list = numbered(Array.from({ length: 1000 }, (_, i) => `k${String(i).padStart(3, "0")}`));
  const others = [100, 101, 640].map((i) => list[i]!);
  await using merge = new ManyMerge([
    { owners: [0, 1], name: "all", open: () => batchesOf([list]) },
    { owners: [1], patches: "all", open: () => batchesOf([others]) },
  ]);
  const stops: string[] = [];
  while (await merge.load()) {
    while (merge.next()) {
      stops.push(textAt(merge.cursorAt(0).batch.keys, merge.cursorAt(0).row));
      merge.passAlone();
    }
  }
  assert.deepEqual(stops, ["k000", "k100", "k101", "k102", "k640", "k641"]);
});

/** Sources that note when they are opened and closed. */
function loggedSources(log: string[]): MergeSource[] {
  async function* source(name: string, list: readonly string[]): AsyncGenerator<EntryBatch> {
    log.push(`open ${name}`);
    try {
      for (const each of numbered(list)) yield await Promise.resolve(batchOf([each]));
    } finally {
      log.push(`close ${name}`);
    }
  }
  return [
    { owners: [0], firstKey: "m", open: () => source("late", ["m", "n"]) },
    { owners: [1], firstKey: "a", open: () => source("early", ["a", "b", "c"]) },
    { owners: [3], firstKey: "b", open: () => source("long", ["b", "x"]) },
    { owners: [2], firstKey: "z", open: () => source("never", ["z"]) },
  ];
}

async function makeStops(merge: ManyMerge, count: number): Promise<void> {
  let stops = 0;
  while (stops < count && await merge.load()) while (stops < count && merge.next()) stops++;
}

Deno.test("a merge opens a source only when it gets there, and closes what it left early", async () => {
  const log: string[] = [];
  const merge = new ManyMerge(loggedSources(log), { ahead: 0 });
  assert.deepEqual(log, []);
  await makeStops(merge, 4);
  await merge[Symbol.asyncDispose]();
  assert.deepEqual(log, [
    "open early",
    "open long",
    "open late",
    "close early",
    "close long",
    "close late",
  ]);
});

Deno.test("a few sources are read before the merge gets there, and closed if it never does", async () => {
  const log: string[] = [];
  const merge = new ManyMerge(loggedSources(log), { ahead: 1 });
  assert.deepEqual(log, []);
  await makeStops(merge, 1);
  assert.deepEqual(log, ["open early", "open long"]);
  await makeStops(merge, 1);
  assert.deepEqual(log, ["open early", "open long", "open late"]);
  await merge[Symbol.asyncDispose]();
  assert.deepEqual(log.slice(3).sort(), ["close early", "close late", "close long"]);
});

async function* failing(): AsyncGenerator<EntryBatch> {
  yield await Promise.resolve(batchOf([]));
  throw new Error("broken");
}

Deno.test("a source that cannot be read ahead fails when the merge gets there", async () => {
  const merge = new ManyMerge([
    { owners: [0], firstKey: "a", open: () => batchesOf([numbered(["a"]), numbered(["b"])]) },
    { owners: [1], firstKey: "c", open: failing },
  ]);
  await makeStops(merge, 2);
  await assert.rejects(merge.load(), /broken/);
  await merge[Symbol.asyncDispose]();
});

Deno.test("a patch is opened with what it patches, and counts for its owners alone", async () => {
  const opened: string[] = [];
  const rows = (name: string, keys: readonly string[], removed: readonly string[] = []) => () => {
    opened.push(name);
    const builder = new EntryBatchBuilder();
    for (const key of keys) {
      builder.append(entry({ key, versionId: name }), removed.includes(key) ? DELETE_MARKER : 0);
    }
    return batchesOfBatch(builder.take());
  };
  await using merge = new ManyMerge([
    { name: "late", owners: [7], firstKey: "x", open: rows("late", ["x"]) },
    {
      name: "p",
      owners: [1, 2],
      patches: "base",
      firstKey: "c",
      open: rows("p", ["c", "d"], ["d"]),
    },
    { name: "base", owners: [0, 1, 2], firstKey: "a", open: rows("base", ["a", "c", "d"]) },
    // Of what it patches nothing is read, as where no more is wanted.
    { name: "q", owners: [3], patches: "gone", firstKey: "b", open: rows("q", ["b", "e"], ["b"]) },
  ], { ahead: 0 });
  assert.equal(await merge.load(), true);
  assert.deepEqual(opened, ["base", "p"]);
  assert.deepEqual(await foundBy(merge), [
    ["a", ["0:base", "1:base", "2:base"]],
    ["c", ["0:base", "1:p", "2:p"]],
    ["d", ["0:base"]],
    ["e", ["3:q"]],
    ["x", ["7:late"]],
  ]);
});

async function* batchesOfBatch(batch: EntryBatch): AsyncGenerator<EntryBatch> {
  yield await Promise.resolve(batch);
}

Deno.test("parts that snapshots share are read once in a merge of them", async () => {
  await using store = openMemoryStore();
  const reads: string[] = [];
  const counted = hookStore(store, {
    before: ({ operation, name }) => void (operation === "get" && reads.push(name)),
  });
  const random = seededRandom(SEED);
  let list = Array.from({ length: 40_000 }, (_, i) => entry({ key: `k${i}`, versionId: "old" }))
    .sort((a, b) => compareKeys(a.key, b.key));
  const manifests: Manifest[] = [];
  const lists: Entry[][] = [];
  for (let n = 0; n < 5; n++) {
    const writer = new SnapshotWriter(store, `20261123T01153${n}Z-k3f9`);
    await writer.write(batchOf(list));
    const time = `2026-11-23T01:15:3${n}Z`;
    const manifest = await writer.finish({
      createdAt: time,
      asOf: time,
      bucket: { name: "photos" },
    });
    manifests.push(manifest);
    lists.push(list);
    const changed = Math.floor(random() * list.length);
    list = list.with(changed, { ...list[changed]!, versionId: `new ${n}` });
  }
  const distinct = new Set(
    manifests.flatMap(({ parts }) => parts.map(({ sha256 }) => sha256)),
  );
  const all = manifests.reduce((sum, { parts }) => sum + parts.length, 0);
  assert.ok(distinct.size < all);

  await using merge = new ManyMerge(partSources(counted, manifests));
  let keys = 0;
  while (await merge.load()) {
    while (merge.next()) {
      const owners: number[] = [];
      for (let n = 0; n < merge.count; n++) {
        const cursor = merge.cursorAt(n);
        for (const owner of merge.ownersAt(n)) {
          owners.push(owner);
          assert.equal(textAt(cursor.batch.versionIds, cursor.row), lists[owner]![keys]!.versionId);
        }
      }
      assert.deepEqual(owners.sort(), [0, 1, 2, 3, 4]);
      keys++;
    }
  }
  assert.equal(keys, 40_000);
  assert.equal(reads.length, distinct.size);
});
