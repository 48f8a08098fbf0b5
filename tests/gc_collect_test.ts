import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { renderGc } from "../cli/render_gc.ts";
import { deletePoints } from "../lib/delete_snapshots.ts";
import { collectByPolicy } from "../lib/gc.ts";
import { MAX_FAILURES_TOLD } from "../lib/model/max_failures_told.ts";
import { Tally } from "../lib/gc/tally.ts";
import { listSnapshots } from "../lib/list_snapshots.ts";
import { acquireLock } from "../lib/lock.ts";
import type { Entry } from "../lib/model/entry.ts";
import { InputError, LockError, SnapshotError } from "../lib/model/errors.ts";
import type { Manifest } from "../lib/model/manifest.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { FakeTime } from "./fake_time.ts";
import { hookStore } from "./hooked_store.ts";
import { ModelBucket } from "./simulation/model_bucket.ts";
import { putSnapshot } from "./stored_snapshots.ts";

const DAY = 86_400_000;
const KEEP_LAST = { keepLast: 1 };

class World {
  readonly time = new FakeTime(Date.UTC(2026, 10, 1));
  readonly store: SnapshotStore = openMemoryStore();
  readonly bucket = new ModelBucket(this.time);
  #taken = 0;

  /** A snapshot of what is current, then a day passes. */
  async snapshot(info: Partial<Manifest> = {}): Promise<string> {
    const current = this.bucket.versions().filter((each) => each.isLatest && !each.isDeleteMarker);
    const id = await this.snapshotOf(current, info);
    await this.time.advance(DAY);
    return id;
  }

  async snapshotOf(entries: readonly Entry[], info: Partial<Manifest> = {}): Promise<string> {
    const asOf = new Date(this.time.current).toISOString();
    const id = `${asOf.replace(/\.\d+Z$/, "Z").replace(/[-:]/g, "")}-${
      String(++this.#taken).padStart(4, "0")
    }`;
    await putSnapshot(this.store, id, entries, { asOf, ...info });
    return id;
  }

  gc(policy = {}, settings = {}) {
    return collectByPolicy(this.store, this.bucket, { ...KEEP_LAST, ...policy }, settings);
  }

  async names(): Promise<string[]> {
    const names = (await Array.fromAsync(this.store.list())).map(({ name }) => name);
    return names.filter((name) => !name.startsWith("lock/"));
  }

  ids(): string[] {
    return this.bucket.versions().map(({ key, versionId }) => `${key} ${versionId}`);
  }
}

async function exists(world: World, id: string): Promise<boolean> {
  return (await world.names()).includes(`${id}/manifest.json`);
}

Deno.test("versions that only expired points name go, and those points with them", async () => {
  const world = new World(), { bucket } = world;
  const a1 = bucket.put("a", 10), b1 = bucket.put("b", 20), c1 = bucket.put("c", 30);
  const first = await world.snapshot();
  const a2 = bucket.put("a", 11);
  bucket.remove("b");
  const second = await world.snapshot();
  const a3 = bucket.put("a", 12);
  const report = await world.gc();
  assert.deepEqual(report.expired, [first]);
  assert.deepEqual(report.kept, [{ id: second, reasons: ["newest", "last 1"] }]);
  assert.equal(report.versionsDeleted, 2);
  assert.equal(report.bytesFreed, 30);
  assert.deepEqual(report.failed, []);
  for (const gone of [a1, b1]) assert(!bucket.find(gone.key, gone.versionId));
  for (const kept of [a2, a3, c1]) assert(bucket.find(kept.key, kept.versionId));
  assert.deepEqual(await world.names(), [`${second}/manifest.json`, `${second}/part-00000`]);
});

