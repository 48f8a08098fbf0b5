import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { compareKeys } from "../lib/model/key_order.ts";
import { listNamed } from "../lib/s3/list_named.ts";
import { listVersions } from "../lib/s3/list_versions.ts";
import { openEmulated } from "./emulated_bucket.ts";
import { startEmulator } from "./emulator/emulator.ts";
import { versionsOf } from "./entry_batches.ts";
import { runs } from "./seed.ts";

const anyKey = fc.oneof(
  fc.stringMatching(/^[ab]{0,3}\/?[0-9]{1,2}$/),
  fc.string({ unit: "binary", minLength: 1, maxLength: 3 }),
);

Deno.test("the versions of named keys are those that a whole listing shows", async () => {
  const world = fc.record({
    keys: fc.array(anyKey, { maxLength: 80 }),
    others: fc.array(anyKey, { maxLength: 20 }),
    every: fc.integer({ min: 1, max: 4 }),
    concurrency: fc.integer({ min: 1, max: 3 }),
    pageSize: fc.integer({ min: 1, max: 12 }),
    inclusiveKeyMarker: fc.boolean(),
    seed: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(world, async ({ keys, others, every, concurrency, ...server }) => {
      await using emulator = await startEmulator(server);
      emulator.createBucket("bucket", { versioning: "Enabled" });
      for (let i = 0; i < 3; i++) emulator.seed("bucket", keys.map((key) => ({ key })));
      await using bucket = openEmulated(emulator, "bucket");
      const wanted = new Set([...keys.filter((_, i) => i % every === 0), ...others]);
      const names = [...wanted].sort(compareKeys);
      const found = await versionsOf(listNamed(bucket, names, { concurrency }));
      const all = await versionsOf(listVersions(bucket));
      assert.deepEqual(found, all.filter(({ key }) => wanted.has(key)));
    }),
    runs(40),
  );
});

const nameOf = (i: number) => `object-${String(i).padStart(10, "0")}`;

for (
  const [what, step, count, most] of [
    ["a few keys far apart cost one request each", 20_000, 3, 3],
    ["keys far apart cost little more than one request each", 400, 100, 110],
    ["keys close together cost few requests", 2, 20_000, 80],
    ["all keys cost hardly more requests than a listing", 1, 40_000, 80],
  ] as const
) {
  Deno.test(what, async () => {
    await using emulator = await startEmulator();
    emulator.createSyntheticBucket("bucket", { keys: 60_000 });
    await using bucket = openEmulated(emulator, "bucket");
    const names = Array.from({ length: count }, (_, i) => nameOf(i * step));
    let found = 0;
    for await (const { length } of listNamed(bucket, names, { concurrency: 4 })) found += length;
    assert.equal(found, count);
    const requests = emulator.requests.of("ListObjectVersions").length;
    assert.ok(requests <= most, `${requests} requests`);
  });
}
