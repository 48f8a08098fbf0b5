import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { gc } from "../lib/gc.ts";
import { acquireLock } from "../lib/lock.ts";
import { InputError, LockError, SnapshotError } from "../lib/model/errors.ts";
import { manifestName } from "../lib/model/snapshot_id.ts";
import { pinSnapshot, unpinSnapshot } from "../lib/pin_snapshots.ts";
import { openPoint } from "../lib/points.ts";
import { serverNow } from "../lib/s3/server_time.ts";
import { unlock } from "../lib/unlock.ts";
import { testServer } from "./s3_server.ts";
import { markExpired, putSnapshot } from "./stored_snapshots.ts";
import { TestBucket } from "./test_bucket.ts";

async function world() {
  const server = await testServer();
  const bucket = await TestBucket.create(server, server.bucketName("pin"));
  const store = openMemoryStore();
  const own = bucket.handle.identity();
  const old = "20200101T000000Z-aaaa", recent = "20200601T000000Z-bbbb";
  for (const id of [old, recent]) await putSnapshot(store, id, [], { bucket: own });
  return {
    bucket: bucket.handle,
    store,
    old,
    recent,
    async [Symbol.asyncDispose]() {
      await bucket[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

Deno.test("a pinned snapshot stays until it is unpinned", async () => {
  await using here = await world();
  const { bucket, store, old } = here;
  for (let twice = 0; twice < 2; twice++) {
    assert.equal(await pinSnapshot({ bucket, store, snapshot: "202001" }), old);
  }
  assert((await openPoint(store, old)).pinned);
  const options = { bucket, store, policy: { days: 30 } };
  assert.deepEqual((await gc(options)).kept[0], { id: old, reasons: ["pinned"] });
  for (let twice = 0; twice < 2; twice++) {
    assert.equal(await unpinSnapshot({ bucket, store, snapshot: old }), old);
  }
  assert.deepEqual((await gc(options)).expired, [old]);
});

Deno.test("what cannot be kept cannot be pinned, and nothing can while gc runs", async () => {
  await using here = await world();
  const { bucket, store, old, recent } = here;
  await markExpired(store, old);
  await assert.rejects(
    pinSnapshot({ bucket, store, snapshot: old }),
    (error) => error instanceof SnapshotError && error.code === "ExpiredSnapshot",
  );
  const legacy = '{"Timestamp":"2015-06-05T15:21:58-05:00","Contents":[]}';
  await store.put("20150605152158-0500CDT", new Blob([legacy]).stream());
  await assert.rejects(pinSnapshot({ bucket, store, snapshot: "2015" }), InputError);
  await using _lock = await acquireLock(store, { purpose: "gc", now: () => serverNow(bucket) });
  await assert.rejects(pinSnapshot({ bucket, store, snapshot: recent }), LockError);
  await assert.rejects(unpinSnapshot({ bucket, store, snapshot: recent }), LockError);
  assert.equal(await pinSnapshot({ bucket, store, snapshot: recent, lock: false }), recent);
});

Deno.test("pin and unpin know whose a snapshot is, where a store holds those of several buckets", async () => {
  await using here = await world();
  const { bucket, store, recent } = here;
  const own = bucket.identity();
  const other = "20200701T000000Z-cccc", part = "20200702T000000Z-dddd";
  await putSnapshot(store, other, [], { bucket: { ...own, name: "another" } });
  await putSnapshot(store, part, [], { bucket: { ...own, prefix: "in/" } });
  for (const snapshot of [other, part]) {
    for (const change of [pinSnapshot, unpinSnapshot]) {
      await assert.rejects(change({ bucket, store, snapshot }), (error) => {
        assert(error instanceof InputError);
        assert.match(error.message, /is of s3:.*, not of s3:.*nothing was (un)?pinned/);
        return true;
      });
    }
  }
  assert.equal(await pinSnapshot({ bucket, store, snapshot: "latest" }), recent);
  assert.equal(await unpinSnapshot({ bucket, store, snapshot: "latest" }), recent);
});

Deno.test("a safety snapshot of the source can be pinned, since gc of its replica judges it", async () => {
  await using here = await world();
  const { bucket, store, old } = here;
  const source = { ...bucket.identity(), name: "source" }, snapshot = "20200701T000000Z-cccc";
  await putSnapshot(store, snapshot, [], { bucket: source, safetyFor: old });
  await assert.rejects(pinSnapshot({ bucket, store, snapshot }), InputError);
  assert.equal(await pinSnapshot({ bucket, store, snapshot, source }), snapshot);
});

Deno.test("a damaged snapshot can be unpinned, so that it can be deleted", async () => {
  await using here = await world();
  const { bucket, store, old } = here;
  await pinSnapshot({ bucket, store, snapshot: old });
  await store.put(manifestName(old), new Blob(["{"]).stream());
  assert.equal(await unpinSnapshot({ bucket, store, snapshot: old }), old);
  await assert.rejects(pinSnapshot({ bucket, store, snapshot: old }), { code: "CorruptSnapshot" });
});

Deno.test("unlock tells who holds a store, and ends it", async () => {
  await using here = await world();
  const { bucket, store } = here;
  assert.deepEqual(await unlock({ bucket, store }), { state: "free" });
  const lock = await acquireLock(store, {
    purpose: "gc of s3://photos",
    owner: "host-a",
    now: () => serverNow(bucket),
  });
  const seen = await unlock({ bucket, store, dryRun: true });
  assert.equal(seen.state, "held");
  assert.equal(seen.holder?.owner, "host-a");
  await lock.assertHeld();
  assert.equal((await unlock({ bucket, store })).holder?.purpose, "gc of s3://photos");
  await assert.rejects(lock.assertHeld(), LockError);
  assert.deepEqual(await unlock({ bucket, store }), { state: "free" });
  await lock[Symbol.asyncDispose]();

  await store.put("lock/00000099.json", new Blob(["{"]).stream());
  assert.deepEqual(await unlock({ bucket, store }), { state: "damaged" });
  assert.deepEqual(await unlock({ bucket, store }), { state: "free" });
});