Deno.test("a dry run changes nothing and tells what each point alone holds", async () => {
  const world = new World(), { bucket } = world;
  bucket.put("a", 10), bucket.put("b", 20);
  const first = await world.snapshot();
  bucket.put("a", 11);
  const second = await world.snapshot();
  bucket.put("a", 12);
  const third = await world.snapshot();
  const before = [await world.names(), world.ids()];
  const report = await world.gc({}, { dryRun: true });
  assert.deepEqual([await world.names(), world.ids()], before);
  assert.equal(report.dryRun, true);
  assert.equal(report.versionsDeleted, 2);
  assert.equal(report.bytesFreed, 21);
  const due = { keep: false, state: "due", reasons: ["no rule keeps it"] };
  const kept = { keep: true, state: "kept", reasons: ["newest", "last 1"] };
  assert.deepEqual(report.points, [
    { ...{ id: first, ...due }, versions: 1, bytes: 10 },
    { ...{ id: second, ...due }, versions: 1, bytes: 11 },
    { ...{ id: third, ...kept }, versions: 0, bytes: 0 },
  ]);
  const all = await world.gc({ keepLast: 3 }, { dryRun: true });
  assert.deepEqual(all.points.map(({ versions, bytes }) => [versions, bytes]), [
    [1, 10],
    [1, 11],
    [0, 0],
  ]);
  assert.equal(all.versionsDeleted, 0);
  const real = await world.gc();
  assert.equal(real.versionsDeleted, 2);
});

Deno.test("what became current again stays, though only an expired point names it", async () => {
  const world = new World(), { bucket } = world;
  const lost = bucket.put("a");
  await world.snapshot();
  bucket.remove("a");
  await world.snapshot();
  bucket.undelete("a");
  const report = await world.gc();
  assert.equal(report.versionsDeleted, 0);
  assert(bucket.find("a", lost.versionId));
});

Deno.test("a point written while gc was marking protects what it names", async () => {
  const world = new World(), { bucket, store } = world;
  const precious = bucket.put("a");
  await world.snapshot();
  bucket.put("a");
  await world.snapshot();
  let late: string | undefined;
  const racing = hookStore(store, {
    before: async ({ operation, name }) => {
      if (operation !== "put" || !name.endsWith("/expired")) return;
      late = await world.snapshotOf([{ ...precious }]);
    },
  });
  const report = await collectByPolicy(racing, bucket, KEEP_LAST, { lock: false });
  assert(late);
  assert.equal(report.expired.length, 1);
  assert(bucket.find("a", precious.versionId));
});

Deno.test("a kept point that cannot be read stops everything, and is named", async () => {
  for (const file of ["manifest.json", "part-00000"]) {
    const world = new World(), { bucket, store } = world;
    const precious = bucket.put("a");
    await world.snapshot();
    bucket.put("a");
    await world.snapshotOf([{ ...precious }, { ...precious, key: "b" }], {});
    await world.time.advance(DAY);
    const damaged = (await world.names()).filter((name) => name.endsWith(file)).at(-1)!;
    await store.put(damaged, new Blob(["no longer what it was"]).stream());
    await world.snapshot();
    const before = [world.ids(), await world.names()];
    await assert.rejects(world.gc({ keepLast: 2 }), (error) => {
      assert(error instanceof SnapshotError, String(error));
      assert.equal(error.code, "CorruptSnapshot");
      assert(error.message.includes(damaged.split("/")[0]!), error.message);
      assert.match(error.message, /^Nothing was deleted.* give it up: delete it by its name$/);
      return true;
    });
    assert.deepEqual([world.ids(), await world.names()], before, "no point is marked either");
  }
});

Deno.test("a damaged point can be given up by its name, and then stops nobody", async () => {
  for (const file of ["manifest.json", "part-00000"]) {
    const world = new World(), { bucket, store } = world;
    const old = bucket.put("a");
    const damaged = await world.snapshot();
    bucket.put("a");
    const kept = await world.snapshot();
    await store.put(`${damaged}/${file}`, new Blob(["no longer what it was"]).stream());
    for (const dryRun of [true, false]) {
      await assert.rejects(world.gc({}, { dryRun }), /give it up: delete it by its name$/);
    }
    await store.put(`${damaged}/pinned`, new Blob([]).stream());
    const all = file === "manifest.json" ? {} : { keepLast: 2, unreferenced: 0 };
    await assert.rejects(
      world.gc(all, { dryRun: true }),
      /give it up: unpin it, then delete it by its name$/,
    );
    await store.delete(`${damaged}/pinned`);
    const dry = await deletePoints(store, bucket, [damaged], { dryRun: true });
    assert.deepEqual(dry.expired, [damaged]);
    const report = await deletePoints(store, bucket, [damaged], {});
    assert.deepEqual(report.expired, [damaged], file);
    assert.deepEqual(report.kept.map(({ id }) => id), [kept]);
    assert(bucket.find("a", old.versionId), "nobody can tell whether it is needed");
    assert(!(await world.names()).some((name) => name.startsWith(damaged)));
    await world.gc();
  }
});

