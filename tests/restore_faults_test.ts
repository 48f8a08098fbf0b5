import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { acquireLock, breakLock } from "../lib/lock.ts";
import { restore, type RestoreOptions } from "../lib/restore.ts";
import { pointFiles } from "../lib/point.ts";
import { openPoint } from "../lib/points.ts";
import { planRestore } from "../lib/restore_plan.ts";
import { COPY_OWN } from "../lib/restore/restore_batch.ts";
import { IncompleteRestoreError } from "../lib/restore/restore_report.ts";
import { resolvePoint } from "../lib/resolve_point.ts";
import { snapshot } from "../lib/snapshot.ts";
import { type Emulator, startEmulator } from "./emulator/emulator.ts";
import { entry } from "./entry_batches.ts";
import { hookStore } from "./hooked_store.ts";
import { markExpired, putSnapshot } from "./stored_snapshots.ts";
import { TestBucket, type TestUpload } from "./test_bucket.ts";

const delay = () => Promise.resolve();
const MINUTE = 60_000;

/** A bucket whose objects were all overwritten after the snapshot `latest`. */
async function overwritten(
  objects: Readonly<Record<string, string | Partial<TestUpload>>>,
  settings: { readonly pageSize?: number; readonly thawTime?: number } = {},
) {
  // Near this machine's: the SDK repeats every refusal from a server whose clock is far off.
  const clock = { now: Date.now() };
  const stack = new AsyncDisposableStack();
  const emulator = stack.use(await startEmulator({ ...settings, now: () => clock.now }));
  const bucket = stack.use(
    await TestBucket.create({ ...emulator, endpoint: emulator.url }, "bucket"),
  );
  const store = stack.use(openMemoryStore());
  for (const [key, object] of Object.entries(objects)) await bucket.put(key, object);
  await snapshot({ bucket: bucket.handle, store, delay });
  clock.now += 1000;
  for (const key of Object.keys(objects)) await bucket.put(key, "new");
  const options = {
    ...{ store, snapshot: "latest", target: bucket.handle, delay },
  } satisfies RestoreOptions;
  return { clock, emulator, bucket, options, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Without those that only tried out whether the server knows of conditions. */
function copiesOf({ requests }: Emulator) {
  return requests.of("CopyObject").filter(({ status }) => status !== 412);
}

Deno.test("one key that the server refuses is named, and stops no other", async () => {
  await using given = await overwritten({ a: "old", b: "old", c: "old" });
  const { emulator, bucket, options } = given;
  emulator.faults.add({ kind: "error-in-200", operation: "CopyObject", key: "b", times: Infinity });
  const report = await restore(options);
  assert.equal(report.copied, 2);
  assert.deepEqual(report.failed.map(({ key, code }) => [key, code]), [["b", "InternalError"]]);
  const bodies = [...await bucket.contents()].map(([key, { body }]) => `${key}=${body}`);
  assert.deepEqual(bodies, ["a=old", "b=new", "c=old"]);
});

Deno.test("deletions that the server refuses are named with the key and its version", async () => {
  await using given = await overwritten({ a: "old" });
  const { emulator, bucket, options } = given;
  const stray = await bucket.put("stray", "x");
  await bucket.remove("a");
  emulator.faults.add({ kind: "internal-error", operation: "DeleteObjects", times: Infinity });
  const { failed, deleted } = await restore({ ...options, delete: true });
  assert.equal(deleted, 0);
  assert.deepEqual(failed.map(({ key, versionId }) => [key, versionId]), [["stray", stray]]);
});

Deno.test("no more copies are in flight than allowed", async () => {
  const keys = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`k${i}`, "old"]));
  await using given = await overwritten(keys);
  const { emulator, options } = given;
  const { copied } = await restore({ ...options, concurrency: 3 });
  assert.equal(copied, 30);
  const copies = copiesOf(emulator);
  assert.equal(copies.length, 30);
  const most = Math.max(...copies.map(({ inFlight }) => inFlight));
  assert.ok(most <= 4, `${most} in flight`);
});

Deno.test("a listing that fails on the way leaves a report of what was done", async () => {
  const keys = Array.from({ length: 600 }, (_, i) => `k${String(i).padStart(4, "0")}`);
  await using given = await overwritten(Object.fromEntries(keys.map((key) => [key, "old"])), {
    pageSize: 10,
  });
  const { emulator, options } = given;
  emulator.faults.add({
    kind: "internal-error",
    times: Infinity,
    when: ({ operation }) =>
      operation === "ListObjectVersions" && emulator.requests.of("CopyObject").length > 0,
  });
  await assert.rejects(restore(options), (thrown) => {
    assert.ok(thrown instanceof IncompleteRestoreError);
    assert.equal(thrown.code, "InternalError");
    assert.match(thrown.message, new RegExp(`${thrown.report.safetySnapshot} undoes it`));
    assert.equal(thrown.report.interrupted, false);
    assert.equal(thrown.report.copied, copiesOf(emulator).length);
    return true;
  });
  emulator.faults.clear();
  const rest = await restore(options);
  assert.equal(rest.copied + rest.unchanged, keys.length);
  assert.ok(rest.unchanged >= 450 && rest.copied > 0, `${rest.unchanged} unchanged`);
});

