import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { openMemoryStore } from "../backends/memory.ts";
import { collectByPolicy } from "../lib/gc.ts";
import { SnapshotWriter } from "../lib/index/snapshot_writer.ts";
import type { Entry } from "../lib/model/entry.ts";
import type { Manifest } from "../lib/model/manifest.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { type Amount, type PointStats, stats } from "../lib/stats.ts";
import { batchOf, entry } from "./entry_batches.ts";
import { FakeTime } from "./fake_time.ts";
import { runs } from "./seed.ts";
import { ModelBucket } from "./simulation/model_bucket.ts";
import { markExpired, putSnapshot } from "./stored_snapshots.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 30);
const BUCKET = { name: "replica" };
const PAIR = ["20261101T000000Z-aaaa", "20261102T000000Z-bbbb"] as const;

function retention(policy = {}) {
  return { policy: { keepLast: 1, ...policy }, bucket: BUCKET, now: NOW };
}

/** A point of a day of November, its entries in as many parts as there are lists. */
async function put(
  store: SnapshotStore,
  day: number,
  lists: readonly (readonly Entry[])[],
  info: Partial<Manifest> = {},
): Promise<string> {
  const asOf = new Date(Date.UTC(2026, 10, day)).toISOString();
  const id = `${asOf.slice(0, 19).replace(/[-:]/g, "")}Z-aaaa`;
  const writer = new SnapshotWriter(store, id);
  for (const list of lists) if (list.length > 0) await writer.range().write(batchOf(list));
  await writer.finish({ createdAt: asOf, asOf, bucket: BUCKET, ...info });
  return id;
}

function version(key: string, versionId: string, size: number): Entry {
  return entry({ key, versionId, size });
}

Deno.test("stats tells what each point holds, alone and all together, and what is new", async () => {
  const store = openMemoryStore();
  await putSnapshot(store, PAIR[0], [
    ...[version("a", "1", 1), version("b", "1", 10), version("c", "1", 100)],
  ], { label: "first" });
  await putSnapshot(store, PAIR[1], [
    ...[version("a", "1", 1), version("b", "2", 20), version("d", "1", 1000)],
  ]);
  const { points, total, durationMs } = await stats({ store, retention: retention() });
  assert.deepEqual(points[0], {
    id: PAIR[0],
    asOf: "2026-11-01T00:00:00.000Z",
    createdAt: "2026-11-01T00:00:00.000Z",
    bucket: "s3://replica",
    objects: 3,
    bytes: 111,
    label: "first",
    safetyFor: null,
    pinned: false,
    kind: "snapshot",
    state: "ok",
    problem: null,
    exclusive: { objects: 2, bytes: 110 },
    growth: null,
    outlook: { keep: false, reasons: ["no rule keeps it"], freed: { objects: 2, bytes: 110 } },
  });
  assert.deepEqual(points[1]?.exclusive, { objects: 2, bytes: 1020 });
  assert.deepEqual(points[1]?.growth, {
    since: PAIR[0],
    added: { objects: 1, bytes: 1000 },
    changed: { objects: 1, bytes: 20 },
    removed: { objects: 1, bytes: 100 },
  });
  assert.deepEqual(points[1]?.outlook, {
    keep: true,
    reasons: ["newest", "last 1"],
    freed: { objects: 0, bytes: 0 },
  });
  assert.deepEqual(total, {
    objects: 5,
    bytes: 1131,
    exclusive: { objects: 4, bytes: 1130 },
    freed: { objects: 2, bytes: 110 },
  });
  assert(durationMs >= 0);
});

Deno.test("without a policy nothing is said of what gc would do", async () => {
  const store = openMemoryStore();
  await putSnapshot(store, PAIR[0], [version("a", "1", 1)]);
  const { points, total } = await stats({ store });
  assert.equal(points[0]?.outlook, null);
  assert.equal(total.freed, null);
});

Deno.test("an empty store has empty stats", async () => {
  const { points, total } = await stats({ store: openMemoryStore(), retention: retention() });
  const none = { objects: 0, bytes: 0 };
  assert.deepEqual([points, total], [[], { ...none, exclusive: none, freed: null }]);
});

