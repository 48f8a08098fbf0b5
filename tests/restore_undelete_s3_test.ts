import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { InputError } from "../lib/model/errors.ts";
import { restore, type RestoreOptions } from "../lib/restore.ts";
import type { RestoreReport } from "../lib/restore/restore_report.ts";
import { snapshot } from "../lib/snapshot.ts";
import { testServer } from "./s3_server.ts";
import { TestBucket } from "./test_bucket.ts";

const delay = () => Promise.resolve();

function counts({ unchanged, copied, undeleted, undeletedInReplica, failed }: RestoreReport) {
  return { unchanged, copied, undeleted, undeletedInReplica, failed: failed.length };
}

/** A source and a replica filled by hand: the same objects, under version ids of their own. */
async function twins(keys: readonly string[]) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await testServer());
  const store = stack.use(openMemoryStore());
  const [source, replica] = await Promise.all(
    ["undelete-source", "undelete-replica"].map(async (hint) =>
      stack.use(await TestBucket.create(server, server.bucketName(hint)))
    ),
  );
  const both = [source!, replica!];
  for (const key of keys) for (const bucket of both) await bucket.put(key, `body of ${key}`);
  await snapshot({ bucket: replica!.handle, store, delay });
  const options: RestoreOptions = {
    store,
    snapshot: "latest",
    target: source!.handle,
    replica: replica!.handle,
    undelete: true,
    delay,
  };
  return {
    source: source!,
    replica: replica!,
    both,
    options,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

Deno.test("delete markers go from a source and its replica, and both show the same", async () => {
  await using given = await twins(["both", "control\u0001", "kept", "source only", "twice"]);
  const { source, replica, both, options } = given;
  for (const bucket of both) {
    for (const key of ["both", "control\u0001", "twice", "twice"]) await bucket.remove(key);
  }
  await source.remove("source only");
  const plan = await restore({ ...options, dryRun: true });
  assert.deepEqual(
    counts(plan),
    { unchanged: 1, copied: 0, undeleted: 4, undeletedInReplica: 3, failed: 0 },
  );
  assert.deepEqual(counts(await restore(options)), counts(plan));
  for (const bucket of both) {
    const versions = await bucket.versions();
    assert.equal(versions.length, 5);
    assert(!versions.some(({ isDeleteMarker }) => isDeleteMarker));
  }
  const again = await restore(options);
  assert.deepEqual([counts(again).unchanged, again.safetySnapshot], [5, null]);
  assert.deepEqual(await source.keys(), await replica.keys());
});

Deno.test("where the two do not agree below their delete markers, the object is copied", async () => {
  await using given = await twins(["a", "b"]);
  const { source, replica, both, options } = given;
  await replica.put("a", "newer, and not in the source");
  await source.put("b", "newer, and not in the replica");
  for (const bucket of both) for (const key of ["a", "b"]) await bucket.remove(key);
  const report = await restore(options);
  assert.deepEqual(
    counts(report),
    { unchanged: 0, copied: 2, undeleted: 0, undeletedInReplica: 1, failed: 0 },
  );
  // What it holds below the marker of "a" is not what is wanted.
  assert.deepEqual(await replica.keys(), ["b"]);
  assert.equal((await source.read("a")).body, "body of a");
  assert.equal((await source.read("b")).body, "body of b");
});

Deno.test("a run that was cut off after the replica is finished by the next", async () => {
  await using given = await twins(["a", "b"]);
  const { source, replica, both, options } = given;
  for (const bucket of both) for (const key of ["a", "b"]) await bucket.remove(key);
  const [marker] = (await replica.versions()).filter(({ isDeleteMarker }) => isDeleteMarker);
  await replica.remove("a", marker!.versionId);
  const report = await restore(options);
  assert.deepEqual(
    counts(report),
    { unchanged: 0, copied: 0, undeleted: 2, undeletedInReplica: 1, failed: 0 },
  );
  assert.deepEqual([await source.keys(), await replica.keys()], [["a", "b"], ["a", "b"]]);
});

Deno.test("undelete can be refused in a bucket that is its own replica", async () => {
  await using given = await twins(["a"]);
  const { replica, options } = given;
  await replica.remove("a");
  const alone = { ...options, target: replica.handle, undelete: false };
  assert.deepEqual(
    counts(await restore(alone)),
    { unchanged: 0, copied: 1, undeleted: 0, undeletedInReplica: 0, failed: 0 },
  );
  assert.equal((await replica.versions()).length, 3);
  await assert.rejects(restore({ ...options, toPrefix: "below/" }), InputError);
});