Deno.test("a listing that fails before the first change changes nothing", async () => {
  await using given = await overwritten({ a: "old" });
  const { emulator, bucket, options } = given;
  emulator.faults.add({ kind: "internal-error", operation: "ListObjectVersions", times: Infinity });
  await assert.rejects(restore(options), { name: "S3Error", code: "InternalError" });
  emulator.faults.clear();
  assert.equal((await bucket.read("a")).body, "new");
});

const ARCHIVED = { body: "old", storageClass: "GLACIER" } as const;

Deno.test("archived versions are reported, and copied once somebody thawed them", async () => {
  await using given = await overwritten({ a: ARCHIVED, b: "old" });
  const { emulator, bucket, options } = given;
  const plan = await restore({ ...options, dryRun: true });
  assert.deepEqual([plan.copied, plan.archived, plan.bytesArchived], [1, 1, 3]);
  const report = await restore(options);
  assert.deepEqual([report.copied, report.archived, report.thawing], [1, 1, 0]);
  assert.deepEqual(report.failed, []);
  assert.deepEqual(emulator.requests.of("RestoreObject"), []);
  assert.equal((await bucket.read("a")).body, "new");
});

Deno.test("archived versions are thawed on request, and come back with a later restore", async () => {
  await using given = await overwritten({ a: ARCHIVED, b: "old" }, { thawTime: MINUTE });
  const { clock, emulator, bucket, options } = given;
  const first = await restore({ ...options, thaw: "bulk", thawDays: 3 });
  assert.deepEqual([first.copied, first.archived, first.thawing], [1, 1, 1]);
  const early = await restore({ ...options, thaw: "bulk" });
  assert.deepEqual([early.archived, early.thawing, early.failed.length], [1, 1, 0]);
  clock.now += 2 * MINUTE;
  const late = await restore({ ...options, thaw: "bulk" });
  assert.deepEqual([late.copied, late.archived, late.unchanged], [1, 0, 1]);
  const current = (await bucket.versions()).find(({ key }) => key === "a");
  assert.equal(current!.storageClass, "GLACIER");
  assert.equal(emulator.requests.of("RestoreObject").length, 2);
});

Deno.test("a tier or a time that S3 does not have is refused at once", async () => {
  await using given = await overwritten({ a: "old" });
  const { options } = given;
  await assert.rejects(restore({ ...options, thaw: "warm" as never }), /use bulk, standard, exp/);
  await assert.rejects(restore({ ...options, thaw: "bulk", thawDays: 0 }), /whole number from 1/);
});

Deno.test("a tier that the storage class does not have is the failure of that key", async () => {
  await using given = await overwritten({ a: { body: "old", storageClass: "DEEP_ARCHIVE" } });
  const { archived, thawing, failed } = await restore({ ...given.options, thaw: "expedited" });
  assert.deepEqual([archived, thawing], [1, 0]);
  assert.deepEqual(failed.map(({ key, code }) => [key, code]), [["a", "InvalidArgument"]]);
});

Deno.test("a delete marker that stays leaves its key among the failed", async () => {
  await using given = await overwritten({});
  const { emulator, bucket, options } = given;
  for (const key of ["a", "b"]) await bucket.put(key, "old");
  await snapshot({ bucket: bucket.handle, store: options.store, delay, at: given.clock.now });
  for (const key of ["a", "b"]) await bucket.remove(key);
  emulator.faults.add({ kind: "reset", operation: "DeleteObjects", times: Infinity });
  const { undeleted, failed } = await restore(options);
  assert.equal(undeleted, 0);
  assert.deepEqual(failed.map(({ key, code }) => [key, code]), [
    ["a", "Unreachable"],
    ["b", "Unreachable"],
  ]);
});

Deno.test("a plan is made without changing anything", async () => {
  await using given = await overwritten({ a: "old", b: "old" });
  const { emulator, bucket, options } = given;
  const before = await bucket.versions();
  const written = emulator.requests.all.filter(({ method }) => method !== "GET").length;
  const batches = await Array.fromAsync(planRestore(options));
  assert.deepEqual(batches.map(({ objects, actions }) => [objects, [...actions]]), [
    [2, [COPY_OWN, COPY_OWN]],
  ]);
  assert.equal(emulator.requests.all.filter(({ method }) => method !== "GET").length, written);
  assert.deepEqual(await bucket.versions(), before);
});

