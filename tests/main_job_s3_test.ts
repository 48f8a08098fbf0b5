/**
 * The main job as a user does it, with keys that break programs. BMB_TEST_OBJECTS says how many
 * objects; a quarter of them is overwritten and a quarter deleted.
 */
import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { gc } from "../lib/gc.ts";
import type { Entry, ObjectVersion } from "../lib/model/entry.ts";
import { compareKeys } from "../lib/model/key_order.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { readSnapshot } from "../lib/read_snapshot.ts";
import { restore } from "../lib/restore.ts";
import { snapshot } from "../lib/snapshot.ts";
import { AWKWARD_KEYS } from "./awkward_keys.ts";
import { testServer } from "./s3_server.ts";
import { each, TestBucket, type TestObject } from "./test_bucket.ts";

const OBJECTS = Number(Deno.env.get("BMB_TEST_OBJECTS") ?? 2_000);
const OVERWRITTEN = OBJECTS / 4;
const DELETED = OBJECTS / 4;
const ADDED = 100;

Deno.test(`${OBJECTS} objects come back byte for byte after a disaster`, async () => {
  await using server = await testServer();
  await using bucket = await TestBucket.create(server, server.bucketName("main-job"));
  await using store = openMemoryStore();
  await each(range(OBJECTS), (i) => bucket.put(awkwardKey(i), original(i)));
  const taken = await snapshot({ bucket: bucket.handle, store });
  assert.equal(taken.objects, OBJECTS);

  await each(range(OVERWRITTEN), (i) => bucket.put(awkwardKey(i), { body: `scribble ${i}` }));
  await each(range(DELETED), (i) => bucket.remove(awkwardKey(OVERWRITTEN + i)));
  await each(range(ADDED), (i) => bucket.put(awkwardKey(OBJECTS + i), { body: "stray" }));

  const options = { store, snapshot: taken.id, target: bucket.handle, delete: true };
  const { copied, undeleted, deleted, unchanged, failed } = await restore(options);
  assert.deepEqual(failed, []);
  assert.deepEqual(
    { copied, undeleted, deleted, unchanged },
    {
      copied: OVERWRITTEN,
      undeleted: DELETED,
      deleted: ADDED,
      unchanged: OBJECTS - OVERWRITTEN - DELETED,
    },
  );
  assert.deepEqual(await bucket.keys(), [...range(OBJECTS)].map(awkwardKey).sort(compareKeys));
  await each(range(OBJECTS), async (i) => {
    assert.deepEqual(await bucket.read(awkwardKey(i)), original(i), awkwardKey(i));
  });

  const again = await restore(options);
  assert.equal(again.unchanged, OBJECTS);
  assert.equal(again.copied + again.undeleted + again.deleted + again.failed.length, 0);

  await collectAndRestore(bucket, store);
});

/**
 * Two more snapshots, then gc keeps these. What it removes is what only the first one names, the
 * overwritten originals, and what only the restore's safety snapshot does: scribbles and strays.
 */
async function collectAndRestore(bucket: TestBucket, store: SnapshotStore): Promise<void> {
  const target = bucket.handle;
  const kept = [await snapshot({ bucket: target, store })];
  await each(range(ADDED), (i) => bucket.put(awkwardKey(i), { body: `later ${i}` }));
  kept.push(await snapshot({ bucket: target, store }));
  const before = await bucket.versions();

  const collected = await gc({ bucket: target, store, policy: { keepLast: 2, safetyDays: 0 } });
  assert.deepEqual(collected.failed, []);
  assert.equal(collected.expired.length, 2);
  assert.deepEqual(collected.kept.map(({ id }) => id), kept.map(({ id }) => id));
  assert.equal(collected.versionsDeleted, 2 * OVERWRITTEN + ADDED);
  const after = new Set((await bucket.versions()).map(nameOf));
  const gone = before.filter((version) => !after.has(nameOf(version)));
  assert.equal(gone.length, collected.versionsDeleted);
  assert.equal(after.size, before.length - gone.length);
  await assertNotNamed(gone, store, kept.map(({ id }) => id));

  await restore({ store, snapshot: kept[0]!.id, target, delete: true });
  await each(range(ADDED), async (i) => {
    assert.deepEqual(await bucket.read(awkwardKey(i)), original(i), awkwardKey(i));
  });
  const { failed } = await restore({ store, snapshot: kept[1]!.id, target, delete: true });
  assert.deepEqual(failed, []);
  assert.equal((await bucket.read(awkwardKey(0))).body, "later 0");
}

async function assertNotNamed(
  versions: readonly ObjectVersion[],
  store: SnapshotStore,
  snapshots: readonly string[],
): Promise<void> {
  const gone = new Set(versions.map(nameOf));
  for (const id of snapshots) {
    for await (const entry of readSnapshot({ store, snapshot: id })) {
      assert.ok(!gone.has(nameOf(entry)), `${id} names ${nameOf(entry)}, which is gone`);
    }
  }
}

function nameOf({ key, versionId }: Entry): string {
  return JSON.stringify([key, versionId]);
}

/** The awkward keys themselves, then each again with a number, cut to S3's 1,024 bytes. */
function awkwardKey(i: number): string {
  const key = AWKWARD_KEYS[i % AWKWARD_KEYS.length]!;
  if (i < AWKWARD_KEYS.length) return key;
  const number = `/${i}`;
  return (key.length < 512 ? key : key.slice(number.length)) + number;
}

function* range(length: number): Generator<number> {
  for (let i = 0; i < length; i++) yield i;
}

function original(i: number): TestObject {
  return {
    body: `object ${i} `.repeat(i % 7),
    contentType: ["text/plain", "image/png", "application/json"][i % 3]!,
    metadata: { number: String(i), kind: "original" },
    tags: i % 2 === 0 ? { number: String(i) } : {},
  };
}
