import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { openMemoryStore } from "../backends/memory.ts";
import { collectByPolicy, gc } from "../lib/gc.ts";
import type { Replica } from "../lib/gc/replica.ts";
import { findUnreferenced, type Unreferenced } from "../lib/gc/find_unreferenced.ts";
import { historyBegin } from "../lib/gc/history_begin.ts";
import { InputError, SnapshotError } from "../lib/model/errors.ts";
import type { Entry, ObjectVersion } from "../lib/model/entry.ts";
import type { Manifest } from "../lib/model/manifest.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { openBucket } from "../lib/s3/bucket.ts";
import { batchesOf, version } from "./entry_batches.ts";
import { FakeTime } from "./fake_time.ts";
import { runs } from "./seed.ts";
import { ModelBucket } from "./simulation/model_bucket.ts";
import { putSnapshot } from "./stored_snapshots.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ALL = { keepLast: 100 };

class World {
  readonly time = new FakeTime(Date.UTC(2026, 10, 1));
  readonly store: SnapshotStore = openMemoryStore();
  readonly bucket: ModelBucket;
  #taken = 0;

  constructor(prefix?: string) {
    const identity = { name: "replica", ...(prefix !== undefined && { prefix }) };
    this.bucket = new ModelBucket(this.time, identity);
  }

  /** A snapshot of what is current, between two hours that pass. */
  async snapshot(info: Partial<Manifest> = {}): Promise<string> {
    await this.time.advance(HOUR);
    const id = await this.snapshotOf(current(this.bucket.versions()), info);
    await this.time.advance(HOUR);
    return id;
  }

  async snapshotOf(entries: readonly Entry[], info: Partial<Manifest> = {}): Promise<string> {
    const asOf = new Date(this.time.current).toISOString();
    const id = `${asOf.slice(0, 19).replace(/[-:]/g, "")}Z-${
      String(++this.#taken).padStart(4, "0")
    }`;
    await putSnapshot(this.store, id, entries, { asOf, bucket: this.bucket.identity, ...info });
    return id;
  }

  gc(unreferenced?: number, settings = {}, policy = {}) {
    return collectByPolicy(this.store, this.bucket, { ...ALL, ...policy }, {
      unreferenced,
      ...settings,
    });
  }

  ids(): string[] {
    return this.bucket.versions().map(({ key, versionId }) => `${key} ${versionId}`);
  }
}

function current(versions: readonly ObjectVersion[]): ObjectVersion[] {
  return versions.filter((each) => each.isLatest && !each.isDeleteMarker);
}

function has({ bucket }: World, { key, versionId }: Entry): boolean {
  return bucket.find(key, versionId) !== undefined;
}

Deno.test("what was written and overwritten between two points goes, if it is asked for", async () => {
  const world = new World(), { bucket } = world;
  const named = bucket.put("a", 1);
  await world.snapshot();
  const between = bucket.put("a", 10);
  await world.time.advance(HOUR);
  const next = bucket.put("a", 2);
  await world.snapshot();
  bucket.put("a", 3);
  await world.time.advance(30 * DAY);

  assert.equal((await world.gc()).unreferenced, undefined, "nobody asked");
  assert(has(world, between));

  const report = await world.gc(20 * DAY);
  assert.deepEqual(report.unreferenced, {
    before: new Date(Date.UTC(2026, 10, 1, 4)).toISOString(),
    versions: 1,
    bytes: 10,
    due: { versions: 1, bytes: 10 },
  });
  assert.equal(report.versionsDeleted, 1);
  assert.equal(report.bytesFreed, 10);
  assert(!has(world, between));
  for (const kept of [named, next]) assert(has(world, kept));
  assert.equal(bucket.versions().length, 3);
});

Deno.test("what is due is judged by when it stopped being current, not when it was written", async () => {
  const world = new World(), { bucket } = world;
  await world.snapshot();
  const old = bucket.put("a");
  await world.time.advance(90 * DAY);
  bucket.put("a");
  await world.snapshot();
  await world.time.advance(10 * DAY);
  assert.equal((await world.gc(30 * DAY)).versionsDeleted, 0);
  assert(has(world, old), "it was current until ten days ago");
  await world.time.advance(20 * DAY);
  assert.equal((await world.gc(30 * DAY)).versionsDeleted, 1);
});