Deno.test("points of several buckets and prefixes are told apart", async () => {
  const store = openMemoryStore();
  const same = [version("a", "1", 1)];
  const of = (name: string, prefix?: string) => ({
    bucket: { name, ...(prefix !== undefined && { prefix }) },
  });
  const ids = [
    await put(store, 1, [same], of("replica")),
    await put(store, 2, [same], of("source")),
    await put(store, 3, [same], of("replica", "a")),
    await put(store, 4, [same], of("replica")),
    await put(store, 5, [[]], of("replica", "a")),
  ];
  const { points, total } = await stats({ store, retention: retention({ keepLast: 9 }) });
  assert.deepEqual(points.map(({ growth }) => growth?.since), [
    ...[undefined, undefined, undefined, ids[0], ids[2]],
  ]);
  assert.deepEqual(points.map(({ exclusive }) => exclusive?.objects), [0, 1, 0, 0, 0]);
  assert.deepEqual(points.map(({ outlook }) => outlook?.keep), [
    ...[true, undefined, undefined, true, undefined],
  ]);
  assert.equal(total.objects, 2, "the source's version and the replica's are two");
});

Deno.test("what only marked points name is nobody's, and gc would free it", async () => {
  const store = openMemoryStore();
  const marked = await put(store, 1, [[version("a", "1", 5)]]);
  await put(store, 2, [[version("a", "2", 7)]]);
  await markExpired(store, marked);
  const { points, total } = await stats({ store, retention: retention({ keepLast: 9 }) });
  assert.equal(points[0]?.state, "expired");
  assert.deepEqual(points[0]?.outlook?.freed, { objects: 1, bytes: 5 });
  assert.deepEqual(total.freed, { objects: 1, bytes: 5 });
});

Deno.test("safety snapshots of a source go with their files alone", async () => {
  const store = openMemoryStore();
  await put(store, 1, [[version("a", "1", 5)]], { bucket: { name: "source" }, safetyFor: "x" });
  await put(store, 2, [[version("a", "2", 7)]]);
  const task = { ...retention(), source: { name: "source" } };
  const { points, total } = await stats({ store, retention: task });
  assert.equal(points[0]?.outlook?.keep, false);
  assert.deepEqual(total.freed, { objects: 0, bytes: 0 });
});

Deno.test("files of 2015 are counted with the one bucket that the store has points of", async () => {
  const store = openMemoryStore();
  const contents = ["a", "b"].map((key) => ({
    ...{ Key: key, LastModified: "2015-06-05T15:21:58Z", Size: 4, VersionId: "1" },
  }));
  const text = JSON.stringify({ Timestamp: "2015-06-05T15:21:58-05:00", Contents: contents });
  await store.put("20150605152158-0500CDT", new Blob([text]).stream());
  await put(store, 2, [[version("a", "1", 4)]]);
  const { points, total } = await stats({ store, retention: retention() });
  assert.deepEqual(points.map(({ kind, exclusive }) => [kind, exclusive?.objects]), [
    ["legacy", 1],
    ["snapshot", 0],
  ]);
  assert.equal(points[1]?.growth?.removed.objects, 1);
  assert.deepEqual(total.freed, { objects: 1, bytes: 4 });
  await put(store, 3, [[version("a", "1", 4)]], { bucket: { name: "other" } });
  const apart = await stats({ store, retention: retention() });
  assert.deepEqual(apart.points.map(({ exclusive }) => exclusive?.objects), [2, 1, 1]);
  assert.equal(apart.points[0]?.outlook, null, "nobody knows whose it is");
});

Deno.test("a damaged point is told, and hides only what nobody can know", async () => {
  for (const file of ["manifest.json", "part-00000"]) {
    const store = openMemoryStore();
    const ids = [];
    for (const day of [1, 2, 3]) {
      ids.push(await put(store, day, [[version("a", `${day}`, day), version("b", "1", 9)]]));
    }
    await store.put(`${ids[1]}/${file}`, new Blob(["no longer what it was"]).stream());
    const { points, total } = await stats({ store, retention: retention() });
    assert.deepEqual(points.map(({ id }) => id).sort(), ids);
    const byId = new Map(points.map((point) => [point.id, point]));
    const damaged = byId.get(ids[1]!)!, last = byId.get(ids[2]!)!;
    assert.equal(damaged.state, "corrupt");
    assert.match(damaged.problem ?? "", new RegExp(file));
    assert.equal(damaged.growth, null);
    assert.deepEqual(last.growth?.changed, { objects: 1, bytes: 3 });
    assert.equal(last.growth?.since, ids[0]);
    assert(points.every(({ exclusive, outlook }) => exclusive === null && outlook === null));
    assert.deepEqual(total, { objects: 3, bytes: 13, exclusive: null, freed: null });
  }
});