Deno.test("a snapshot that gc begins to remove before the first change is not restored", async () => {
  await using given = await overwritten({ a: "old" });
  const { bucket, options } = given;
  const id = await resolvePoint(options.store, "latest");
  const store = hookStore(options.store, {
    async after({ operation, name }) {
      // The safety snapshot's manifest.
      if (operation !== "put" || !name.endsWith("/manifest.json")) return;
      await markExpired(options.store, id);
    },
  });
  await assert.rejects(restore({ ...options, store }), { code: "ExpiredSnapshot" });
  assert.equal((await bucket.read("a")).body, "new");
  const { copied } = await restore({ ...options, snapshot: id, allowExpired: true });
  assert.equal(copied, 1);
});

Deno.test("a snapshot that gc removes whole before the first change is not restored", async () => {
  await using given = await overwritten({ a: "old" });
  const { bucket, options } = given;
  const id = await resolvePoint(options.store, "latest");
  const point = await openPoint(options.store, id);
  const store = hookStore(options.store, {
    async after({ operation, name }) {
      // The safety snapshot's manifest.
      if (operation !== "put" || !name.endsWith("/manifest.json")) return;
      for (const file of await pointFiles(options.store, point)) await options.store.delete(file);
    },
  });
  await assert.rejects(restore({ ...options, store }), { code: "ExpiredSnapshot" });
  assert.equal((await bucket.read("a")).body, "new");
});

Deno.test("a snapshot that is damaged near its end is refused before the first change", async () => {
  await using given = await overwritten({});
  const { bucket, options } = given;
  const { store } = options;
  await bucket.put("aaa", "not in the snapshot");
  const entries = Array.from({ length: 10_000 }, (_, i) => entry({ key: `k${10_000 + i}` }));
  const id = "20260101T000000Z-aaaa";
  await putSnapshot(store, id, entries, { bucket: bucket.handle.identity() });
  const [part] = await Array.fromAsync(store.list({ prefix: `${id}/part` }));
  const bytes = await new Response(await store.get(part!.name)).bytes();
  bytes[bytes.length - 100]! ^= 1;
  await store.put(part!.name, new Blob([bytes]).stream());
  const names = async () =>
    (await Array.fromAsync(store.list())).map(({ name }) => name)
      .filter((name) => !name.startsWith("lock/"));
  const before = await names();
  await assert.rejects(restore({ ...options, snapshot: id, delete: true }), {
    code: "CorruptSnapshot",
  });
  assert.deepEqual(await bucket.keys(), ["aaa"]);
  assert.deepEqual(await names(), before);
});

Deno.test("gc and snapshots stay out of the store until a restore is done", async () => {
  await using given = await overwritten({ a: "old", b: "old" });
  const { options: { store } } = given;
  const attempts: Promise<unknown>[] = [];
  const attempt = () =>
    acquireLock(store, { purpose: "a test", now: () => Promise.resolve(Date.now()) });
  const { copied } = await restore({
    ...given.options,
    onProgress: ({ bytes }) => {
      if (bytes > 0) attempts.push(assert.rejects(attempt(), { code: "LockHeld" }));
    },
  });
  await Promise.all(attempts);
  assert.deepEqual([copied, attempts.length], [2, 2]);
  await using _ = await attempt();
});

Deno.test("a restore whose lock was taken before its safety snapshot is stored changes nothing", async () => {
  await using given = await overwritten({ a: "old" });
  const { bucket, options } = given;
  const manifests = async () =>
    (await Array.fromAsync(options.store.list())).filter(({ name }) => name.endsWith("t.json"));
  const before = await manifests();
  const store = hookStore(options.store, {
    // Its parts would be an orphan's to a gc that comes in between.
    after: async ({ operation, name }) => {
      if (operation === "put" && name.includes("/part-")) {
        await breakLock(options.store, Date.now());
      }
    },
  });
  await assert.rejects(restore({ ...options, store }), { code: "LockLost" });
  assert.equal((await bucket.read("a")).body, "new");
  assert.deepEqual(await manifests(), before);
});

Deno.test("a copy that waits for its turn is not begun after an abort", async () => {
  await using given = await overwritten({ a: "old", b: "old", c: "old" });
  const { emulator, options } = given;
  const stop = new AbortController();
  const { copied, interrupted } = await restore({
    ...options,
    concurrency: 1,
    signal: stop.signal,
    onProgress: ({ bytes }) => {
      if (bytes > 0) stop.abort();
    },
  });
  assert.deepEqual([copied, interrupted], [1, true]);
  assert.equal(copiesOf(emulator).length, 1);
});