Deno.test("a damaged point that is pinned is given up only once it was unpinned", async () => {
  const world = new World(), { bucket, store } = world;
  bucket.put("a");
  const damaged = await world.snapshot();
  await store.put(`${damaged}/pinned`, new Blob([]).stream());
  await store.put(`${damaged}/manifest.json`, new Blob(["no manifest"]).stream());
  const [row] = await Array.fromAsync(listSnapshots({ store }));
  assert.deepEqual([row?.state, row?.pinned], ["corrupt", true]);
  await assert.rejects(deletePoints(store, bucket, [damaged], {}), /pinned.*unpin it first/);
  await store.delete(`${damaged}/pinned`);
  assert.deepEqual((await deletePoints(store, bucket, [damaged], {})).expired, [damaged]);
});

Deno.test("giving one point up does not make another that is damaged fair game", async () => {
  const world = new World(), { bucket, store } = world;
  bucket.put("a");
  const first = await world.snapshot();
  const second = await world.snapshot();
  await store.put(`${second}/manifest.json`, new Blob(["{}"]).stream());
  await assert.rejects(deletePoints(store, bucket, [first], {}), SnapshotError);
  assert(await exists(world, first));
});

Deno.test("points of the same bucket under another prefix protect; other buckets do not", async () => {
  const under = (name: string, prefix?: string) => ({
    bucket: { name, ...(prefix !== undefined && { prefix }) },
  });
  for (
    const [info, protects] of [
      [under("replica", "a/"), true],
      [under("replica", "a/b/c"), true],
      [under("replica", "b/"), true],
      [under("other"), false],
    ] as const
  ) {
    const world = new World(), { bucket } = world;
    const old = bucket.put("a/b/c");
    await world.snapshot();
    const elsewhere = await world.snapshotOf([{ ...old }], info);
    bucket.put("a/b/c");
    await world.snapshot();
    const report = await world.gc();
    assert.equal(bucket.find(old.key, old.versionId) !== undefined, protects);
    assert(await exists(world, elsewhere), "not this bucket's to remove");
    assert(!report.kept.some(({ id }) => id === elsewhere));
  }
  const world = new World();
  const narrow = new ModelBucket(world.time, { name: "replica", prefix: "a/" });
  const old = narrow.put("a/b");
  await world.snapshotOf([{ ...old }], under("replica", "a/"));
  await world.time.advance(DAY);
  await world.snapshotOf([{ ...old }], under("replica", "b/"));
  narrow.put("a/b");
  await world.snapshotOf([], under("replica", "a/"));
  await collectByPolicy(world.store, narrow, KEEP_LAST, {});
  assert(!narrow.find("a/b", old.versionId), "keys of another prefix cannot be meant");
});

Deno.test("the same name on another server protects, and is not collected", async () => {
  const world = new World(), { bucket } = world;
  const old = bucket.put("a");
  await world.snapshot();
  const elsewhere = await world.snapshotOf([{ ...old }], {
    bucket: { name: "replica", endpoint: "http://127.0.0.1:9000" },
  });
  bucket.put("a");
  await world.snapshot();
  await world.gc();
  assert(bucket.find("a", old.versionId));
  assert(await exists(world, elsewhere));
});

