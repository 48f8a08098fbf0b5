import assert from "node:assert/strict";
import { copyVersion } from "../lib/s3/copy_version.ts";
import { deleteVersions } from "../lib/s3/delete_versions.ts";
import { listVersions } from "../lib/s3/list_versions.ts";
import { serverNow } from "../lib/s3/server_time.ts";
import { requireVersioning, versioningState } from "../lib/s3/versioning.ts";
import { Buffer } from "node:buffer";
import { AWKWARD_KEYS } from "./awkward_keys.ts";
import { versionsOf } from "./entry_batches.ts";
import { testServer } from "./s3_server.ts";
import { TestBucket } from "./test_bucket.ts";

Deno.test("awkward keys are listed, copied and deleted as they are", async () => {
  await using server = await testServer();
  await using bucket = await TestBucket.create(server, server.bucketName("from"));
  await using copies = await TestBucket.create(server, server.bucketName("to"));
  const object = { metadata: { note: "kept" }, tags: { team: "a-b" }, contentType: "text/x" };
  for (const key of AWKWARD_KEYS) await bucket.put(key, { body: key, ...object });
  const versions = await bucket.versions();
  const sorted = AWKWARD_KEYS.toSorted((a, b) =>
    Buffer.compare(new TextEncoder().encode(a), new TextEncoder().encode(b))
  );
  assert.deepEqual(versions.map(({ key }) => key), sorted);

  for (const version of versions) {
    const { key } = version;
    const from = bucket.handle, to = copies.handle;
    const { etagKept } = await copyVersion({ ...version, from, to, toKey: key });
    assert.ok(etagKept, key);
    assert.deepEqual(await copies.read(key), { body: key, ...object });
  }

  const result = await deleteVersions(bucket.handle, versions);
  assert.deepEqual(result, { deleted: AWKWARD_KEYS.length, failed: [] });
  assert.deepEqual(await bucket.versions(), []);
});

Deno.test("an older version and the null version are copied, not the current one", async () => {
  await using server = await testServer();
  const options = { versioning: "Unversioned" } as const;
  await using bucket = await TestBucket.create(server, server.bucketName("history"), options);
  await bucket.put("a", "null");
  await bucket.setVersioning("Enabled");
  await bucket.put("a", "older");
  await bucket.put("a", "current");
  await bucket.remove("a");
  const versions = await bucket.versions();
  assert.deepEqual(versions.map((version) => version.isDeleteMarker), [true, false, false, false]);
  assert.equal(versions[3]?.versionId, "null");
  const handle = bucket.handle;
  for (const [i, body] of [[3, "null"], [2, "older"], [1, "current"]] as const) {
    await copyVersion({ ...versions[i]!, from: handle, to: handle, toKey: "a" });
    assert.equal((await bucket.read("a")).body, body);
  }
});

Deno.test("an object uploaded in parts has the same ETag after a copy", async () => {
  await using server = await testServer();
  await using bucket = await TestBucket.create(server, server.bucketName("parts"));
  const handle = bucket.handle;
  // No percent sign: the gateway dies of one in UploadPartCopy (see tests/contract/).
  const object = { Bucket: handle.name, Key: "100 é+" };
  const { UploadId } = await handle.request(
    { operation: "CreateMultipartUpload" },
    (client, sdk) =>
      client.send(new sdk.CreateMultipartUploadCommand({ ...object, Tagging: "team=a%20b" })),
  );
  const Parts = await Promise.all([6, 5, 1].map(async (size, i) => {
    const part = { ...object, UploadId, PartNumber: i + 1 };
    const Body = new Uint8Array(size * 1024 ** 2).fill(i);
    const { ETag } = await handle.request(
      { operation: "UploadPart" },
      (client, sdk) => client.send(new sdk.UploadPartCommand({ ...part, Body })),
    );
    return { PartNumber: i + 1, ETag };
  }));
  await handle.request({ operation: "CompleteMultipartUpload" }, (client, sdk) =>
    client.send(
      new sdk.CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }),
    ));
  const [version] = await bucket.versions();
  const copy = { ...version!, from: handle, to: handle };
  const { etagKept } = await copyVersion({ ...copy, toKey: "copy" });
  assert.ok(etagKept);

  // In parts whatever the server: those of the object where it tells them, others where not.
  await copyVersion({ ...copy, toKey: "in parts", maxCopySize: 6 * 1024 ** 2 });
  const found = (await bucket.versions()).find(({ key }) => key === "in parts");
  assert.equal(found?.size, 12 * 1024 ** 2);
});

Deno.test("what a bucket's versioning is, and what is said where it is not enabled", async () => {
  await using server = await testServer();
  const options = { versioning: "Unversioned" } as const;
  await using bucket = await TestBucket.create(server, server.bucketName("states"), options);
  assert.equal(await versioningState(bucket.handle), "Unversioned");
  await assert.rejects(requireVersioning(bucket.handle), (error: Error & { code: string }) => {
    assert.equal(error.code, "NotVersioned");
    const command = `aws s3api put-bucket-versioning --bucket ${bucket.handle.name} ` +
      `--versioning-configuration Status=Enabled --region us-east-1 ` +
      `--endpoint-url ${server.endpoint}`;
    assert.ok(error.message.endsWith(command), error.message);
    return true;
  });
  await bucket.setVersioning("Enabled");
  await requireVersioning(bucket.handle);
  await bucket.setVersioning("Suspended");
  await assert.rejects(requireVersioning(bucket.handle), /suspended/);
});

Deno.test("the server's time is its own, and between two writes", async () => {
  await using server = await testServer();
  await using bucket = await TestBucket.create(server, server.bucketName("time"));
  const before = await serverNow(bucket.handle);
  assert.equal(before % 1000, 0);
  await bucket.put("a");
  const [version] = await versionsOf(listVersions(bucket.handle));
  const after = await serverNow(bucket.handle);
  assert.ok(version!.lastModified >= before);
  assert.ok(version!.lastModified < after + 1000);
});