Deno.test("the history since the second oldest kept point stays, however old", async () => {
  const world = new World(), { bucket } = world;
  await world.snapshot();
  const before = bucket.put("a");
  await world.time.advance(HOUR);
  bucket.put("a");
  await world.snapshot();
  const after = bucket.put("a");
  await world.time.advance(HOUR);
  bucket.put("a");
  await world.snapshot();
  await world.time.advance(1000 * DAY);
  const report = await world.gc(0);
  assert.equal(report.unreferenced?.versions, 2);
  assert.deepEqual(report.unreferenced?.due, { versions: 1, bytes: 1 });
  assert(!has(world, before));
  assert(has(world, after), "a snapshot of a moment between the second and third may want it");
});

Deno.test("history begins with the second oldest point that counts", () => {
  const point = (asOf: number) => ({
    ...{ id: `${asOf}`, kind: "snapshot", asOf, createdAt: asOf } as const,
    ...{ totals: { objects: 0, bytes: 0 }, expired: false, pinned: false },
  });
  const begin = (own: number[], others: number[] = []) => {
    const mine = own.map(point);
    return historyBegin(mine, [...mine, ...others.map(point)], 100_000);
  };
  assert.equal(begin([]), undefined);
  assert.equal(begin([], [1, 2]), undefined, "another series says nothing about this bucket");
  assert.equal(begin([5]), 5, "whatever follows it is later");
  assert.equal(begin([9, 5, 7]), 7);
  assert.equal(begin([5, 200_000]), 5, "what is dated in the future does not count");
  assert.equal(begin([5, 9], [7]), 7);
  assert.equal(begin([5], [9]), 5, "no later than without the others");
});

Deno.test("without a kept point nothing goes, and it says so", async () => {
  const world = new World(), { bucket } = world;
  bucket.put("a", 5), bucket.put("a");
  await world.time.advance(1000 * DAY);
  for (const settings of [{}, { dryRun: true }]) {
    const report = await world.gc(0, settings);
    assert.deepEqual(report.unreferenced, {
      before: null,
      versions: 1,
      bytes: 5,
      due: { versions: 0, bytes: 0 },
    });
  }
  await world.snapshotOf([], { bucket: { name: "replica", prefix: "a/" } });
  await world.gc(0);
  assert.equal(bucket.versions().length, 2);
});

Deno.test("a dry run counts what could go, and changes nothing", async () => {
  const world = new World(), { bucket } = world;
  bucket.put("a", 1);
  await world.snapshot();
  bucket.put("a", 10), bucket.put("a", 2);
  bucket.remove("b");
  await world.snapshot();
  bucket.put("a", 100), bucket.put("a", 3);
  await world.time.advance(10 * DAY);
  const before = world.ids();
  const plain = await world.gc(undefined, { dryRun: true });
  assert.deepEqual(
    [plain.unreferenced?.versions, plain.unreferenced?.bytes, plain.unreferenced?.due],
    [3, 110, { versions: 2, bytes: 10 }],
  );
  assert.equal(plain.versionsDeleted, 0, "it is not asked for");
  const asked = await world.gc(DAY, { dryRun: true });
  assert.equal(asked.versionsDeleted, 2);
  assert.equal(asked.bytesFreed, 10);
  const uncounted = await world.gc(undefined, { dryRun: true, countUnreferenced: false });
  assert.equal(uncounted.unreferenced, undefined);
  assert.deepEqual(world.ids(), before);
  assert.equal((await world.gc(DAY)).versionsDeleted, 2);
});

Deno.test("the whole bucket is listed only where that is asked for", async () => {
  const world = new World(), { bucket } = world;
  for (let i = 0; i < 50; i++) bucket.put(`key ${i}`);
  // Of these, neither holds anything alone that a dry run would look at.
  await world.snapshot(), await world.snapshot();
  let rows = 0;
  bucket.onListed = () => void rows++;
  await world.gc();
  assert.equal(rows, 0);
  await world.gc(undefined, { dryRun: true });
  assert.equal(rows, 50);
});

