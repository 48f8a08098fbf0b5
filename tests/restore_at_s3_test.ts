import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { listSnapshots } from "../lib/list_snapshots.ts";
import { restore } from "../lib/restore.ts";
import type { RestoreReport } from "../lib/restore/restore_report.ts";
import { snapshot } from "../lib/snapshot.ts";
import { testServer } from "./s3_server.ts";
import { TestBucket, type TestBucketOptions } from "./test_bucket.ts";

const delay = () => Promise.resolve();

/** A server, an empty store, and buckets on request. */
async function bench() {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await testServer());
  const store = stack.use(openMemoryStore());
  const make = async (hint: string, options?: TestBucketOptions) =>
    stack.use(await TestBucket.create(server, server.bucketName(hint), options));
  return { store, make, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** A moment after all that was written, and before all that will be: snapshots wait for it. */
async function momentOf(bucket: TestBucket): Promise<number> {
  await using store = openMemoryStore();
  return Date.parse((await snapshot({ bucket: bucket.handle, store })).asOf);
}

function counts(report: RestoreReport) {
  const { objects, unchanged, copied, undeleted, deleted, extra, failed } = report;
  const numbers = { objects, unchanged, copied, undeleted, deleted, extra, failed: failed.length };
  return Object.fromEntries(Object.entries(numbers).filter(([, count]) => count > 0));
}

/** What happens to keys that were there at a moment, and to some that were not. */
async function scribble(bucket: TestBucket): Promise<void> {
  await bucket.put("overwritten", "scribble");
  await bucket.remove("deleted");
  await bucket.put("deleted and put", "scribble");
  await bucket.remove("deleted and put");
  await bucket.put("back", "scribble");
  await bucket.put("back", "old");
  await bucket.put("stray", "x");
  await bucket.put("was deleted", "x");
}

async function fill(bucket: TestBucket): Promise<void> {
  for (const key of ["back", "deleted", "deleted and put", "overwritten", "same", "was deleted"]) {
    await bucket.put(key, { body: "old", tags: { of: "old" } });
  }
  await bucket.remove("was deleted");
}

Deno.test("a bucket becomes what its own versions say it was, and undo unmakes it", async () => {
  await using given = await bench();
  const { store } = given;
  const bucket = await given.make("at");
  await fill(bucket);
  const at = await momentOf(bucket);
  const before = await bucket.contents();
  await scribble(bucket);
  const after = await bucket.contents();

  const options = { store, at, target: bucket.handle, delete: true, delay };
  const plan = await restore({ ...options, dryRun: true });
  const expected = { objects: 5, unchanged: 2, copied: 2, undeleted: 1, deleted: 2 };
  assert.deepEqual(counts(plan), expected);
  const report = await restore(options);
  assert.deepEqual(counts(report), expected);
  assert.deepEqual([report.snapshot, report.at], [null, new Date(at).toISOString()]);
  const { back: _, ...rest } = Object.fromEntries(before);
  const { back, ...found } = Object.fromEntries(await bucket.contents());
  assert.deepEqual(found, rest);
  assert.equal(back!.body, "old");

  const again = await restore(options);
  assert.deepEqual(counts(again), { objects: 5, unchanged: 5 });
  assert.equal(again.safetySnapshot, null);
  const [safety] = await Array.fromAsync(listSnapshots({ store }));
  assert.equal(safety!.id, report.safetySnapshot);
  assert.equal(safety!.safetyFor, report.at);
  assert.equal(safety!.label, `before the restore of ${report.at}`);
  await restore({
    ...{ store, snapshot: report.safetySnapshot!, target: bucket.handle, delete: true, delay },
  });
  assert.deepEqual(await bucket.contents(), after);
});

Deno.test("a replica's versions of a moment come back to the source", async () => {
  await using given = await bench();
  const { store } = given;
  const replica = await given.make("at-replica"), source = await given.make("at-source");
  await fill(replica);
  await source.put("same", { body: "old", tags: { of: "old" } });
  await source.put("stray", "x");
  const at = await momentOf(replica);
  const before = await replica.contents();
  await scribble(replica);
  const options = {
    store,
    at,
    replica: replica.handle,
    target: source.handle,
    delete: true,
    delay,
  };
  const report = await restore(options);
  assert.deepEqual(counts(report), { objects: 5, unchanged: 1, copied: 4, deleted: 1 });
  assert.deepEqual(await source.contents(), before);
  assert.deepEqual(counts(await restore(options)), { objects: 5, unchanged: 5 });
});

Deno.test("keys can be selected, and go below another prefix", async () => {
  await using given = await bench();
  const { store } = given;
  const bucket = await given.make("at-select");
  await fill(bucket);
  const at = await momentOf(bucket);
  await scribble(bucket);
  const options = { store, at, target: bucket.handle, delay };
  const named = await restore({ ...options, keys: ["deleted", "nothing", "same"] });
  assert.deepEqual(counts(named), { objects: 2, unchanged: 1, undeleted: 1, failed: 1 });
  const matching = await restore({ ...options, include: ["over*"] });
  assert.deepEqual(counts(matching), { objects: 1, copied: 1 });
  const below = await restore({ ...options, prefixes: ["deleted"], toPrefix: "restored/" });
  assert.deepEqual(counts(below), { objects: 2, copied: 2 });
  assert.equal((await bucket.read("restored/deleted and put")).body, "old");
});

Deno.test("without a store nothing can be undone, which has to be said", async () => {
  await using given = await bench();
  const bucket = await given.make("at-storeless");
  await fill(bucket);
  const at = await momentOf(bucket);
  await scribble(bucket);
  const found = await bucket.contents();
  const options = { at, target: bucket.handle, delay };
  await assert.rejects(restore(options), {
    code: "InvalidInput",
    message: /could not be undone.*--no-safety-snapshot/,
  });
  assert.deepEqual(counts(await restore({ ...options, dryRun: true })), {
    ...{ objects: 5, unchanged: 2, copied: 2, undeleted: 1, extra: 2 },
  });
  assert.deepEqual(await bucket.contents(), found);
  const report = await restore({ ...options, safetySnapshot: false });
  assert.equal(report.safetySnapshot, null);
  assert.equal((await bucket.read("overwritten")).body, "old");
});

Deno.test("a moment that cannot be restored is refused", async () => {
  await using given = await bench();
  const { store } = given;
  const bucket = await given.make("at-wrong");
  const plain = await given.make("at-plain", { versioning: "Unversioned" });
  await bucket.put("a", "x");
  const target = bucket.handle, at = Date.now() - 1000;
  await assert.rejects(restore({ store, target }), { code: "InvalidInput", message: /one of/ });
  await assert.rejects(restore({ store, target, at, snapshot: "latest" }), {
    code: "InvalidInput",
    message: /only one of the two/,
  });
  for (const wrong of [Date.now() + 86_400_000, NaN, -1]) {
    await assert.rejects(restore({ store, target, at: wrong }), {
      code: "InvalidInput",
      message: /cannot be told: by its server's clock it is/,
    });
  }
  await assert.rejects(restore({ store, at, replica: plain.handle, target }), {
    code: "NotVersioned",
  });
  await assert.rejects(restore({ snapshot: "latest", target, dryRun: true }), {
    code: "InvalidInput",
    message: /restored from a store/,
  });
  assert.deepEqual(await bucket.keys(), ["a"]);
});
