import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { readManifest } from "../lib/index/snapshot_reader.ts";
import { readSnapshot } from "../lib/read_snapshot.ts";
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

Deno.test("a damaged manifest of an earlier snapshot stops no new one", async () => {
  await using world = await startWorld();
  const { bucket } = world;
  await using store = openMemoryStore();
  const { id } = await snapshot({ bucket, store, delay });
  await store.put(`${id}/manifest.json`, new Blob(["{"]).stream());
  const { objects } = await snapshot({ bucket, store, delay });
  assert.equal(objects, OBJECTS);
});
