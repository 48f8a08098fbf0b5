import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { readManifest } from "../lib/index/snapshot_reader.ts";
import { readSnapshot } from "../lib/read_snapshot.ts";
import type { Manifest } from "../lib/model/manifest.ts";
import { openBucket } from "../lib/s3/bucket.ts";
import { snapshot } from "../lib/snapshot.ts";
import { startEmulator } from "./emulator/emulator.ts";

/** Nobody writes here, so the end of a second need not be waited for. */
const delay = () => Promise.resolve();
/** Enough pages that idle readers take over from busy ones. */
const OBJECTS = 20_000;

/** A server whose bucket is too large for one page and small enough to be counted by hand. */
async function startWorld() {
  const s3 = await startEmulator();
  s3.createSyntheticBucket("many", { keys: OBJECTS, shape: "nested" });
  const { accessKeyId, secretAccessKey } = s3;
  const bucket = openBucket(`s3://many?region=${s3.region}&endpoint=${s3.url}`, {
    credentials: { accessKeyId, secretAccessKey },
    concurrency: 8,
  });
  return {
    s3,
    bucket,
    async [Symbol.asyncDispose]() {
      await bucket[Symbol.asyncDispose]();
      await s3[Symbol.asyncDispose]();
    },
  };
}

Deno.test("a bucket that is read by ranges is all there, in order, however it is cut", async () => {
  await using world = await startWorld();
  const { bucket } = world;
  await using store = openMemoryStore();
  const { id, objects, parts } = await snapshot({ bucket, store, delay });
  assert.equal(objects, OBJECTS);
  assert.ok(parts > 1, "several readers were at work");
  assert.ok(world.s3.requests.peakInFlight > 1);
  let count = 0;
  // The reader itself refuses entries out of order, and a wrong count.
  for await (const _ of readSnapshot({ store, snapshot: id })) count++;
  assert.equal(count, OBJECTS);
});

Deno.test("the next snapshot of an unchanged bucket consists of the same parts", async () => {
  await using world = await startWorld();
  const { bucket } = world;
  await using store = openMemoryStore();
  const hashes = [];
  for (let i = 0; i < 3; i++) {
    const { id } = await snapshot({ bucket, store, delay });
    const { parts } = await readManifest(store, id);
    hashes.push(parts.map(({ sha256 }) => sha256));
  }
  assert.deepEqual(hashes[1], hashes[0]);
  assert.deepEqual(hashes[2], hashes[0]);
});

Deno.test("a snapshot of a bucket that has hardly changed has the parts of the one before", async () => {
  await using world = await startWorld();
  const { s3, bucket } = world;
  const { accessKeyId, secretAccessKey } = s3;
  await using slow = openBucket(bucket.url, {
    credentials: { accessKeyId, secretAccessKey },
    concurrency: 1,
  });
  await using store = openMemoryStore();
  const first = await snapshot({ bucket: slow, store, delay });
  const keys = await Array.fromAsync(
    readSnapshot({ store, snapshot: first.id }),
    ({ key }) => key,
  );
  for (const key of [keys[0]!, keys[7000]!, keys[7001]!, "photos/0000/new", "zzz"]) {
    await bucket.request(
      { operation: "PutObject", key },
      (client, sdk) =>
        client.send(new sdk.PutObjectCommand({ Bucket: "many", Key: key, Body: "x" })),
    );
  }
  const gone = keys.at(-1)!;
  await bucket.request(
    { operation: "DeleteObject", key: gone },
    (client, sdk) => client.send(new sdk.DeleteObjectCommand({ Bucket: "many", Key: gone })),
  );

  const second = await snapshot({ bucket, store, delay });
  await using elsewhere = openMemoryStore();
  const fresh = await snapshot({ bucket, store: elsewhere, delay });
  assert.deepEqual(
    await Array.fromAsync(readSnapshot({ store, snapshot: second.id })),
    await Array.fromAsync(readSnapshot({ store: elsewhere, snapshot: fresh.id })),
  );
  const before = await readManifest(store, first.id), after = await readManifest(store, second.id);
  const sums = ({ parts }: Manifest) => parts.map(({ sha256 }) => sha256);
  // What is behind the last key is a part of its own.
  assert.deepEqual(sums(after).slice(0, -1), sums(before));
  assert.equal(after.format, 2);
  assert.deepEqual((await readManifest(elsewhere, fresh.id)).format, 1);

  const third = await snapshot({ bucket, store, delay });
  const patches = ({ parts }: Manifest) => parts.map(({ patch }) => patch?.sha256);
  assert.deepEqual(patches(await readManifest(store, third.id)), patches(after));
});

Deno.test("a damaged manifest of an earlier snapshot stops no new one", async () => {
  await using world = await startWorld();
  const { bucket } = world;
  await using store = openMemoryStore();
  const { id } = await snapshot({ bucket, store, delay });
  await store.put(`${id}/manifest.json`, new Blob(["{"]).stream());
  const { objects } = await snapshot({ bucket, store, delay });
  assert.equal(objects, OBJECTS);
});