Deno.test("a delete marker goes once nothing is left below it, and not before", async () => {
  const world = new World(), { bucket } = world;
  await world.snapshot();
  bucket.put("a"), bucket.remove("a");
  bucket.put("b"), bucket.remove("b"), bucket.put("b");
  const held = bucket.put("c");
  held.locked = true;
  bucket.remove("c");
  await world.snapshot();
  await world.time.advance(DAY);
  const first = await world.gc(0);
  assert.equal(first.versionsDeleted, 3, "a's object, and of b the object and the marker above it");
  assert.deepEqual(first.failed.map(({ key }) => key), ["c"]);
  assert.deepEqual(bucket.versions().map(({ key, isDeleteMarker }) => [key, isDeleteMarker]), [
    ["a", true],
    ["b", false],
    ["c", true],
    ["c", false],
  ]);
  const second = await world.gc(0);
  assert.equal(second.versionsDeleted, 1);
  assert.deepEqual(bucket.versions().map(({ key }) => key), ["b", "c", "c"]);
});

Deno.test("what changed since the listing is left alone", async () => {
  const world = new World(), { bucket } = world;
  await world.snapshot();
  bucket.put("a"), bucket.remove("a");
  bucket.remove("b");
  const c = bucket.put("c");
  const above = bucket.put("c");
  bucket.put("d", 1, { suspended: true }), bucket.put("d");
  await world.snapshot();
  await world.time.advance(DAY);
  bucket.pageLength = 100;
  let listings = 0;
  const changing: Replica = {
    ...bucket,
    now: () => bucket.now(),
    deleteVersions: (versions) => bucket.deleteVersions(versions),
    listVersions(after) {
      // The second one is the look before the deletion.
      if (++listings === 2) {
        bucket.undelete("a");
        bucket.put("b");
        bucket.take("c", above.versionId), bucket.put("c");
        bucket.put("d", 2, { suspended: true }), bucket.put("d");
      }
      return bucket.listVersions(after);
    },
  };
  const report = await collectByPolicy(world.store, changing, ALL, { unreferenced: 0 });
  assert.equal(listings, 2);
  assert.deepEqual(report.unreferenced?.due.versions, 4);
  assert.equal(report.versionsDeleted, 0);
  assert(has(world, c), "it was current until a moment ago");
  assert.deepEqual(world.ids().map((id) => id[0]), ["a", "b", "b", "c", "c", "d", "d", "d"]);
});

Deno.test("what any point names is no more than that point's to lose", async () => {
  const world = new World(), { bucket, store } = world;
  const old = bucket.put("a", 1);
  const first = await world.snapshot();
  const held = bucket.put("a", 2);
  held.locked = true;
  const second = await world.snapshot();
  bucket.put("a", 4);
  await world.snapshot();
  await world.time.advance(DAY);
  const policy = { keepLast: 1 };
  const dry = await world.gc(0, { dryRun: true }, policy);
  assert.deepEqual([dry.versionsDeleted, dry.unreferenced?.versions], [2, 0]);
  const report = await world.gc(0, {}, policy);
  assert.deepEqual(report.expired, [first, second]);
  assert.equal(report.failedCount, 1, "it is tried once, for the point that names it");
  assert(!has(world, old));
  assert((await Array.fromAsync(store.list())).some(({ name }) => name === `${second}/expired`));
});

Deno.test("points under other prefixes, of 2015 and of restores protect what they name", async () => {
  const safety = { safetyFor: "20261101T000000Z-abcd" };
  const infos = [{ bucket: { name: "replica", prefix: "a" } }, { bucket: { name: "replica" } }];
  for (const info of [...infos, safety]) {
    const world = new World(), { bucket } = world;
    await world.snapshot();
    const named = bucket.put("a");
    await world.snapshot(info);
    const other = bucket.put("a");
    bucket.put("a");
    await world.time.advance(DAY);
    await world.snapshot();
    await world.gc(0);
    assert(has(world, named));
    assert(has(world, other), "it is younger than the second oldest point");
  }
  const world = new World(), { bucket } = world;
  const named = bucket.put("a");
  const contents = [{
    Key: "a",
    LastModified: new Date(named.lastModified).toISOString(),
    Size: named.size,
    VersionId: named.versionId,
  }];
  const text = JSON.stringify({ Timestamp: "2015-06-05T15:21:58-05:00", Contents: contents });
  await world.store.put("20150605152158-0500CDT", new Blob([text]).stream());
  const free = bucket.put("a");
  bucket.put("a");
  await world.snapshot();
  await world.time.advance(DAY);
  await world.gc(0);
  assert(has(world, named));
  assert(!has(world, free));
});