Deno.test("a null version goes only if it is still the object that the point means", async () => {
  const world = new World(), { bucket } = world;
  const old = bucket.put("a", 1, { suspended: true });
  const gone = bucket.put("b", 1, { suspended: true });
  await world.snapshot();
  bucket.put("a", 1, { suspended: true });
  bucket.put("a"), bucket.put("b");
  await world.snapshot();
  await world.gc();
  assert.notEqual(bucket.find("a", "null")?.etag, old.etag);
  assert(bucket.find("a", "null"), "another object by now");
  assert(!bucket.find("b", gone.versionId));
});

Deno.test("a null version that a kept point names stays, whatever else had the name", async () => {
  const world = new World(), { bucket } = world;
  bucket.put("a", 1, { suspended: true });
  await world.snapshot();
  const kept = bucket.put("a", 2, { suspended: true });
  await world.snapshot();
  bucket.put("a");
  await world.gc();
  assert.equal(bucket.find("a", "null"), kept);
});

Deno.test("a version that is held is reported, and its points stay marked until it goes", async () => {
  const world = new World(), { bucket } = world;
  const held = bucket.put("a", 5), free = bucket.put("b", 7);
  held.locked = true;
  const first = await world.snapshot();
  bucket.put("a"), bucket.put("b");
  const second = await world.snapshot();
  bucket.put("b");
  const third = await world.snapshot();

  const report = await world.gc();
  assert.deepEqual(report.expired, [first, second]);
  assert.deepEqual(report.failed, [
    { key: "a", versionId: held.versionId, code: "AccessDenied", message: "held" },
  ]);
  assert.equal(report.versionsDeleted, 2);
  assert.deepEqual(report.points.map(({ id, state, refused }) => [id, state, refused]), [
    [first, "expired", 1],
    [second, "removed", undefined],
    [third, "kept", undefined],
  ]);
  assert.match(renderGc(report), /expired, 1 version refused; tried again next time/);
  assert.match(renderGc(report), /1 snapshot kept, 1 deleted with 2 versions.*; 1 stays expired\n/);
  assert.match(renderGc(report), /Object Lock or a legal hold.*s3:DeleteObjectVersion.*\n$/);
  assert(!bucket.find("b", free.versionId));
  assert((await world.names()).includes(`${first}/expired`));
  assert(await exists(world, first));
  assert(!await exists(world, second), "it names nothing that is held");

  held.locked = false;
  const again = await world.gc();
  assert.deepEqual(again.expired, [first]);
  assert.deepEqual(again.failed, []);
  assert.equal(again.points[0]?.state, "removed");
  assert.doesNotMatch(renderGc(again), /expired|refused|Object Lock/);
  assert.equal(again.bytesFreed, 5);
  assert(!(await world.names()).some((name) => name.startsWith(first)));
});

Deno.test("of countless refused versions the first are told, and how many there are", () => {
  const tally = new Tally(1);
  const versions = Array.from({ length: 1000 }, (_, i) => ({
    ...{ key: `${i}`, versionId: "v", size: 1, etag: "", lastModified: 0 },
    ...{ holders: [0], live: false },
  }));
  const failed = versions.map(({ key, versionId }) => ({
    ...{ key, versionId, code: "AccessDenied", message: "held" },
  }));
  for (let i = 0; i < 25; i++) tally.deleted(versions, failed);
  assert.equal(tally.failed.length, MAX_FAILURES_TOLD);
  assert.equal(tally.failedCount, 25_000);
  assert.deepEqual([...tally.incomplete], [0]);
  assert.equal(tally.refused[0], 25_000);
});

Deno.test("a marked point counts for nothing and protects nothing", async () => {
  const world = new World(), { bucket, store } = world;
  const old = bucket.put("a");
  const first = await world.snapshot();
  bucket.put("a");
  const second = await world.snapshot();
  await store.put(`${second}/expired`, new Blob([]).stream());
  const report = await world.gc();
  assert.deepEqual(report.kept, [{ id: first, reasons: ["newest", "last 1"] }]);
  assert.deepEqual(report.expired, [second]);
  assert(bucket.find("a", old.versionId));
});

