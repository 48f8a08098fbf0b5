import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { openMemoryStore } from "../backends/memory.ts";
import { type Candidate, findCandidates } from "../lib/gc/candidates.ts";
import { selectParts } from "../lib/gc/select_parts.ts";
import { SnapshotWriter } from "../lib/index/snapshot_writer.ts";
import type { Entry } from "../lib/model/entry.ts";
import { compareKeys } from "../lib/model/key_order.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { type Point, snapshotPoint } from "../lib/point.ts";
import { partName } from "../lib/model/snapshot_id.ts";
import { batchOf, entry } from "./entry_batches.ts";
import { runs } from "./seed.ts";
import { histories, HISTORY_KEYS, putHistory } from "./snapshot_histories.ts";

const ASOF = "2026-11-01T00:00:00.000Z";

/** A point whose entries lie in as many parts as there are lists. */
async function pointOf(
  store: SnapshotStore,
  index: number,
  lists: readonly (readonly Entry[])[],
): Promise<Point> {
  const writer = new SnapshotWriter(store, `20261101T0000${String(index).padStart(2, "0")}Z-abcd`);
  for (const list of lists) {
    if (list.length > 0) await writer.range().write(batchOf(list));
  }
  const manifest = await writer.finish({
    createdAt: ASOF,
    asOf: ASOF,
    bucket: { name: "replica" },
  });
  return snapshotPoint(manifest, { expired: false, pinned: false });
}

async function candidatesOf(
  store: SnapshotStore,
  points: readonly Point[],
  expired: readonly number[],
  exclusive: boolean,
): Promise<Candidate[]> {
  const { signal } = new AbortController();
  const options = { exclusive, signal, batchLength: 3 };
  const batches = await Array.fromAsync(
    findCandidates(store, points, new Set(expired), options),
  );
  assert(batches.every((batch) => batch.length > 0));
  return batches.flat();
}

const KEYS = ["", "a", "a/b", "b", "z", "é", "\uff5e", "\u{1f600}"].map((end) => `k${end}`);

/** Which version each key has in a point: none, one of a few, or one of several called null. */
const held = fc.array(fc.constantFrom(undefined, "v1", "v2", "null 1", "null 2"), {
  minLength: KEYS.length,
  maxLength: KEYS.length,
});

/** Where a point's parts end. */
const splits = fc.subarray([...KEYS.keys()].slice(1));

function entryOf(key: string, version: string): Entry {
  const [versionId, which = "0"] = version.split(" ");
  return entry({ key, versionId: versionId!, lastModified: 1000 + Number(which), size: 7 });
}

Deno.test("candidates are what only expired points name, with every point that does", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ held, splits, isExpired: fc.boolean() }), { maxLength: 6 }),
      fc.boolean(),
      async (worlds, exclusive) => {
        await using store = openMemoryStore();
        const points = await Promise.all(worlds.map(({ held, splits }, index) => {
          const entries = held.map((version, i) =>
            version === undefined ? undefined : entryOf(KEYS[i]!, version)
          );
          const ends = [0, ...splits, KEYS.length];
          const lists = ends.slice(1).map((end, i) =>
            entries.slice(ends[i], end).filter((each) => each !== undefined)
          );
          return pointOf(store, index, lists);
        }));
        const expired = [...worlds.keys()].filter((index) => worlds[index]!.isExpired);

        const found = await candidatesOf(store, points, expired, exclusive);
        assert.deepEqual(namesOf(found), expectedOf(KEYS, worlds, exclusive));
        const keys = found.map(({ key }) => key);
        assert.deepEqual(keys, keys.toSorted(compareKeys));
      },
    ),
    runs(300),
  );
});

/** What a bucket held when a point was taken of it. */
interface World {
  /** By the keys. */
  readonly held: readonly (string | undefined)[];
  readonly isExpired: boolean;
}

/** By comparing all with all: key, version, who has it, and whether it must stay. */
function expectedOf(
  allKeys: readonly string[],
  worlds: readonly World[],
  exclusive: boolean,
): string[] {
  const expected: string[] = [];
  for (const [i, key] of allKeys.entries()) {
    for (const version of ["v1", "v2", "null 1", "null 2"]) {
      const holders = [...worlds.keys()].filter((w) => worlds[w]!.held[i] === version);
      // One null is taken for another as long as it protects.
      const isLive = worlds.some(({ held, isExpired }) =>
        !isExpired && held[i]?.split(" ")[0] === version.split(" ")[0]
      );
      if (holders.length === 0) continue;
      if (isLive && !(exclusive && holders.length === 1)) continue;
      expected.push(`${key} ${version} ${holders} ${isLive}`);
    }
  }
  return expected.sort();
}

function namesOf(found: readonly Candidate[]): string[] {
  return found.map(({ key, versionId, lastModified, holders, live }) => {
    const name = versionId === "null" ? `null ${lastModified - 1000}` : versionId;
    return `${key} ${name} ${holders.toSorted()} ${live}`;
  }).sort();
}

