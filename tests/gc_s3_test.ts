import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { deleteSnapshots } from "../lib/delete_snapshots.ts";
import { gc } from "../lib/gc.ts";
import { S3Error } from "../lib/model/errors.ts";
import { readSnapshot } from "../lib/read_snapshot.ts";
import { snapshot } from "../lib/snapshot.ts";
import { legacyText, legacyVersion, putLegacy } from "./legacy_files.ts";
import { testServer } from "./s3_server.ts";
import { each, TestBucket } from "./test_bucket.ts";

const AWKWARD = [
  "/leading",
  "..",
  "a b+c%20",
  "ctrl-\u0001",
  "line\nbreak",
  "<&>\"'",
  "é",
  "\uff5e",
  "\u{1f600}",
  "x".repeat(1024),
  "é".repeat(512),
  `${"y".repeat(1020)}\u{10ffff}`,
];
const PLAIN = Array.from({ length: 1100 }, (_, i) => `plain/${String(i).padStart(5, "0")}`);

Deno.test("gc removes exactly the versions that only expired points name", async () => {
  await using server = await testServer();
  await using bucket = await TestBucket.create(server, server.bucketName("gc"));
  await using store = openMemoryStore();
  const old = new Map<string, string>(), kept = new Map<string, string>();
  await each([...AWKWARD, ...PLAIN], async (key) => void old.set(key, await bucket.put(key, "1")));
  const first = await snapshot({ bucket: bucket.handle, store });
  await each([...AWKWARD, ...PLAIN.slice(0, 1020)], async (key) => {
    kept.set(key, await bucket.put(key, "22"));
  });
  await each(PLAIN.slice(1020, 1040), (key) => bucket.remove(key));
  const second = await snapshot({ bucket: bucket.handle, store });
  await each([...AWKWARD, ...PLAIN.slice(0, 10)], (key) => bucket.put(key, "333"));
  // Named by the first point alone, and current again by the time of gc.
  const undeleted = (await bucket.versions()).find((found) => found.key === PLAIN[1039])!;
  assert(undeleted.isDeleteMarker);
  await bucket.remove(undeleted.key, undeleted.versionId);

  const options = { bucket: bucket.handle, store, policy: { keepLast: 1 } };
  const gone = AWKWARD.length + 1020 + 19;
  const dry = await gc({ ...options, dryRun: true });
  assert.equal(dry.versionsDeleted, gone);
  assert.equal(dry.bytesFreed, gone);
  const before = await bucket.versions();
  const report = await gc(options);
  assert.deepEqual(report.expired, [first.id]);
  assert.deepEqual(report.kept.map(({ id }) => id), [second.id]);
  assert.deepEqual(report.failed, []);
  assert.equal(report.versionsDeleted, gone);

  const left = await bucket.versions();
  const has = new Set(left.map(({ key, versionId }) => JSON.stringify([key, versionId])));
  assert.equal(left.length, before.length - gone);
  for (const [key, versionId] of kept) assert(has.has(JSON.stringify([key, versionId])), key);
  for (const key of kept.keys()) assert(!has.has(JSON.stringify([key, old.get(key)])), key);
  for await (const { key, versionId } of readSnapshot({ store, snapshot: second.id })) {
    assert(has.has(JSON.stringify([key, versionId])), key);
  }
  assert.equal((await gc(options)).versionsDeleted, 0);

  const deleted = await deleteSnapshots({ ...options, snapshots: ["latest"] });
  assert.deepEqual(deleted.expired, [second.id]);
  assert.equal(deleted.versionsDeleted, AWKWARD.length + 10);
  assert(
    (await bucket.versions()).every(({ isLatest, isDeleteMarker, key }) =>
      isLatest || isDeleteMarker || PLAIN.includes(key)
    ),
  );
});

