import assert from "node:assert/strict";
import { openS3Store, PART_BYTES } from "../backends/s3_prefix.ts";
import { type SnapshotStore, StoreError } from "../testing.ts";
import { type TestServer, testServer } from "./s3_server.ts";
import { TestBucket } from "./test_bucket.ts";

function open(server: TestServer, bucket: string, pageSize = 1000): SnapshotStore {
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const url = `s3://${bucket}/snapshots/?region=${region}&endpoint=${endpoint}`;
  return openS3Store(url, { credentials: { accessKeyId, secretAccessKey }, pageSize });
}

function body(length: number): ReadableStream<Uint8Array> {
  return new Blob([new Uint8Array(length)]).stream();
}

async function names(store: SnapshotStore): Promise<string[]> {
  return (await Array.fromAsync(store.list())).map(({ name }) => name);
}

Deno.test("createOnly in a versioned bucket is kept, or refused with what to do", async () => {
  await using server = await testServer();
  const name = server.bucketName("versioned-store");
  await using bucket = await TestBucket.create(server, name, { versioning: "Enabled" });
  await using store = open(server, name);
  await store.put("taken", body(1));
  const creations = Array.from({ length: 3 }, () => {
    return store.put("new", body(2), { createOnly: true });
  });
  const results = await Promise.allSettled(creations);
  const codes = results.map((result) => result.status === "fulfilled" ? "" : result.reason.code);
  if (server.kind === "rgw") {
    // Ceph's gateway ignores If-None-Match in a versioned bucket.
    assert.deepEqual(codes, ["Unsupported", "Unsupported", "Unsupported"]);
    const rejected = results[0] as PromiseRejectedResult;
    assert.match(rejected.reason.message, /ignores "If-None-Match.*in an unversioned bucket/);
    assert.deepEqual(await names(store), ["taken"]);
  } else {
    assert.deepEqual(codes.sort(), ["", "AlreadyExists", "AlreadyExists"]);
    assert.deepEqual(await names(store), ["new", "taken"]);
  }
  const probes = (await bucket.versions()).filter(({ key }) => key.includes("probe"));
  assert.deepEqual(probes, [], "the probe left something behind");
});

Deno.test("a store shares its bucket with other keys, and lists and touches none", async () => {
  await using server = await testServer();
  const name = server.bucketName("shared");
  await using bucket = await TestBucket.create(server, name, { versioning: "Unversioned" });
  const others = ["a", "snapshots", "snapshots-2/a", "snapshots/ä", "snapshots/.b", "snapshots/c/"];
  for (const key of others) await bucket.put(key, "other");
  await using store = open(server, name, 2);
  for (const item of ["a", "b/c", "d"]) await store.put(item, body(3));
  assert.deepEqual(await names(store), ["a", "b/c", "d"]);
  for (const item of await names(store)) await store.delete(item);
  assert.deepEqual((await bucket.keys()).sort(), [...others].sort());
});

Deno.test("a bucket that is missing is a StoreError that names it", async () => {
  await using server = await testServer();
  const name = server.bucketName("missing");
  await using store = open(server, name);
  for (
    const call of [
      () => store.put("a", body(1)),
      () => store.put("a", body(1), { createOnly: true }),
      () => store.put("a", body(PART_BYTES + 1)),
      () => store.get("a"),
      () => store.delete("a"),
      () => names(store),
    ]
  ) {
    await assert.rejects(async () => await call(), (error) => {
      assert.ok(error instanceof StoreError);
      assert.equal(error.code, "Unavailable");
      assert.match(error.message, new RegExp(`NoSuchBucket.*|.*${name}`));
      return true;
    });
  }
});

Deno.test("a wrong key is Denied", async () => {
  await using server = await testServer();
  const name = server.bucketName("denied");
  await using _bucket = await TestBucket.create(server, name, { versioning: "Unversioned" });
  await using store = open({ ...server, secretAccessKey: "wrong" }, name);
  await assert.rejects(() => store.put("a", body(1)), { name: "StoreError", code: "Denied" });
  await assert.rejects(() => names(store), { name: "StoreError", code: "Denied" });
});