Deno.test("so they are where points were written as changes to those before", async () => {
  await fc.assert(
    fc.asyncProperty(
      histories(6).chain((moments) =>
        fc.tuple(
          fc.constant(moments),
          fc.array(fc.boolean(), { minLength: moments.length, maxLength: moments.length }),
        )
      ),
      fc.boolean(),
      async ([moments, expiries], exclusive) => {
        await using store = openMemoryStore();
        const points = (await putHistory(store, moments)).map((manifest) =>
          snapshotPoint(manifest, { expired: false, pinned: false })
        );
        const worlds = moments.map(({ held }, i) => ({ held, isExpired: expiries[i]! }));
        const expired = [...worlds.keys()].filter((index) => worlds[index]!.isExpired);
        const found = await candidatesOf(store, points, expired, exclusive);
        assert.deepEqual(namesOf(found), expectedOf(HISTORY_KEYS, worlds, exclusive));
      },
    ),
    runs(100),
  );
});

Deno.test("of a point that is given up nothing goes that it does not name, whatever is damaged", async () => {
  let damaged = 0;
  await fc.assert(
    fc.asyncProperty(
      histories(4).filter((moments) => moments.length > 1),
      fc.nat(),
      fc.nat(),
      async (moments, which, at) => {
        await using store = openMemoryStore();
        const manifests = await putHistory(store, moments);
        const { id, parts } = manifests.at(-1)!;
        const files = parts.flatMap(({ name, patch }) => patch ? [patch.name] : [name]);
        if (files.length === 0) return;
        const name = partName(id, files[which % files.length]!);
        const body = await store.get(name) as ReadableStream<Uint8Array<ArrayBuffer>>;
        const bytes = await new Response(body).bytes();
        await store.put(name, ReadableStream.from([bytes.subarray(0, at % bytes.length)]));
        // Those that the parts come from may be gone by now.
        const left = which % manifests.length;
        const points = manifests.slice(left).map((manifest) =>
          snapshotPoint(manifest, { expired: false, pinned: false })
        );
        const last = points.length - 1;
        const { signal } = new AbortController();
        const options = { givenUp: new Set([last]), signal };
        const found = (await Array.fromAsync(
          findCandidates(store, points, new Set([last]), options),
        )).flat();
        const worlds = moments.slice(left).map(({ held }, i) => ({ held, isExpired: i === last }));
        const expected = expectedOf(HISTORY_KEYS, worlds, false);
        const names = namesOf(found);
        if (names.length < expected.length) damaged++;
        assert.deepEqual(names.filter((each) => !expected.includes(each)), []);
      },
    ),
    runs(60),
  );
  assert.ok(damaged > 3, `${damaged} times something was not found`);
});

Deno.test("what a kept point has too is not read, and equal parts are read once", async () => {
  await using store = openMemoryStore();
  const part = (key: string, versionId: string) => [entry({ key, versionId })];
  const points = [
    await pointOf(store, 0, [part("a", "v1"), part("b", "v1"), part("c", "v1"), part("e", "v1")]),
    await pointOf(store, 1, [part("a", "v1"), part("b", "v1"), part("c", "v2"), part("e", "v2")]),
    await pointOf(store, 2, [part("a", "v1"), part("b", "v3"), part("c", "v2"), part("f", "v1")]),
  ];
  const { signal } = new AbortController();
  const read = selectParts(store, points, new Set([0, 1]), { exclusive: false, signal })
    .map(({ firstKey, owners }) => `${firstKey} of ${owners}`);
  assert.deepEqual(read.sort(), [
    "b of 0,1",
    "b of 2",
    "c of 0",
    "c of 1,2",
    "e of 0",
    "e of 1",
  ]);
  assert.deepEqual(selectParts(store, points, new Set(), { exclusive: false, signal }), []);
});

Deno.test("with a part come its patches, and what one point keeps of it alone is found", async () => {
  await using store = openMemoryStore();
  const how = { cuts: [], maxShare: 100, minEntries: 1 };
  const held = HISTORY_KEYS.map(() => "v1");
  const later = held.with(3, "v2");
  const points = (await putHistory(store, [
    { ...how, held },
    { ...how, held: later },
    { ...how, held: later },
    { ...how, held: held.with(5, "v2") },
  ])).map((manifest) => snapshotPoint(manifest, { expired: false, pinned: false }));
  const { signal } = new AbortController();
  const read = (expired: number[], exclusive: boolean) =>
    selectParts(store, points, new Set(expired), { exclusive, signal })
      .map(({ owners, patches }) => `${patches ? "patch" : "part"} of ${owners}`).sort();
  const all = ["part of 0,1,2,3", "patch of 1,2", "patch of 3"];
  assert.deepEqual(read([], false), []);
  assert.deepEqual(read([1], false), []);
  assert.deepEqual(read([0], false), all);
  assert.deepEqual(read([0, 1, 2], false), all);
  // The version that all others have replaced is the first point's alone.
  const three = points.slice(0, 3);
  const found = await candidatesOf(store, three, [], true);
  assert.deepEqual(namesOf(found), [`${HISTORY_KEYS[3]} v1 0 true`]);
});