Deno.test("a kept point that cannot be read stops it before anything is deleted", async () => {
  for (const file of ["manifest.json", "part-00000"]) {
    const world = new World(), { bucket, store } = world;
    bucket.put("a"), bucket.put("b");
    const first = await world.snapshot();
    bucket.put("a"), bucket.put("a");
    const second = await world.snapshot();
    await world.time.advance(DAY);
    await store.put(`${second}/${file}`, new Blob(["no longer what it was"]).stream());
    const before = [world.ids(), await Array.fromAsync(store.list({ prefix: first }))];
    await assert.rejects(world.gc(0), (error) => {
      assert(error instanceof SnapshotError && error.message.includes(second), String(error));
      return true;
    });
    assert.deepEqual([world.ids(), await Array.fromAsync(store.list({ prefix: first }))], before);
  }
});

Deno.test("nothing is marked when a point that only this needs cannot be read", async () => {
  const world = new World(), { bucket, store } = world;
  const a = bucket.put("a");
  await world.snapshotOf([{ ...a }]);
  await world.time.advance(DAY);
  const kept = await world.snapshotOf([{ ...a, key: "z" }]);
  await store.put(`${kept}/part-00000`, new Blob(["no longer what it was"]).stream());
  await assert.rejects(world.gc(0, {}, { keepLast: 1 }), /Nothing was deleted/);
  const names = (await Array.fromAsync(store.list())).map(({ name }) => name);
  assert(!names.some((name) => name.endsWith("/expired")));
});

Deno.test("only kept points say where history begins", async () => {
  const world = new World(), { bucket } = world;
  for (let i = 0; i < 4; i++) {
    bucket.put("a"), bucket.put("a");
    await world.snapshot();
  }
  await world.time.advance(DAY);
  const report = await world.gc(0, {}, { keepLast: 2 });
  assert.equal(report.unreferenced?.before, new Date(Date.UTC(2026, 10, 1, 7)).toISOString());
  assert.equal(report.versionsDeleted, 2 + 4);
});

Deno.test("a version dated after its successor was current until then at least", async () => {
  const listing = [
    { versionId: "v3", lastModified: 300, isLatest: true },
    { versionId: "v2", lastModified: 100 },
    { versionId: "v1", lastModified: 200 },
  ];
  const found = await findAll(listing.map((each) => version({ key: "a", ...each })), 1000);
  assert.deepEqual(found.map(({ versionId, since }) => [versionId, since]), [["v2", 300], [
    "v1",
    200,
  ]]);
});

Deno.test("what is current stays wherever a server lists it", async () => {
  const listing = [
    { versionId: "v2", lastModified: 2 },
    { versionId: "v1", lastModified: 1, isLatest: true },
  ];
  const found = await findAll(listing.map((each) => version({ key: "a", ...each })), 1000);
  assert.deepEqual(found, [], "of what stands first nobody can tell since when it is not current");
});

async function findAll(listing: readonly ObjectVersion[], until: number): Promise<Unreferenced[]> {
  const options = { until, onFound: () => {} };
  return (await Array.fromAsync(findUnreferenced(batchesOf([listing]), [], options))).flat();
}

Deno.test("an age that cannot be meant is refused", async () => {
  await using bucket = openBucket("s3://photos?region=eu-west-1");
  for (const unreferenced of [-1, NaN, Infinity]) {
    const options = { store: openMemoryStore(), bucket, policy: ALL, unreferenced };
    await assert.rejects(gc(options), InputError);
  }
});

/** What happens to a bucket: to one of a few keys, or a snapshot, or time that passes. */
const event = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ put: fc.constantFrom("a", "a/b", "b", "é"), lag: fc.nat(9) }),
  },
  { weight: 2, arbitrary: fc.record({ remove: fc.constantFrom("a", "a/b", "b", "é") }) },
  { weight: 1, arbitrary: fc.record({ suspended: fc.constantFrom("a", "b") }) },
  { weight: 1, arbitrary: fc.record({ undelete: fc.constantFrom("a", "a/b", "b", "é") }) },
  { weight: 2, arbitrary: fc.constant({ snapshot: true }) },
  { weight: 2, arbitrary: fc.record({ hours: fc.integer({ min: 1, max: 48 }) }) },
);

