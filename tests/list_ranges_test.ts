import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import type { ObjectVersion } from "../lib/model/entry.ts";
import { compareKeys } from "../lib/model/key_order.ts";
import { listRanges } from "../lib/s3/list_ranges.ts";
import { listVersions } from "../lib/s3/list_versions.ts";
import { cutRange } from "../lib/s3/range_split.ts";
import { splitPoint } from "../lib/s3/split_point.ts";
import { openEmulated } from "./emulated_bucket.ts";
import { startEmulator } from "./emulator/emulator.ts";
import { KEY_SHAPES } from "./emulator/synthetic_keys.ts";
import { versionsOf } from "./entry_batches.ts";
import { runs, seededRandom } from "./seed.ts";

const anyKey = fc.oneof(
  fc.stringMatching(/^[ab]{0,3}\/?[0-9]{1,3}$/),
  fc.string({ unit: "binary", minLength: 1, maxLength: 3 }),
  fc.constantFrom("a", "a\0", "a\u0001", "\ue000", "\u{10000}", "\u{10ffff}", "logs/", "logs/1"),
);

const world = fc.record({
  keys: fc.array(anyKey, { maxLength: 60 }),
  copies: fc.integer({ min: 1, max: 3 }),
  pageSize: fc.integer({ min: 1, max: 9 }),
  inclusiveKeyMarker: fc.boolean(),
  shortPages: fc.boolean(),
  seed: fc.nat(),
});

const request = fc.record({
  concurrency: fc.integer({ min: 1, max: 8 }),
  splitKeys: fc.array(anyKey, { maxLength: 8 }),
  prefix: fc.constantFrom("", "a", "logs/"),
  after: fc.option(anyKey, { nil: undefined }),
  before: fc.option(anyKey, { nil: undefined }),
});

Deno.test("ranges together hold what a sequential listing gives, in any split and at any pace", async () => {
  await fc.assert(
    fc.asyncProperty(
      world,
      request,
      async ({ keys, copies, ...server }, { after, before, ...rest }) => {
        const random = seededRandom(server.seed);
        const latency = () => Math.floor(random() * 4);
        await using emulator = await startEmulator({ ...server, latency });
        emulator.createBucket("bucket", { versioning: "Enabled" });
        for (let i = 0; i < copies; i++) emulator.seed("bucket", keys.map((key) => ({ key })));
        await using bucket = openEmulated(emulator, "bucket");
        const options = {
          ...rest,
          ...(after !== undefined && { after }),
          ...(before !== undefined && { before }),
        };
        const ranges: ObjectVersion[][] = [];
        await listRanges(bucket, options, async (batches) => {
          ranges.push(await versionsOf(batches));
        });
        ranges.sort(([a], [b]) => compareKeys(a!.key, b!.key));
        assert.deepEqual(ranges.flat(), await versionsOf(listVersions(bucket, options)));
      },
    ),
    runs(60),
  );
});

Deno.test("without known keys, readers share a bucket of any shape", async () => {
  for (const shape of KEY_SHAPES) {
    await using emulator = await startEmulator({ pageSize: 20, latency: 20 });
    emulator.createSyntheticBucket("bucket", { keys: 8_000, shape });
    await using bucket = openEmulated(emulator, "bucket");
    const sizes: number[] = [];
    let pages = 0, begun = 0, pagesUntilAllRead = Infinity;
    const onPage = () => void pages++;
    await listRanges(bucket, { concurrency: 16, onPage }, async (batches) => {
      if (++begun === 16) pagesUntilAllRead = pages;
      let size = 0;
      for await (const batch of batches) size += batch.length;
      sizes.push(size);
    });
    assert.equal(sizes.reduce((sum, size) => sum + size), 8_000);
    assert.ok(Math.max(...sizes) < 1_200, `${shape}: one range holds ${Math.max(...sizes)}`);
    assert.ok(pagesUntilAllRead < 60, `${shape}: all read after ${pagesUntilAllRead} pages`);
    // 400 pages are needed at least.
    const requests = emulator.requests.count("ListObjectVersions");
    assert.ok(requests < 500, `${shape}: ${requests} requests`);
  }
});

