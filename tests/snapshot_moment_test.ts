import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { listSnapshots } from "../lib/index/catalog.ts";
import { readSnapshot } from "../lib/read_snapshot.ts";
import { snapshot } from "../lib/snapshot.ts";
import { startEmulator } from "./emulator/emulator.ts";
import { TestBucket } from "./test_bucket.ts";

const SECOND = Date.UTC(2026, 10, 23, 1, 15, 30);

/** A server whose clock stands still, but for what an operation waits. */
async function frozen(pageSize = 1000) {
  const clock = { now: SECOND + 200 };
  const emulator = await startEmulator({ now: () => clock.now, pageSize });
  const bucket = await TestBucket.create({ ...emulator, endpoint: emulator.url }, "moment");
  const delay = (milliseconds: number) => {
    clock.now += milliseconds;
    return Promise.resolve();
  };
  return { clock, emulator, bucket, delay };
}

Deno.test("what was written in the same second, before the call, is in the snapshot", async () => {
  const { clock, emulator, bucket, delay } = await frozen();
  await using _server = emulator, _bucket = bucket, store = openMemoryStore();
  await bucket.put("a", "old");
  clock.now += 300;
  const versionId = await bucket.put("a", "new");
  const report = await snapshot({ bucket: bucket.handle, store, delay, random: () => 0 });
  assert.equal(report.id, "20261123T011530Z-0000");
  assert.equal(report.asOf, "2026-11-23T01:15:30.999Z");
  const [found] = await Array.fromAsync(readSnapshot({ store, snapshot: report.id }));
  assert.equal(found!.versionId, versionId);
});

Deno.test("writers that go on during the listing change nothing in the snapshot", async () => {
  const { clock, emulator, bucket, delay } = await frozen(2);
  await using _server = emulator, _bucket = bucket, store = openMemoryStore();
  const keys = ["a", "b", "c", "d", "e", "f", "g"];
  const ids = new Map<string, string>();
  for (const key of keys) ids.set(key, await bucket.put(key, "before"));
  const writes: Promise<unknown>[] = [];
  await snapshot({
    bucket: bucket.handle,
    store,
    delay,
    onProgress({ objects }) {
      if (objects !== 2) return;
      clock.now += 5;
      writes.push(bucket.put("a", "x"), bucket.put("g", "x"), bucket.put("h", "x"));
      writes.push(bucket.remove("f"), bucket.remove("b"));
    },
  });
  await Promise.all(writes);
  assert.equal(writes.length, 5);
  const found = await Array.fromAsync(readSnapshot({ store, snapshot: "latest" }));
  assert.deepEqual(new Map(found.map(({ key, versionId }) => [key, versionId])), ids);
});

Deno.test("an earlier moment shows what was there then, and is not waited for", async () => {
  const { clock, emulator, bucket } = await frozen();
  await using _server = emulator, _bucket = bucket, store = openMemoryStore();
  const first = await bucket.put("a", "first");
  const kept = await bucket.put("kept", "x");
  clock.now += 60_000;
  await bucket.put("a", "second");
  await bucket.remove("kept");
  clock.now += 60_000;
  const delay = () => Promise.reject(new Error("waited"));
  const { asOf } = await snapshot({ bucket: bucket.handle, store, at: SECOND + 30_000, delay });
  assert.equal(asOf, "2026-11-23T01:16:00.000Z");
  const found = await Array.fromAsync(readSnapshot({ store, snapshot: "latest" }));
  assert.deepEqual(found.map(({ versionId }) => versionId), [first, kept]);
});

Deno.test("a moment is checked against the server's clock, not this machine's", async () => {
  const { emulator, bucket, delay } = await frozen();
  await using _server = emulator, _bucket = bucket, store = openMemoryStore();
  const at = SECOND + 1_000;
  await assert.rejects(snapshot({ bucket: bucket.handle, store, at, delay }), {
    code: "InvalidInput",
    message:
      /2026-11-23T01:15:31.000Z cannot be told: by its server's clock it is 2026-11-23T01:15:30.999Z/,
  });
  await assert.rejects(snapshot({ bucket: bucket.handle, store, at: NaN, delay }), /NaN/);
  await snapshot({ bucket: bucket.handle, store, at: at - 1, delay });
});

Deno.test("a moment of which the bucket tells nothing is refused, unless that is allowed", async () => {
  const { clock, emulator, bucket, delay } = await frozen();
  await using _server = emulator, _bucket = bucket, store = openMemoryStore();
  const what = { bucket: bucket.handle, store, delay };
  const takenAt = async (at: number) => (await snapshot({ ...what, at })).objects;
  assert.equal(await takenAt(SECOND - 5000), 0, "a bucket that never held anything");
  await bucket.put("a", "one");
  const refused = {
    code: "InvalidInput",
    message: /would hold nothing: .* of 2026-11-23T01:15:30.*, none was current then/,
  };
  await assert.rejects(takenAt(SECOND - 5000), refused);
  assert.equal((await snapshot(what)).objects, 1);
  clock.now += 5000;
  await bucket.remove("a");
  clock.now += 5000;
  assert.equal(
    await takenAt(clock.now - 2000),
    0,
    "all was deleted by then, and nothing came later",
  );
  const before = await listSnapshots(store);
  await bucket.put("a", "two");
  await assert.rejects(takenAt(clock.now - 2000), refused);
  await assert.rejects(takenAt(SECOND - 5000), refused);
  assert.deepEqual(await listSnapshots(store), before);
  const allowed = await snapshot({ ...what, at: SECOND - 5000, allowEmpty: true });
  assert.equal(allowed.objects, 0);
});
