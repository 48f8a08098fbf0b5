import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { diff, type DiffOptions } from "../lib/diff.ts";
import { restore } from "../lib/restore.ts";
import { snapshot } from "../lib/snapshot.ts";
import { legacyText, putLegacy } from "./legacy_files.ts";
import { testServer } from "./s3_server.ts";
import { TestBucket } from "./test_bucket.ts";

const delay = () => Promise.resolve();

async function differences(options: DiffOptions): Promise<string[]> {
  return await Array.fromAsync(
    diff(options),
    ({ change, key, before, after }) =>
      `${change} ${key} ${before?.size ?? ""}->${after?.size ?? ""}`,
  );
}

Deno.test("a snapshot is compared with its bucket as it is now", async () => {
  await using server = await testServer();
  await using store = openMemoryStore();
  await using bucket = await TestBucket.create(server, server.bucketName("diff"));
  for (const key of ["a", "b", "c", "dir/ü 😀", "rewritten"]) await bucket.put(key, "old");
  await snapshot({ bucket: bucket.handle, store, delay });
  const options = { store, from: "latest", buckets: [bucket.handle] };
  assert.deepEqual(await differences(options), []);
  await bucket.put("a", "larger");
  await bucket.remove("b");
  await bucket.put("dir/new", "x");
  await bucket.put("rewritten", "old");
  assert.deepEqual(await differences(options), [
    "changed a 3->6",
    "removed b 3->",
    "added dir/new ->1",
  ]);
  assert.deepEqual(await differences({ ...options, prefix: "dir/" }), ["added dir/new ->1"]);
});

Deno.test("a safety snapshot is compared with the source that it is of", async () => {
  await using server = await testServer();
  await using store = openMemoryStore();
  await using replica = await TestBucket.create(server, server.bucketName("diff-replica"));
  await using source = await TestBucket.create(server, server.bucketName("diff-source"));
  await replica.put("a", "wanted");
  await source.put("a", "now");
  await snapshot({ bucket: replica.handle, store, delay });
  const { safetySnapshot } = await restore({
    ...{ store, snapshot: "latest", replica: replica.handle, target: source.handle, delay },
  });
  const buckets = [replica.handle, source.handle];
  assert.deepEqual(await differences({ store, from: safetySnapshot!, buckets }), [
    "changed a 3->6",
  ]);
  await assert.rejects(differences({ store, from: safetySnapshot!, buckets: [replica.handle] }), {
    code: "InvalidInput",
    message: /is of s3:.*diff-source.*, not of s3:.*diff-replica.*: name that bucket/,
  });
  await assert.rejects(differences({ store, from: safetySnapshot! }), {
    code: "InvalidInput",
    message: /no bucket is given/,
  });
});

Deno.test("a file of 2015 is compared with the bucket by version", async () => {
  await using server = await testServer();
  await using store = openMemoryStore();
  await using bucket = await TestBucket.create(server, server.bucketName("diff-2015"));
  const contents = [];
  for (const Key of ["b", "a"]) {
    const VersionId = await bucket.put(Key, "old");
    contents.push({ Key, VersionId, Size: 3, LastModified: "2015-06-04T01:19:56-05:00" });
  }
  await putLegacy(store, "20150605152158+0000UTC", legacyText(contents));
  const options = { store, from: "latest", buckets: [bucket.handle] };
  assert.deepEqual(await differences(options), []);
  await bucket.put("a", "new");
  assert.deepEqual(await differences(options), ["changed a 3->3"]);
});
