/** Copies without replication: a replica made equal to its source, with no version lost. */
import assert from "node:assert/strict";
import * as fc from "npm:fast-check@4.10.2";
import { openMemoryStore } from "../backends/memory.ts";
import { restore } from "../lib/restore.ts";
import type { RestoreReport } from "../lib/restore/restore_report.ts";
import { snapshot } from "../lib/snapshot.ts";
import { sync as syncAfterWait, type SyncOptions } from "../lib/sync.ts";
import { type TestServer, testServer } from "./s3_server.ts";
import { runs } from "./seed.ts";
import { TestBucket, type TestBucketOptions } from "./test_bucket.ts";

/** Nobody else writes here, so the end of a second need not be waited for. */
const delay = () => Promise.resolve();
const sync = (options: SyncOptions) => syncAfterWait({ delay, ...options });

async function pair(options: TestBucketOptions = {}, ofReplica: TestBucketOptions = {}) {
  const stack = new AsyncDisposableStack();
  const server: TestServer = stack.use(await testServer());
  const make = async (hint: string, given: TestBucketOptions) =>
    stack.use(await TestBucket.create(server, server.bucketName(hint), given));
  const source = await make("source", options);
  const replica = await make("replica", ofReplica);
  const handles = { source: source.handle, replica: replica.handle };
  return { source, replica, handles, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function counts({ objects, unchanged, copied, deleted, failed }: RestoreReport) {
  return { objects, unchanged, copied, deleted, failed: failed.length };
}

for (const versioning of ["Enabled", "Unversioned"] as const) {
  Deno.test(`what is new, changed and deleted arrives in the replica (source: ${versioning})`, async () => {
    await using given = await pair({ versioning });
    const { source, replica, handles } = given;
    const rich = { body: "x", metadata: { owner: "me" }, tags: { kind: "photo" } };
    await source.put("changed", "old");
    await source.put("dir/ü 😀", rich);
    await source.put("deleted", "y");
    const first = await sync(handles);
    assert.deepEqual(counts(first), {
      objects: 3,
      unchanged: 0,
      copied: 3,
      deleted: 0,
      failed: 0,
    });
    assert.deepEqual(await replica.contents(), await source.contents());

    await source.put("changed", "newer");
    await source.put("new", "z");
    await source.remove("deleted");
    const dry = await sync({ ...handles, dryRun: true });
    assert.deepEqual(counts(dry), { objects: 3, unchanged: 1, copied: 2, deleted: 1, failed: 0 });
    assert.equal((await replica.contents()).size, 3, "a dry run changes nothing");
    assert.deepEqual(counts(await sync(handles)), { ...counts(dry) });
    assert.deepEqual(await replica.contents(), await source.contents());
    assert.equal(counts(await sync(handles)).unchanged, 3, "nothing is left to do");
  });
}

Deno.test("a point of the replica can be restored after the source was synced to it again", async () => {
  await using given = await pair();
  const { source, replica, handles } = given;
  await using store = openMemoryStore();
  await source.put("a", "one");
  await source.put("b", "two");
  await sync(handles);
  const before = await source.contents();
  const { id } = await snapshot({ bucket: replica.handle, store, delay });
  await source.put("a", "ruined");
  await source.remove("b");
  await sync(handles);
  const target = { target: source.handle, replica: replica.handle };
  const { failed } = await restore({ snapshot: id, store, ...target, delay });
  assert.deepEqual(failed, []);
  assert.deepEqual(await source.contents(), before);
});

Deno.test("an empty source does not empty its replica, unless that is allowed", async () => {
  await using given = await pair();
  const { source, replica, handles } = given;
  await source.put("a", "x");
  await sync(handles);
  await source.remove("a");
  await assert.rejects(
    sync(handles),
    /holds nothing, so that every object of .* there would .*--allow-empty/,
  );
  assert.equal((await replica.contents()).size, 1);
  assert.equal(counts(await sync({ ...handles, delete: false })).deleted, 0);
  assert.equal(counts(await sync({ ...handles, allowEmpty: true })).deleted, 1);
  assert.equal((await replica.contents()).size, 0);
});

Deno.test("a source that holds nothing where the replica does, is as good as empty", async () => {
  await using given = await pair({}, { prefix: "photos/" });
  const { source, replica, handles } = given;
  await source.put("letters/a", "x");
  await replica.put("photos/a", "the only copy");
  await assert.rejects(sync(handles), /holds nothing below "photos\/", so that .*--allow-empty/);
  assert.equal((await replica.contents()).size, 1);
  await source.put("photos/a", "x");
  const under = { ...handles, prefixes: ["photos/a", "photos/b"] };
  await replica.put("photos/b", "y");
  assert.deepEqual([(await sync(under)).copied, (await replica.contents()).size], [1, 1]);
});

Deno.test("a bucket is not its own replica, and a replica keeps versions", async () => {
  await using given = await pair({ versioning: "Unversioned" });
  const { source, replica } = given;
  await assert.rejects(
    sync({ source: replica.handle, replica: replica.handle }),
    /cannot be its own replica/,
  );
  await assert.rejects(
    sync({ source: replica.handle, replica: source.handle }),
    { code: "NotVersioned" },
  );
});

Deno.test("an encryption that there is not is refused, by a dry run, too", async () => {
  await using given = await pair();
  for (const dryRun of [true, false]) {
    await assert.rejects(
      sync({ ...given.handles, dryRun, encryption: "rot13" }),
      { code: "InvalidInput", message: /rot13/ },
    );
  }
});

Deno.test("whatever happens to the source, the replica is equal to it after a sync", async () => {
  const change = fc.record({
    key: fc.constantFrom("a", "a/", "b", "\u{1f600}", "z%2F"),
    body: fc.option(fc.constantFrom("", "1", "22")),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 4 }),
      async (days) => {
        await using given = await pair();
        for (const day of days) {
          for (const { key, body } of day) {
            await (body === null ? given.source.remove(key) : given.source.put(key, body));
          }
          await sync({ ...given.handles, allowEmpty: true });
          assert.deepEqual(await given.replica.contents(), await given.source.contents());
        }
      },
    ),
    runs(8),
  );
});