Deno.test("an abort ends stats, and progress is told", async () => {
  const store = openMemoryStore();
  await put(store, 1, [[version("a", "1", 5)]]);
  const told: string[] = [];
  await stats({ store, onProgress: ({ phase, objects }) => told.push(`${phase} ${objects}`) });
  assert.equal(told.at(-1), "reading 1");
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(stats({ store, signal }), /enough/);
});

const KEYS = ["a", "a/b", "b", "z", "é", "\u{1f600}"];

/** Which version each key has in a point, and where its parts end. */
const world = fc.record({
  held: fc.array(fc.constantFrom(undefined, 1, 2, 3), {
    minLength: KEYS.length,
    maxLength: KEYS.length,
  }),
  splits: fc.subarray([...KEYS.keys()].slice(1)),
});

type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

function entriesOf({ held }: World): Entry[] {
  return KEYS.flatMap((key, i) =>
    held[i] === undefined ? [] : [version(key, `${held[i]}`, 10 ** i)]
  );
}

function amount(entries: readonly Entry[]): Amount {
  return { objects: entries.length, bytes: entries.reduce((sum, { size }) => sum + size, 0) };
}

function nameOf({ key, versionId }: Entry): string {
  return `${key} ${versionId}`;
}

function distinct(entries: readonly Entry[]): Entry[] {
  return [...new Map(entries.map((each) => [nameOf(each), each])).values()];
}

Deno.test("whatever the points and their parts: stats is what counting one by one gives", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(world, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 6 }),
      async (worlds, keepLast) => {
        const store = openMemoryStore();
        for (const [i, each] of worlds.entries()) {
          const ends = [0, ...each.splits, KEYS.length].map((end) => KEYS[end]);
          const lists = ends.slice(1).map((end, n) =>
            entriesOf(each).filter(({ key }) =>
              KEYS.indexOf(key) >= KEYS.indexOf(ends[n]!) &&
              (end === undefined || KEYS.indexOf(key) < KEYS.indexOf(end))
            )
          );
          await put(store, i + 1, lists);
        }
        const { points, total } = await stats({ store, retention: retention({ keepLast }) });
        const all = worlds.map(entriesOf);
        const names = all.map((entries) => new Set(entries.map(nameOf)));
        for (const [i, point] of points.entries()) {
          const others = names.filter((_, n) => n !== i);
          const alone = all[i]!.filter((each) => !others.some((set) => set.has(nameOf(each))));
          assert.deepEqual(point.exclusive, amount(alone));
          assertGrowth(point, all[i - 1], all[i]!);
        }
        assert.deepEqual(
          { objects: total.objects, bytes: total.bytes },
          amount(distinct(all.flat())),
        );
        const kept = new Set(names.slice(-keepLast).flatMap((set) => [...set]));
        const freed = distinct(all.flat().filter((each) => !kept.has(nameOf(each))));
        assert.deepEqual(total.freed, amount(freed));
      },
    ),
    runs(150),
  );
});

function assertGrowth(point: PointStats, before: Entry[] | undefined, after: Entry[]): void {
  if (!before) return assert.equal(point.growth, null);
  const find = (entries: Entry[], key: string) => entries.find((each) => each.key === key);
  const { added, changed, removed } = point.growth!;
  assert.deepEqual(added, amount(after.filter(({ key }) => !find(before, key))));
  assert.deepEqual(removed, amount(before.filter(({ key }) => !find(after, key))));
  assert.deepEqual(
    changed,
    amount(after.filter(({ key, versionId }) => {
      const earlier = find(before, key);
      return earlier !== undefined && earlier.versionId !== versionId;
    })),
  );
}

Deno.test("what stats says gc would free is what gc frees, where nothing was undeleted", async () => {
  const time = new FakeTime(NOW);
  const bucket = new ModelBucket(time);
  const store = openMemoryStore();
  for (let day = 1; day <= 5; day++) {
    for (const key of KEYS.slice(0, day)) bucket.put(key, day);
    const current = bucket.versions().filter(({ isLatest }) => isLatest);
    await put(store, day, [current]);
    await time.advance(DAY);
  }
  for (const key of KEYS) bucket.put(key);
  const { total } = await stats({ store, retention: retention({ keepLast: 2 }) });
  const report = await collectByPolicy(store, bucket, { keepLast: 2 }, {});
  assert.equal(report.versionsDeleted, total.freed?.objects);
  assert.equal(report.bytesFreed, total.freed?.bytes);
  assert(report.versionsDeleted > 0);
});