Deno.test("gc --unreferenced removes exactly what no point names, below the bucket's prefix", async () => {
  await using server = await testServer();
  const name = server.bucketName("gc-unreferenced");
  await using bucket = await TestBucket.create(server, name, { prefix: "in/" });
  await using store = openMemoryStore();
  const keys = [...AWKWARD.filter((key) => key.length < 500), ...PLAIN.slice(0, 60)].map((key) =>
    `in/${key}`
  );
  const options = { bucket: bucket.handle, store, policy: { keepLast: 9 } };
  await each(["in", "outside"], (key) => bucket.put(key, "1"));
  await each(keys, (key) => bucket.put(key, "1"));
  const first = await snapshot({ bucket: bucket.handle, store });
  await each(["in", "outside", ...keys], (key) => bucket.put(key, "22"));
  await each(["in", "outside", ...keys], (key) => bucket.put(key, "333"));
  await bucket.put("in/gone", "4444"), await bucket.remove("in/gone");
  const second = await snapshot({ bucket: bucket.handle, store });
  await each(keys.slice(0, 10), (key) => bucket.put(key, "55555"));
  await each(keys.slice(0, 10), (key) => bucket.put(key, "666666"));

  const before = await bucket.versions();
  const dry = await gc({ ...options, dryRun: true });
  assert.deepEqual(await bucket.versions(), before);
  assert.equal(dry.unreferenced?.versions, keys.length + 1 + 10);
  assert.deepEqual(dry.unreferenced.due, { versions: keys.length + 1, bytes: keys.length * 2 + 4 });
  const report = await gc({ ...options, unreferenced: 0 });
  assert.deepEqual(report.failed, []);
  assert.equal(report.versionsDeleted, keys.length + 1);
  const left = await bucket.versions();
  assert.equal(left.filter(({ key }) => key === "in" || key === "outside").length, 6);
  const has = new Set(left.map(({ key, versionId }) => JSON.stringify([key, versionId])));
  for (const { id } of [first, second]) {
    for await (const { key, versionId } of readSnapshot({ store, snapshot: id })) {
      assert(has.has(JSON.stringify([key, versionId])), key);
    }
  }
  assert.equal((await gc({ ...options, unreferenced: 0 })).versionsDeleted, 1, "the delete marker");
  assert.equal((await gc({ ...options, unreferenced: 0 })).versionsDeleted, 0);
});

Deno.test("files of 2015 that name another bucket's versions stay, whatever they are called", async () => {
  await using server = await testServer();
  await using bucket = await TestBucket.create(server, server.bucketName("gc-2015-own"));
  await using other = await TestBucket.create(server, server.bucketName("gc-2015-other"));
  await using store = openMemoryStore();
  const fileOf = async (name: string, from: TestBucket) => {
    const versions = (await from.versions()).map(({ key, versionId, size }) =>
      legacyVersion({ Key: key, VersionId: versionId, Size: size })
    );
    await putLegacy(store, name, legacyText(versions));
  };
  const keys = [...AWKWARD, ...PLAIN.slice(0, 20)];
  for (const each of [bucket, other]) await fill(each, keys);
  await fileOf("20150605152158-0500CDT", other);
  await fileOf("20150606152158-0500CDT.Z", other);
  await fileOf("20150607152158-0500CDT", bucket);
  await fill(bucket, keys);
  const { id } = await snapshot({ bucket: bucket.handle, store });
  const options = { bucket: bucket.handle, store, policy: { keepLast: 1 } };
  for (const dryRun of [true, false]) {
    const report = await gc({ ...options, dryRun });
    assert.deepEqual(report.expired, ["20150607152158-0500CDT"]);
    assert.equal(report.versionsDeleted, keys.length);
    assert.deepEqual(report.kept.map((kept) => kept.id).sort(), [
      "20150605152158-0500CDT",
      "20150606152158-0500CDT.Z",
      id,
    ]);
  }
  await store.delete(`${id}/manifest.json`);
  const report = await gc({ ...options, bucket: other.handle });
  assert.deepEqual(report.expired, ["20150605152158-0500CDT"], "they are collected with their own");
});

async function fill(bucket: TestBucket, keys: readonly string[]): Promise<void> {
  await each(keys, (key) => bucket.put(key, "1"));
}

Deno.test("gc and delete refuse a bucket that is not versioned", async () => {
  await using server = await testServer();
  await using store = openMemoryStore();
  for (const versioning of ["Unversioned", "Suspended"] as const) {
    const name = server.bucketName(`gc-${versioning.toLowerCase()}`);
    await using bucket = await TestBucket.create(server, name, { versioning });
    const options = { bucket: bucket.handle, store, policy: { days: 1 }, snapshots: ["latest"] };
    for (const operation of [gc, deleteSnapshots]) {
      await assert.rejects(
        operation(options),
        (error) => error instanceof S3Error && error.code === "NotVersioned",
      );
    }
  }
});
