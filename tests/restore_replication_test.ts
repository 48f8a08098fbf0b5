import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { restore } from "../lib/restore.ts";
import type { RestoreReport } from "../lib/restore/restore_report.ts";
import { snapshot } from "../lib/snapshot.ts";
import { type Emulator, startEmulator } from "./emulator/emulator.ts";
import { TestBucket } from "./test_bucket.ts";

const delay = () => Promise.resolve();

/** A source whose objects arrive in its replica with their version ids. */
async function replicated() {
  const stack = new AsyncDisposableStack();
  const emulator: Emulator = stack.use(await startEmulator());
  const server = { ...emulator, endpoint: emulator.url };
  const source = stack.use(await TestBucket.create(server, "source"));
  const replica = stack.use(await TestBucket.create(server, "replica"));
  const store = stack.use(openMemoryStore());
  await source.handle.request({ operation: "PutBucketReplication" }, (client, sdk) =>
    client.send(
      new sdk.PutBucketReplicationCommand({
        Bucket: "source",
        ReplicationConfiguration: {
          Role: "arn:aws:iam::123456789012:role/replication",
          Rules: [{
            Status: "Enabled",
            Priority: 1,
            Filter: { Prefix: "" },
            DeleteMarkerReplication: { Status: "Enabled" },
            Destination: { Bucket: "arn:aws:s3:::replica" },
          }],
        },
      }),
    ));
  const options = {
    store,
    snapshot: "latest",
    target: source.handle,
    replica: replica.handle,
    delay,
  };
  return {
    emulator,
    source,
    replica,
    store,
    options,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

Deno.test("a version that the source still has is copied within it, though the replica lost it", async () => {
  await using given = await replicated();
  const { emulator, source, replica, store, options } = given;
  const versionId = await source.put("a", "old");
  const lost = await source.put("b", "old");
  await emulator.replication.idle();
  await snapshot({ bucket: replica.handle, store, delay });
  await source.put("a", "new");
  await source.remove("b");
  await emulator.replication.idle();
  await replica.remove("a", versionId);
  await source.remove("b", lost);
  const report = await restore(options);
  assert.deepEqual([report.copied, report.undeleted, report.failed], [2, 0, []]);
  assert.equal((await source.read("a")).body, "old");
  assert.equal((await source.read("b")).body, "old");
});

Deno.test("a restored source replicates, and the replica's next snapshot is the same", async () => {
  await using given = await replicated();
  const { emulator, source, replica, store, options } = given;
  for (const key of ["a", "b", "c"]) await source.put(key, { body: key, tags: { of: key } });
  await emulator.replication.idle();
  await snapshot({ bucket: replica.handle, store, delay });
  const before = await source.contents();
  await source.put("a", "new");
  await source.remove("b");
  await source.put("stray", "x");
  await emulator.replication.idle();
  await restore({ ...options, delete: true });
  await emulator.replication.idle();
  assert.deepEqual(await source.contents(), before);
  assert.deepEqual(await replica.contents(), before);
});

Deno.test("what was deleted is undeleted in source and replica, and nothing is copied", async () => {
  await using given = await replicated();
  const { emulator, source, replica, store, options } = given;
  for (const key of ["a", "b", "c"]) await source.put(key, { body: key, tags: { of: key } });
  await emulator.replication.idle();
  await snapshot({ bucket: replica.handle, store, delay });
  const before = await source.contents();
  for (const key of ["a", "b"]) await source.remove(key);
  await emulator.replication.idle();
  const plan = await restore({ ...options, undelete: true, dryRun: true });
  assert.deepEqual(counts(plan), { unchanged: 1, copied: 0, undeleted: 2, undeletedInReplica: 2 });
  const report = await restore({ ...options, undelete: true });
  assert.deepEqual(counts(report), counts(plan));
  await emulator.replication.idle();
  assert.deepEqual(await source.contents(), before);
  assert.deepEqual(await replica.contents(), before);
  assert.equal((await source.versions()).length, 3);
  assert.deepEqual(await replica.versions(), await source.versions());
  const again = await restore({ ...options, undelete: true });
  assert.deepEqual(counts(again), { unchanged: 3, copied: 0, undeleted: 0, undeletedInReplica: 0 });

  await restore({ ...options, snapshot: report.safetySnapshot!, delete: true });
  await emulator.replication.idle();
  assert.deepEqual(await source.keys(), ["c"]);
  assert.deepEqual(await replica.keys(), ["c"]);
});

Deno.test("undoing a restore leaves no delete marker in the replica alone", async () => {
  await using given = await replicated();
  const { emulator, source, replica, store, options } = given;
  await source.put("a", "x");
  await emulator.replication.idle();
  await snapshot({ bucket: replica.handle, store, delay });
  await source.put("stray", "x");
  await emulator.replication.idle();
  const { safetySnapshot } = await restore({ ...options, delete: true });
  await emulator.replication.idle();
  assert.deepEqual(await replica.keys(), ["a"]);
  const undo = await restore({ ...options, snapshot: safetySnapshot! });
  assert.deepEqual(counts(undo), { unchanged: 1, copied: 1, undeleted: 0, undeletedInReplica: 0 });
  await emulator.replication.idle();
  assert.deepEqual(await source.keys(), ["a", "stray"]);
  assert.deepEqual(await replica.keys(), ["a", "stray"]);
});

Deno.test("a replica that keeps its delete markers keeps the source's, too", async () => {
  await using given = await replicated();
  const { emulator, source, replica, store, options } = given;
  await source.put("a", "x");
  await emulator.replication.idle();
  await snapshot({ bucket: replica.handle, store, delay });
  await source.remove("a");
  await emulator.replication.idle();
  const fault = { kind: "reset", operation: "DeleteObjects", bucket: "replica" } as const;
  emulator.faults.add({ ...fault, times: Infinity });
  const { failed, ...report } = await restore({ ...options, undelete: true });
  assert.deepEqual(failed.map(({ key, code }) => [key, code]), [["a", "Unreachable"]]);
  assert.deepEqual([report.undeleted, report.undeletedInReplica], [0, 0]);
  assert.deepEqual(await source.keys(), []);
  emulator.faults.clear();
  const again = await restore({ ...options, undelete: true });
  assert.deepEqual([again.undeleted, again.undeletedInReplica, again.failed], [1, 1, []]);
  assert.deepEqual([await source.keys(), await replica.keys()], [["a"], ["a"]]);
});

function counts({ unchanged, copied, undeleted, undeletedInReplica }: RestoreReport) {
  return { unchanged, copied, undeleted, undeletedInReplica };
}