type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never;

async function play(world: World, events: readonly Event[]): Promise<Map<number, Entry[]>> {
  const truth = new Map<number, Entry[]>();
  for (const each of events) {
    if ("put" in each) {
      // Some are dated later than what comes next.
      world.bucket.dateSkew = each.lag * 900;
      world.bucket.put(each.put, 1 + each.lag);
      world.bucket.dateSkew = 0;
    } else if ("remove" in each) world.bucket.remove(each.remove);
    else if ("suspended" in each) world.bucket.put(each.suspended, 3, { suspended: true });
    else if ("undelete" in each) world.bucket.undelete(each.undelete);
    else if ("hours" in each) await world.time.advance(each.hours * HOUR);
    else {
      truth.set(world.time.current, current(world.bucket.versions()));
      await world.snapshotOf(truth.get(world.time.current)!);
      await world.time.advance(HOUR);
    }
  }
  return truth;
}

/** The versions that may go, by reading the rule again and literally. */
function expectedToGo(world: World, truth: Map<number, Entry[]>, kept: number[], age: number) {
  const [oldest, successor = oldest] = kept.toSorted((a, b) => a - b);
  if (oldest === undefined) return [];
  const isOld = (time: number) => time <= world.time.current - age && time <= successor!;
  const named = new Set([...truth.values()].flat().map(nameOf));
  const versions = world.bucket.versions();
  return versions.filter((version, i) => {
    if (named.has(nameOf(version))) return false;
    const above = versions[i - 1], below = versions[i + 1];
    if (!version.isLatest) {
      return isOld(Math.max(above!.lastModified, version.lastModified));
    }
    return version.isDeleteMarker && below?.key !== version.key && isOld(version.lastModified);
  }).map(nameOf);
}

function nameOf({ key, versionId }: Pick<Entry, "key" | "versionId">): string {
  return `${key} ${versionId}`;
}

Deno.test("whatever happened: exactly what the rule says goes, and no moment to come is lost", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 40 }),
      fc.integer({ min: 0, max: 96 }),
      fc.integer({ min: 1, max: 7 }),
      async (events, hours, pageLength) => {
        const world = new World(), { bucket } = world;
        const truth = await play(world, events);
        bucket.pageLength = pageLength;
        const age = hours * HOUR;
        const before = bucket.versions();
        const dry = await world.gc(age, { dryRun: true });
        const going = expectedToGo(world, truth, [...truth.keys()], age);
        const moments = momentsFrom([...truth.keys()], world.time.current);
        const views = moments.map((moment) => viewOf(before, moment));
        const report = await world.gc(age);

        const left = new Set(bucket.versions().map(nameOf));
        assert.deepEqual(before.map(nameOf).filter((name) => !left.has(name)), going);
        assert.equal(report.versionsDeleted, going.length);
        assert.equal(dry.versionsDeleted, going.length);
        assert.deepEqual(dry.unreferenced, report.unreferenced);
        assert.deepEqual(current(bucket.versions()), current(before));
        assert.deepEqual(moments.map((moment) => viewOf(bucket.versions(), moment)), views);
      },
    ),
    runs(200),
  );
});

/** Moments of which `snapshot --at` must still make the same point. */
function momentsFrom(points: number[], now: number): number[] {
  const sorted = points.toSorted((a, b) => a - b);
  const begin = sorted[1] ?? sorted[0] ?? now;
  return Array.from({ length: 20 }, (_, i) => begin + (now - begin) * i / 19);
}

/** What `snapshot --at` a moment would hold. */
function viewOf(versions: readonly ObjectVersion[], moment: number): string[] {
  const seen = new Set<string>();
  return versions.filter(({ key, lastModified, isDeleteMarker }) => {
    if (seen.has(key) || lastModified > moment) return false;
    seen.add(key);
    return !isDeleteMarker;
  }).map(nameOf);
}
