import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { listSnapshots } from "../lib/list_snapshots.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { restore as restoreAfterWait, type RestoreOptions } from "../lib/restore.ts";
import type { RestoreReport } from "../lib/restore/restore_report.ts";
import { snapshot as snapshotAfterWait, type SnapshotOptions } from "../lib/snapshot.ts";
import { legacyText, putLegacy } from "./legacy_files.ts";
import { type TestServer, testServer } from "./s3_server.ts";
import { markExpired, putSnapshot } from "./stored_snapshots.ts";
import { entry } from "./entry_batches.ts";
import { TestBucket, type TestBucketOptions } from "./test_bucket.ts";

/** A server, a store and buckets, all gone at the end of the test. */
async function bench(options: TestBucketOptions = {}) {
  const stack = new AsyncDisposableStack();
  const server: TestServer = stack.use(await testServer());
  const store: SnapshotStore = stack.use(openMemoryStore());
  const make = async (hint: string, given: TestBucketOptions = {}) =>
    stack.use(await TestBucket.create(server, server.bucketName(hint), given));
  const bucket = await make("restore", options);
  return { server, store, bucket, make, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Nobody else writes here, so the end of a second need not be waited for. */
const delay = () => Promise.resolve();
const snapshot = (options: SnapshotOptions) => snapshotAfterWait({ delay, ...options });
const restore = (options: RestoreOptions) => restoreAfterWait({ delay, ...options });

/** What a report says, without what differs from run to run. */
function counts(report: RestoreReport) {
  const { objects, unchanged, copied, undeleted, deleted, extra, archived, failed } = report;
  const numbers = { objects, unchanged, copied, undeleted, deleted, extra, archived };
  const some = Object.entries(numbers).filter(([, count]) => count > 0);
  return { ...Object.fromEntries(some), ...(failed.length > 0 && { failed: failed.length }) };
}

const RICH = {
  body: "precious",
  contentType: "image/png",
  metadata: { owner: "me" },
  tags: { kind: "photo", year: "2026" },
};

Deno.test("what was overwritten, deleted and added is as it was", async () => {
  await using given = await bench();
  const { bucket, store } = given;
  for (const key of ["a", "b", "c", "dir/ü 😀", "same"]) await bucket.put(key, RICH);
  await snapshot({ bucket: bucket.handle, store });
  const before = await bucket.contents();
  await bucket.put("a", "scribble");
  await bucket.remove("b");
  await bucket.put("c", "scribble");
  await bucket.remove("c");
  await bucket.put("dir/ü 😀", "scribble");
  await bucket.put("stray", "x");

  const options: RestoreOptions = {
    store,
    snapshot: "latest",
    target: bucket.handle,
    delete: true,
  };
  const plan = await restore({ ...options, dryRun: true });
  assert.deepEqual(
    counts(plan),
    { objects: 5, unchanged: 1, copied: 3, undeleted: 1, deleted: 1 },
  );
  assert.equal(plan.safetySnapshot, null);
  assert.notDeepEqual(await bucket.contents(), before);

  const report = await restore(options);
  assert.deepEqual(counts(report), counts(plan));
  assert.equal(report.bytesCopied, 3 * RICH.body.length);
  assert.equal(report.bytesCopied, plan.bytesCopied);
  assert.deepEqual(await bucket.contents(), before);

  const again = await restore(options);
  assert.deepEqual(counts(again), { objects: 5, unchanged: 5 });
  assert.equal(again.safetySnapshot, null);
});

Deno.test("the safety snapshot undoes a restore, deletions included", async () => {
  await using given = await bench();
  const { bucket, store } = given;
  await bucket.put("a", "old");
  await bucket.put("gone", "old");
  const { id } = await snapshot({ bucket: bucket.handle, store });
  await bucket.put("a", "new");
  await bucket.remove("gone");
  await bucket.put("b", "new");
  const before = await bucket.contents();
  const target = bucket.handle;
  const { safetySnapshot } = await restore({ store, snapshot: id, target, delete: true });
  const rows = await Array.fromAsync(listSnapshots({ store }));
  const safety = rows.find((row) => row.id === safetySnapshot);
  assert.equal(safety!.safetyFor, id);
  assert.equal(safety!.label, `before the restore of ${id}`);
  await restore({ store, snapshot: safetySnapshot!, target, delete: true });
  assert.deepEqual(await bucket.contents(), before);
});

Deno.test("a replica's versions come back to the source, and undo reads the source", async () => {
  await using given = await bench();
  const { bucket: source, store, make } = given;
  const replica = await make("replica");
  for (const key of ["a", "b"]) {
    await replica.put(key, RICH);
    await source.put(key, RICH);
  }
  await snapshot({ bucket: replica.handle, store });
  await source.put("a", "scribble");
  await source.remove("b");
  await source.put("stray", "x");
  const scribbled = await source.contents();
  const buckets = { target: source.handle, replica: replica.handle };
  const report = await restore({ store, snapshot: "latest", ...buckets });
  assert.deepEqual(counts(report), { objects: 2, copied: 2, extra: 1 });
  assert.deepEqual(await source.read("a"), RICH);
  assert.deepEqual(await source.keys(), ["a", "b", "stray"]);
  const again = await restore({ store, snapshot: "latest", ...buckets });
  assert.deepEqual(counts(again), { objects: 2, unchanged: 2, extra: 1 });
  await restore({ store, snapshot: report.safetySnapshot!, ...buckets, delete: true });
  assert.deepEqual(await source.contents(), scribbled);
});

Deno.test("prefixes limit what is restored, deleted and remembered", async () => {
  await using given = await bench();
  const { bucket, store } = given;
  for (const key of ["a/1", "a/2", "b/1", "c/1"]) await bucket.put(key, "old");
  await snapshot({ bucket: bucket.handle, store });
  for (const key of ["a/1", "b/1", "c/1", "a/stray", "c/stray"]) await bucket.put(key, "new");
  const report = await restore({
    store,
    snapshot: "latest",
    target: bucket.handle,
    prefixes: ["a/", "b/", "a/1"],
    delete: true,
  });
  assert.deepEqual(counts(report), { objects: 3, unchanged: 1, copied: 2, deleted: 1 });
  const bodies = [...await bucket.contents()].map(([key, { body }]) => `${key}=${body}`);
  assert.deepEqual(bodies, ["a/1=old", "a/2=old", "b/1=old", "c/1=new", "c/stray=new"]);
});

Deno.test("keys come back under another prefix of another bucket", async () => {
  await using given = await bench();
  const { bucket, store, make } = given;
  const other = await make("other");
  await bucket.put("a", RICH);
  await bucket.put("b/é", RICH);
  await snapshot({ bucket: bucket.handle, store });
  await other.put("back/stray");
  await other.put("elsewhere");
  const options = {
    store,
    snapshot: "latest",
    replica: bucket.handle,
    target: other.handle,
    toPrefix: "back/",
    delete: true,
  };
  const report = await restore(options);
  assert.deepEqual(counts(report), { objects: 2, copied: 2, deleted: 1 });
  assert.deepEqual(await other.keys(), ["back/a", "back/b/é", "elsewhere"]);
  assert.deepEqual(await other.read("back/b/é"), RICH);
  assert.deepEqual(counts(await restore(options)), { objects: 2, unchanged: 2 });
  const rows = await Array.fromAsync(listSnapshots({ store }));
  const safety = rows.find(({ id }) => id === report.safetySnapshot);
  assert.equal(new URL(safety!.bucket!).pathname, "/back/");
});

Deno.test("a version that is lost is named, and stops no other", async () => {
  await using given = await bench();
  const { bucket, store, make } = given;
  const other = await make("other");
  const lost = await bucket.put("a", "lost");
  await bucket.put("b", "kept");
  await snapshot({ bucket: bucket.handle, store });
  await bucket.put("a", "new");
  await bucket.put("b", "new");
  await bucket.remove("a", lost);
  const expected = [{ key: "a", versionId: lost, code: "NoSuchVersion" }];
  const named = ({ failed }: RestoreReport) =>
    failed.map(({ key, versionId, code }) => ({ key, versionId, code }));
  const inPlace = { store, snapshot: "latest", target: bucket.handle };
  const plan = await restore({ ...inPlace, dryRun: true });
  assert.deepEqual(named(plan), expected);
  const report = await restore(inPlace);
  assert.deepEqual(counts(report), { objects: 2, copied: 1, failed: 1 });
  assert.deepEqual(named(report), expected);
  assert.equal((await bucket.read("b")).body, "kept");
  const elsewhere = await restore({
    ...inPlace,
    replica: bucket.handle,
    target: other.handle,
    snapshot: "latest",
  });
  assert.deepEqual(named(elsewhere), expected);
  assert.deepEqual(await other.keys(), ["b"]);
});

Deno.test("a target that is not versioned is refused, or restored without a way back", async () => {
  await using given = await bench();
  const { bucket, store, make } = given;
  const plain = await make("plain", { versioning: "Unversioned" });
  await bucket.put("a", RICH);
  await plain.put("stray", "x");
  await snapshot({ bucket: bucket.handle, store });
  const options = { store, snapshot: "latest", replica: bucket.handle, target: plain.handle };
  await assert.rejects(restore(options), {
    code: "NotVersioned",
    message: /could not be undone.*put-bucket-versioning.*without a safety snapshot/,
  });
  assert.deepEqual(await plain.keys(), ["stray"]);
  const report = await restore({ ...options, safetySnapshot: false, delete: true });
  assert.equal(report.safetySnapshot, null);
  assert.deepEqual(await plain.contents(), new Map([["a", RICH]]));
});

Deno.test("a file of 2015 is restored, and what is right already is recognised", async () => {
  await using given = await bench();
  const { bucket, store } = given;
  const contents = [];
  for (const Key of ["b", "a/2", "a/1", "gone"]) {
    contents.push({
      Key,
      VersionId: await bucket.put(Key, RICH),
      Size: RICH.body.length,
      LastModified: "2015-06-04T01:19:56-05:00",
    });
  }
  const before = await bucket.contents();
  await putLegacy(store, "20150605152158+0000UTC.Z", legacyText(contents));
  await bucket.put("a/1", "scribble");
  await bucket.remove("gone");
  const options = { store, snapshot: "20150605", target: bucket.handle };
  assert.deepEqual(
    counts(await restore(options)),
    { objects: 4, unchanged: 2, copied: 1, undeleted: 1 },
  );
  assert.deepEqual(await bucket.contents(), before);
  assert.deepEqual(counts(await restore(options)), { objects: 4, unchanged: 4 });
});

Deno.test("an object that was uploaded in parts is recognised after it came back", async () => {
  await using given = await bench();
  const { bucket, store } = given;
  const parts = [new Uint8Array(5 * 1024 ** 2).fill(1), new Uint8Array(10).fill(2)];
  await bucket.putInParts("big", parts);
  const { etag } = (await bucket.versions())[0]!;
  assert.match(etag, /-2$/);
  await snapshot({ bucket: bucket.handle, store });
  await bucket.put("big", "small");
  const options = { store, snapshot: "latest", target: bucket.handle };
  const report = await restore(options);
  assert.deepEqual(counts(report), { objects: 1, copied: 1 });
  assert.equal(report.etagsChanged, 0);
  assert.equal((await bucket.versions())[0]!.etag, etag);
  assert.deepEqual(counts(await restore(options)), { objects: 1, unchanged: 1 });
});

Deno.test("what cannot be right is refused before anything is changed", async () => {
  await using given = await bench();
  const { bucket, store, make } = given;
  const other = await make("other");
  await bucket.put("a", "x");
  const { id } = await snapshot({ bucket: bucket.handle, store });
  await bucket.remove("a");
  const untouched = await bucket.versions();
  const target = bucket.handle;

  await assert.rejects(
    restore({ store, snapshot: id, target: other.handle, replica: other.handle }),
    { code: "InvalidInput", message: /names versions of s3:/ },
  );
  await assert.rejects(restore({ store, snapshot: "1999", target }), { code: "UnknownSnapshot" });

  await putSnapshot(store, "20250101T000000Z-aaaa", []);
  await markExpired(store, "20250101T000000Z-aaaa");
  await assert.rejects(restore({ store, snapshot: "20250101", target }), {
    code: "ExpiredSnapshot",
  });

  const [part] = await Array.fromAsync(store.list({ prefix: `${id}/part` }));
  const bytes = await new Response(await store.get(part!.name)).bytes();
  bytes[bytes.length >> 1]! ^= 1;
  await store.put(part!.name, new Blob([bytes]).stream());
  await assert.rejects(restore({ store, snapshot: id, target }), { code: "CorruptSnapshot" });
  assert.deepEqual(await bucket.versions(), untouched);
});

Deno.test("another replica is accepted when it is asked for", async () => {
  await using given = await bench();
  const { bucket, store } = given;
  const versionId = await bucket.put("a", "old");
  const { etag, size } = (await bucket.versions())[0]!;
  await putSnapshot(store, "20260101T000000Z-aaaa", [entry({ key: "a", versionId, etag, size })]);
  await bucket.put("a", "new");
  const options = { store, snapshot: "20260101", target: bucket.handle };
  await assert.rejects(restore({ ...options, snapshot: "latest" }), { code: "UnknownSnapshot" });
  await assert.rejects(restore(options), { code: "InvalidInput" });
  await restore({ ...options, allowOtherReplica: true });
  assert.equal((await bucket.read("a")).body, "old");
});

Deno.test("an interrupted restore ends what it began, reports it, and can go on", async () => {
  await using given = await bench();
  const { bucket, store } = given;
  const keys = Array.from({ length: 20 }, (_, i) => `k${String(i).padStart(2, "0")}`);
  for (const key of keys) await bucket.put(key, "old");
  await snapshot({ bucket: bucket.handle, store });
  for (const key of keys) await bucket.put(key, "new");
  const stop = new AbortController();
  const options = { store, snapshot: "latest", target: bucket.handle, concurrency: 2 };
  const report = await restore({
    ...options,
    signal: stop.signal,
    onProgress: ({ bytes }) => {
      if (bytes >= 15) stop.abort();
    },
  });
  assert.equal(report.interrupted, true);
  assert.ok(report.copied >= 5 && report.copied < 20, String(report.copied));
  assert.deepEqual(report.failed, []);
  const rest = await restore(options);
  assert.equal(rest.interrupted, false);
  assert.deepEqual(
    counts(rest),
    { objects: 20, unchanged: report.copied, copied: 20 - report.copied },
  );
});