Deno.test("what a crash left is removed: files under a mark, and old parts without a manifest", async () => {
  const world = new World(), { bucket, store } = world;
  bucket.put("a");
  const kept = await world.snapshot();
  const put = (name: string) => store.put(name, new Blob(["x"]).stream());
  await put("20261030T000000Z-mark/expired");
  await put("20261030T000000Z-mark/part-00000");
  await put("20261031T000000Z-lone/expired");
  await put("20261030T000000Z-part/part-00000");
  await put("20261101T235959Z-late/part-00000");
  await put("20300101T000000Z-next/part-00000");
  await put("20150605152158-0500CDT.expired");
  const others = async () => (await world.names()).filter((name) => !name.startsWith(kept));
  await world.gc({}, { lock: false });
  assert.deepEqual(await others(), [
    "20261030T000000Z-part/part-00000",
    "20261101T235959Z-late/part-00000",
    "20300101T000000Z-next/part-00000",
  ]);
  await world.gc();
  assert.deepEqual(await others(), [
    "20261101T235959Z-late/part-00000",
    "20300101T000000Z-next/part-00000",
  ]);
});

Deno.test("gc and delete stay out while somebody else holds the lock", async () => {
  const world = new World(), { bucket, store } = world;
  bucket.put("a");
  const id = await world.snapshot();
  await using _lock = await acquireLock(store, { purpose: "snapshot", now: world.time.now });
  await assert.rejects(world.gc(), LockError);
  await assert.rejects(deletePoints(store, bucket, [id], {}), LockError);
  assert.equal((await world.gc({}, { dryRun: true })).kept.length, 1);
});

Deno.test("an abort stops before the next batch; the next run does the rest", async () => {
  const world = new World(), { bucket } = world;
  for (let i = 0; i < 2500; i++) bucket.put(`key ${i}`);
  const first = await world.snapshot();
  for (let i = 0; i < 2500; i++) bucket.put(`key ${i}`);
  await world.snapshot();
  bucket.pageLength = 1000;
  bucket.concurrency = 1;
  const stop = new AbortController();
  await assert.rejects(
    world.gc({}, { signal: stop.signal, onProgress: () => stop.abort(new Error("enough")) }),
    /enough/,
  );
  const left = bucket.versions().length;
  assert(left > 2500 && left < 5000, `${left} are left`);
  assert((await world.names()).includes(`${first}/expired`));
  const report = await world.gc();
  assert.equal(report.versionsDeleted, left - 2500);
  assert(!await exists(world, first));
});

Deno.test("a safety snapshot of a part of the bucket has its own week", async () => {
  const world = new World(), { bucket } = world;
  bucket.put("a/1");
  const safety = await world.snapshot({
    bucket: { name: "replica", prefix: "a/" },
    safetyFor: "20261101T000000Z-abcd",
  });
  const regular = await world.snapshot();
  await world.time.advance(4 * DAY);
  assert.deepEqual((await world.gc({ days: 1 })).expired, []);
  await world.time.advance(2 * DAY);
  const report = await world.gc({ days: 1 });
  assert.deepEqual(report.expired, [safety]);
  assert.deepEqual(report.kept.map(({ id }) => id), [regular]);
});

const LEGACY = "20150605152158-0500CDT", OLDER_LEGACY = "20150604152158-0500CDT";

async function putLegacy(
  world: World,
  entries: Entry | readonly Entry[],
  name = LEGACY,
): Promise<void> {
  const contents = [entries].flat().map((entry) => ({
    Key: entry.key,
    LastModified: new Date(entry.lastModified).toISOString(),
    Size: entry.size,
    VersionId: entry.versionId,
  }));
  const text = JSON.stringify({ Timestamp: "2015-06-05T15:21:58-05:00", Contents: contents });
  await world.store.put(name, new Blob([text]).stream());
}

Deno.test("files of 2015 are collected like our own, where they can only be this bucket's", async () => {
  const world = new World(), { bucket } = world;
  const old = bucket.put("a", 9);
  await putLegacy(world, old);
  bucket.put("a");
  await world.snapshot();
  const other = await world.snapshotOf([], { bucket: { name: "other" } });
  await world.gc();
  assert(bucket.find("a", old.versionId), "it may be the other bucket's file");
  await deletePoints(world.store, new ModelBucket(world.time, { name: "other" }), [other], {});
  const report = await world.gc();
  assert.deepEqual(report.expired, [LEGACY]);
  assert.equal(report.bytesFreed, 9);
  assert(!(await world.names()).some((name) => name.startsWith(LEGACY)));
});

