import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { listInOrder } from "../lib/s3/list_in_order.ts";
import { listVersions } from "../lib/s3/list_versions.ts";
import { openEmulated } from "./emulated_bucket.ts";
import { startEmulator } from "./emulator/emulator.ts";
import { versionsOf } from "./entry_batches.ts";
import { runs, seededRandom } from "./seed.ts";

const anyKey = fc.oneof(
  fc.stringMatching(/^[ab]{0,3}\/?[0-9]{1,3}$/),
  fc.string({ unit: "binary", minLength: 1, maxLength: 3 }),
);

const world = fc.record({
  keys: fc.array(anyKey, { maxLength: 60 }),
  splitKeys: fc.array(anyKey, { maxLength: 12 }),
  concurrency: fc.integer({ min: 1, max: 6 }),
  pageSize: fc.integer({ min: 1, max: 5 }),
  inclusiveKeyMarker: fc.boolean(),
  seed: fc.nat(),
});

Deno.test("an ordered listing is the sequential one, whatever the split keys and the pace", async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ keys, splitKeys, concurrency, ...server }) => {
      const random = seededRandom(server.seed);
      await using emulator = await startEmulator({
        ...server,
        latency: () => Math.floor(random() * 4),
      });
      emulator.createBucket("bucket", { versioning: "Enabled" });
      for (let i = 0; i < 2; i++) emulator.seed("bucket", keys.map((key) => ({ key })));
      await using bucket = openEmulated(emulator, "bucket");
      const found = await versionsOf(listInOrder(bucket, { splitKeys, concurrency }));
      assert.deepEqual(found, await versionsOf(listVersions(bucket)));
    }),
    runs(25),
  );
});

/** As many looks that find nothing new: one alone may be due to a machine that was busy. */
const QUIET_LOOKS = 20;

const SPLIT_KEYS = Array.from(
  { length: 20 },
  (_, i) => `object-${String(i * 100).padStart(10, "0")}`,
);

Deno.test("no more ranges are read ahead than asked for, and no more pages than fit", async () => {
  await using emulator = await startEmulator({ pageSize: 5 });
  emulator.createSyntheticBucket("bucket", { keys: 2_000 });
  await using bucket = openEmulated(emulator, "bucket");
  const listing = listInOrder(bucket, { splitKeys: SPLIT_KEYS, concurrency: 4 });
  await listing.next();
  // Whatever is read ahead is read by now: each range waits at ten pages.
  let before = -1;
  for (let same = 0; same < QUIET_LOOKS; same++) {
    if (emulator.requests.count() !== before) same = 0;
    before = emulator.requests.count();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.ok(before <= 4 * 11, `${before} requests`);
  await listing.return(undefined);
  assert.equal(emulator.requests.count(), before);
});

Deno.test("an abort ends an ordered listing with its reason, and so does a failure", async () => {
  await using emulator = await startEmulator({ pageSize: 5, latency: 2 });
  emulator.createSyntheticBucket("bucket", { keys: 2_000 });
  await using bucket = openEmulated(emulator, "bucket", { maxAttempts: 1 });
  const controller = new AbortController();
  const reason = new Error("enough");
  const options = { splitKeys: SPLIT_KEYS, concurrency: 4, signal: controller.signal };
  await assert.rejects(async () => {
    for await (const _ of listInOrder(bucket, options)) controller.abort(reason);
  }, (error) => error === reason);
  emulator.faults.add({ kind: "internal-error", after: 20, times: Infinity });
  await assert.rejects(
    versionsOf(listInOrder(bucket, { splitKeys: SPLIT_KEYS, concurrency: 4 })),
    { code: "InternalError" },
  );
});
