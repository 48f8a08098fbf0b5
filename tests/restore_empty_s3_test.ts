import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { InputError } from "../lib/model/errors.ts";
import { restore, type RestoreOptions } from "../lib/restore.ts";
import { snapshot } from "../lib/snapshot.ts";
import { testServer } from "./s3_server.ts";
import { TestBucket } from "./test_bucket.ts";

const delay = () => Promise.resolve();

/** Of an empty bucket, a snapshot; then objects are written. */
async function filledSince(...keys: readonly string[]) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await testServer());
  const create = async (hint: string) =>
    stack.use(await TestBucket.create(server, server.bucketName(hint)));
  const bucket = await create("filled");
  const store = stack.use(openMemoryStore());
  const { id, asOf } = await snapshot({ bucket: bucket.handle, store });
  for (const key of keys) await bucket.put(key, `body of ${key}`);
  const options: RestoreOptions = { store, target: bucket.handle, delay };
  return {
    create,
    bucket,
    options,
    id,
    at: Date.parse(asOf),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

Deno.test("what holds nothing does not empty the target, unless that is allowed", async () => {
  await using given = await filledSince("a/1", "b/1");
  const { bucket, options, id, at } = given;
  const before = await bucket.versions();
  for (const what of [{ snapshot: id }, { at }]) {
    for (const dryRun of [true, false]) {
      for (const selection of [{}, { prefixes: ["a/"] }, { include: ["*1"], exclude: ["/b/*"] }]) {
        await assert.rejects(
          restore({ ...options, ...what, ...selection, delete: true, dryRun }),
          (error: Error) => {
            assert(error instanceof InputError);
            assert.match(error.message, / would be deleted, "a\/1" first\..*--allow-empty/);
            return true;
          },
        );
      }
    }
  }
  assert.deepEqual(await bucket.versions(), before);
  const kept = await restore({ ...options, snapshot: id });
  assert.deepEqual([kept.extra, kept.deleted], [2, 0]);
  const allowed = { ...options, snapshot: id, delete: true, allowEmpty: true };
  assert.equal((await restore({ ...allowed, prefixes: ["b/"] })).deleted, 1);
  assert.deepEqual(await bucket.keys(), ["a/1"]);
});

Deno.test("keys that are named are deleted though the snapshot holds none of them", async () => {
  await using given = await filledSince("a", "b");
  const { bucket, options, id } = given;
  const named = { ...options, snapshot: id, keys: ["a"], delete: true };
  assert.equal((await restore(named)).deleted, 1);
  assert.deepEqual((await restore(named)).absent, 1);
  assert.deepEqual(await bucket.keys(), ["b"]);
});

Deno.test("where the target holds nothing either, there is nothing to refuse", async () => {
  await using given = await filledSince();
  const { options, id } = given;
  assert.equal((await restore({ ...options, snapshot: id, delete: true })).objects, 0);
});

Deno.test("a restore into an empty bucket is undone without leave to empty it", async () => {
  await using given = await filledSince("a/1", "b/1");
  const { create, bucket, options } = given;
  const { id } = await snapshot({ bucket: bucket.handle, store: options.store!, delay });
  const target = await create("drill");
  const drill = { ...options, replica: bucket.handle, target: target.handle };
  const selection = { prefixes: ["a/"] };
  const done = await restore({ ...drill, snapshot: id, ...selection });
  const undo = { ...drill, snapshot: done.safetySnapshot!, ...selection, delete: true };
  assert.equal((await restore(undo)).deleted, 1);
  assert.deepEqual(await target.keys(), []);
  assert.equal((await restore(undo)).deleted, 0);
});

Deno.test("a selection that selects nothing on either side is told", async () => {
  await using given = await filledSince("a/1");
  const { bucket, options, id: empty } = given;
  const { id } = await snapshot({ bucket: bucket.handle, store: options.store!, delay });
  const nothing = { code: "NothingSelected" };
  for (const more of [{}, { delete: true }, { dryRun: true }, { delete: true, dryRun: true }]) {
    const run = (selection: Partial<RestoreOptions>) =>
      restore({ ...options, snapshot: id, ...more, ...selection });
    await assert.rejects(run({ prefixes: ["a/2", "b"] }), {
      ...nothing,
      message:
        /no key that begins with "a\/2" or "b", neither in .* nor in s3:.*\. The snapshot holds 1 object, such as "a\/1"$/,
    });
    await assert.rejects(run({ include: ["*.jpg"] }), nothing);
    await assert.rejects(run({ exclude: ["**"] }), nothing);
    await assert.rejects(run({ keys: [] }), nothing);
    await assert.rejects(run({ keys: ["a/1"], prefixes: ["b/"] }), nothing);
    await assert.rejects(
      restore({ ...options, at: given.at, ...more, prefixes: ["b"] }),
      { ...nothing, message: /nor in s3:\S+$/ },
    );
    assert.equal((await run({ prefixes: ["b"], allowEmpty: true })).objects, 0);
  }
  assert.equal((await restore({ ...options, snapshot: empty, prefixes: ["a"] })).extra, 1);
  assert.deepEqual(await bucket.keys(), ["a/1"]);
});

Deno.test("a mistyped prefix is told with the key that begins most like it", async () => {
  await using given = await filledSince("archive/1", "photos/2025/1", "photos/2026/1", "z");
  const { bucket, options } = given;
  const { id } = await snapshot({ bucket: bucket.handle, store: options.store!, delay });
  for (
    const [prefix, nearest] of [
      ["photo/", "photos/2025/1"],
      ["photos/2026/2", "photos/2026/1"],
      ["/photos/", "archive/1"],
      ["z\u{1f600}", "z"],
    ] as const
  ) {
    await assert.rejects(
      restore({ ...options, snapshot: id, prefixes: [prefix] }),
      new RegExp(`holds 4 objects, such as "${nearest}"$`),
    );
  }
});