Deno.test("a file of 2015 of which the bucket holds nothing is not judged, and is told", async () => {
  const world = new World(), { bucket, store } = world;
  const other = new ModelBucket(world.time, { name: "other" }, { count: 1000 });
  const [precious, older] = [other.put("a", 9), other.put("b", 9)];
  other.put("a"), other.put("b");
  await putLegacy(world, precious);
  await putLegacy(world, older, OLDER_LEGACY);
  bucket.put("a"), bucket.put("c");
  const first = await world.snapshot();
  const second = await world.snapshot();
  const foreign = [OLDER_LEGACY, LEGACY];
  for (const dryRun of [true, false]) {
    const report = await world.gc({ keepLast: 2 }, { dryRun });
    assert.deepEqual(report.expired, [], "they do not push out the bucket's own either");
    assert.deepEqual(report.kept.map(({ id }) => id).sort(), [...foreign, first, second].sort());
    for (const id of foreign) {
      const reason = report.kept.find((kept) => kept.id === id)!.reasons.join();
      assert.match(reason, /no version that it names is in .*replica.* "delete 2015/);
      assert(reason.includes(`"delete ${id}"`), reason);
    }
  }
  await world.gc();
  assert((await world.names()).includes(LEGACY));
  const report = await deletePoints(store, bucket, [LEGACY], {});
  assert.deepEqual([report.expired, report.versionsDeleted], [[LEGACY], 0]);
  assert(other.find("a", precious.versionId));
});

Deno.test("one version that is there makes a file of 2015 the bucket's own, wherever it is", async () => {
  const world = new World(), { bucket } = world;
  const other = new ModelBucket(world.time, { name: "other" }, { count: 1000 });
  bucket.pageLength = 2;
  const names = Array.from({ length: 30 }, (_, i) => `k${String(i).padStart(2, "0")}`);
  for (const at of [0, 17, 29]) {
    // All keys are in both buckets, or between those of the other.
    const entries = names.map((name) => other.put(`${name}${at % 2 ? "" : "~"}`));
    for (const name of names) bucket.put(name);
    const mine = bucket.put(names[at]!);
    entries[at] = { ...mine };
    for (let i = 0; i < 5; i++) bucket.put(names[at]!);
    await putLegacy(world, entries);
    await world.snapshot();
    const report = await world.gc();
    assert(report.expired.includes(LEGACY), `version ${at}`);
    assert(!bucket.find(mine.key, mine.versionId));
  }
});

Deno.test("a null version of another object makes no file of 2015 the bucket's own", async () => {
  const world = new World(), { bucket } = world;
  bucket.put("a", 3, { suspended: true });
  const there = bucket.versions()[0]!;
  await world.snapshot();
  await putLegacy(world, { ...there, size: 4 });
  assert.deepEqual((await world.gc()).expired, []);
  await putLegacy(world, { ...there });
  assert.deepEqual((await world.gc()).expired, [LEGACY]);
});

Deno.test("a file of 2015 that names nothing, or whose removal was begun, is judged", async () => {
  const world = new World(), { bucket, store } = world;
  const other = new ModelBucket(world.time, { name: "other" }, { count: 1000 });
  await putLegacy(world, []);
  await putLegacy(world, other.put("a"), OLDER_LEGACY);
  await store.put(`${OLDER_LEGACY}.expired`, new Blob([]).stream());
  bucket.put("a");
  await world.snapshot();
  assert.deepEqual((await world.gc()).expired.toSorted(), [OLDER_LEGACY, LEGACY].toSorted());
});

Deno.test("delete removes what is named, even the newest, and nothing that others need", async () => {
  const world = new World(), { bucket, store } = world;
  const a1 = bucket.put("a"), b1 = bucket.put("b");
  const first = await world.snapshot();
  const a2 = bucket.put("a");
  const second = await world.snapshot();
  const a3 = bucket.put("a");
  const report = await deletePoints(store, bucket, ["latest"], {});
  assert.deepEqual(report.expired, [second]);
  assert.deepEqual(report.kept, [{ id: first, reasons: ["not given by name"] }]);
  assert(!bucket.find("a", a2.versionId));
  for (const kept of [a1, b1, a3]) assert(bucket.find(kept.key, kept.versionId));
  await deletePoints(store, bucket, [first], {});
  assert.deepEqual(await world.names(), []);
  assert.deepEqual(world.ids(), [`a ${a3.versionId}`, `b ${b1.versionId}`]);
});

Deno.test("the latest that delete removes is the latest of its bucket", async () => {
  const world = new World(), { bucket, store } = world;
  bucket.put("a");
  const own = await world.snapshot();
  const other = await world.snapshot({ bucket: { name: "other" } });
  const part = await world.snapshot({ bucket: { ...bucket.identity, prefix: "in/" } });
  assert.deepEqual((await deletePoints(store, bucket, ["latest"], {})).expired, [own]);
  for (const id of [other, part]) assert(await exists(world, id));
  await assert.rejects(deletePoints(store, bucket, ["latest"], {}), { code: "UnknownSnapshot" });
});

Deno.test("delete refuses what is pinned, of another bucket, unknown, or nothing at all", async () => {
  const world = new World(), { bucket, store } = world;
  bucket.put("a");
  const pinned = await world.snapshot();
  await store.put(`${pinned}/pinned`, new Blob([]).stream());
  const other = await world.snapshotOf([], { bucket: { name: "other" } });
  const before = await world.names();
  for (
    const [names, message] of [
      [[pinned], /pinned.*unpin it first/],
      [[other], /is of s3:\/\/other.*give its own bucket/],
      [["2031"], /no snapshot "2031"/],
      [[], /name the snapshots/],
    ] as const
  ) {
    await assert.rejects(deletePoints(store, bucket, names, {}), (error) => {
      assert(error instanceof InputError || error instanceof SnapshotError);
      assert.match(error.message, message);
      return true;
    });
  }
  assert.deepEqual(await world.names(), before);
  const report = await world.gc({ days: 0 });
  assert.deepEqual(report.kept.map(({ id }) => id), [pinned]);
});

Deno.test("a point of the second that the server's clock shows is not one of the future", async () => {
  const world = new World();
  for (const _ of [1, 2]) await world.snapshot();
  const asOf = new Date(world.time.current + 999).toISOString();
  const newest = await world.snapshotOf([], { asOf });
  assert.deepEqual((await world.gc()).kept, [{ id: newest, reasons: ["newest", "last 1"] }]);
});

Deno.test("safety snapshots of a source that has a replica go without their versions", async () => {
  const world = new World(), { bucket, store } = world;
  const old = bucket.put("a", 10);
  const source = { name: "source", prefix: "in/" };
  const stranger = await world.snapshot({ safetyFor: "x", bucket: { name: "stranger" } });
  const safety = await world.snapshot({ safetyFor: "x", bucket: source });
  const first = await world.snapshot({ bucket: { name: "source" } });
  bucket.put("a", 11);
  await world.time.advance(8 * DAY);
  const young = await world.snapshot({ safetyFor: "x", bucket: source });
  const last = await world.snapshot();
  const collect = (settings = {}) =>
    collectByPolicy(store, bucket, KEEP_LAST, settings, { name: "source" });

  const plan = await collect({ dryRun: true });
  assert.deepEqual(plan.expired, [safety]);
  assert.deepEqual(plan.kept.map(({ id }) => id), [last, young]);

  const report = await collect();
  assert.deepEqual(report.expired, [safety]);
  assert.equal(report.versionsDeleted, 0);
  assert(bucket.find(old.key, old.versionId), "replication gave it the source's version id");
  for (const id of [stranger, first, young, last]) assert(await exists(world, id));
  assert(!await exists(world, safety));
  assert.deepEqual((await collect()).expired, []);
});
