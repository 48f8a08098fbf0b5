import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { restore } from "../lib/restore.ts";
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