Deno.test("a bucket of few pages is not read by many more requests", async () => {
  // As long as a page is a whole folder, nothing on it tells how many folders there are.
  const pageSize = 20, folders = 25, pages = 2 * folders;
  await using emulator = await startEmulator({ pageSize, latency: 2 });
  emulator.createBucket("bucket", { versioning: "Enabled" });
  emulator.seed(
    "bucket",
    Array.from({ length: pageSize * pages }, (_, i) => {
      const [folder, number] = [Math.floor(i / pageSize / 2), i].map((n) =>
        `${n}`.padStart(6, "0")
      );
      return { key: `photos/${folder}/IMG_${number}.jpg` };
    }),
  );
  await using bucket = openEmulated(emulator, "bucket");
  let versions = 0;
  await listRanges(bucket, { concurrency: 32 }, async (batches) => {
    for await (const { length } of batches) versions += length;
  });
  assert.equal(versions, pageSize * pages);
  const requests = emulator.requests.count("ListObjectVersions");
  assert.ok(requests < 1.8 * pages, `${requests} requests for ${pages} pages`);
});

Deno.test("a failure in one range ends all of them, with its error", async () => {
  await using emulator = await startEmulator({ pageSize: 5 });
  emulator.createSyntheticBucket("bucket", { keys: 500 });
  await using bucket = openEmulated(emulator, "bucket");
  const failure = new Error("no room");
  let calls = 0;
  const listing = listRanges(bucket, { concurrency: 4 }, async (batches) => {
    for await (const _ of batches) if (++calls === 20) throw failure;
  });
  await assert.rejects(listing, (error) => error === failure);
});

Deno.test("an abort ends all ranges, with its reason", async () => {
  await using emulator = await startEmulator({ pageSize: 5, latency: 2 });
  emulator.createSyntheticBucket("bucket", { keys: 500 });
  await using bucket = openEmulated(emulator, "bucket");
  const controller = new AbortController();
  const reason = new Error("enough");
  let calls = 0;
  const options = { concurrency: 4, signal: controller.signal };
  const listing = listRanges(bucket, options, async (batches) => {
    for await (const _ of batches) if (++calls === 20) controller.abort(reason);
  });
  await assert.rejects(listing, (error) => error === reason);
});

Deno.test("a split point lies strictly between its bounds, and is valid text", () => {
  fc.assert(
    fc.property(
      anyKey,
      anyKey,
      fc.option(anyKey, { nil: undefined }),
      fc.option(fc.nat(4), { nil: undefined }),
      (first, low, high, level) => {
        fc.pre(compareKeys(first, low) <= 0);
        fc.pre(high === undefined || compareKeys(low, high) < 0);
        const range = { pageFirst: first, pageLast: low, before: high, level };
        const point = splitPoint(range)?.key;
        if (point === undefined) return;
        assert.ok(point.isWellFormed());
        assert.ok(compareKeys(low, point) < 0);
        assert.ok(high === undefined || compareKeys(point, high) < 0);
      },
    ),
    runs(2000),
  );
});

Deno.test("cut ranges are disjoint, in order, and hold every key of the whole", () => {
  const whole = fc.record({ prefix: fc.constantFrom("", "a"), after: anyKey }, {
    requiredKeys: ["prefix"],
  });
  fc.assert(
    fc.property(
      whole,
      fc.array(anyKey),
      fc.integer({ min: 1, max: 5 }),
      anyKey,
      (range, keys, max, key) => {
        const ranges = cutRange(range, keys, max);
        assert.ok(ranges.length <= max);
        const holds = ({ prefix, after, before }: typeof ranges[number]) =>
          key.startsWith(prefix) && (after === undefined || compareKeys(key, after) > 0) &&
          (before === undefined || compareKeys(key, before) < 0);
        assert.equal(ranges.filter(holds).length, holds(range) ? 1 : 0);
        for (const [i, { before }] of ranges.slice(0, -1).entries()) {
          assert.ok(compareKeys(ranges[i + 1]!.after!, before!) < 0);
        }
      },
    ),
    runs(1000),
  );
});
