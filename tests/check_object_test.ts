import assert from "node:assert/strict";
import * as S3 from "npm:@aws-sdk/client-s3@3.1169.0";
import { checkObject, type ObjectCheck } from "../lib/s3/check_object.ts";
import { openEmulated } from "./emulated_bucket.ts";
import { connect } from "./emulator_client.ts";
import { findVersion } from "./emulator/bucket.ts";
import { type Emulator, startEmulator } from "./emulator/emulator.ts";
import type { StoredObject } from "./emulator/object_version.ts";

const MIB = 1024 * 1024;
const CHECKSUMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
const KMS = { "x-amz-server-side-encryption": "aws:kms" };

function stored(server: Emulator, key: string): StoredObject {
  return findVersion(server.buckets.get("photos")!, key, undefined) as StoredObject;
}

/** Change one bit of an object, and nothing that the server says of it. */
function damage(server: Emulator, key: string): void {
  const [chunk] = stored(server, key).content.chunks();
  chunk![0]! ^= 1;
}

async function check(server: Emulator, key: string, maxAttempts = 1): Promise<ObjectCheck> {
  await using bucket = openEmulated(server, "photos", { concurrency: 1, maxAttempts });
  const { versionId, etag, content: { size } } = stored(server, key);
  return await checkObject(bucket, { key, versionId, size, etag });
}

async function withServer(): Promise<Emulator> {
  const server = await startEmulator();
  server.createBucket("photos", { versioning: "Enabled" });
  return server;
}

const RIGHT = { verdict: "right", by: "ETag" };

Deno.test("an object is right by its MD5 sum, and wrong by it", async () => {
  await using server = await withServer();
  server.seed("photos", [
    { key: "empty" },
    { key: "text", body: "some text" },
    { key: "large", body: new Uint8Array(3 * MIB).fill(7) },
  ]);
  for (const key of ["empty", "text", "large"]) assert.deepEqual(await check(server, key), RIGHT);
  damage(server, "text");
  assert.deepEqual(await check(server, "text"), {
    verdict: "wrong",
    message: "its bytes have the ETag 7efe5ec89942797f5418f45f5887ccac, and not " +
      "552e21cd4cd9918678e3c1a0df491bc3",
  });
});

Deno.test("an object in parts is right by the sizes that the server tells", async () => {
  await using server = await withServer();
  const odd = new Uint8Array(2_000_003).fill(7);
  server.seed("photos", [
    { key: "odd", body: odd, partSize: 700_001 },
    { key: "one", body: "in one part", partSize: MIB },
  ]);
  assert.deepEqual(await check(server, "odd"), RIGHT);
  assert.deepEqual(await check(server, "one"), RIGHT);
  damage(server, "odd");
  const found = await check(server, "odd");
  assert.equal(found.verdict, "wrong");
});

Deno.test("every checksum of a whole object is used, and noticed when it does not match", async () => {
  await using server = await withServer();
  const client = connect(server);
  for (const ChecksumAlgorithm of CHECKSUMS) {
    // With such encryption only the checksum can tell.
    const key = `by ${ChecksumAlgorithm}`;
    const input = { Bucket: "photos", Key: key, Body: "0123456789", ChecksumAlgorithm };
    await client.send(new S3.PutObjectCommand({ ...input, ServerSideEncryption: "aws:kms" }));
    assert.deepEqual(await check(server, key), { verdict: "right", by: "checksum" }, key);
    damage(server, key);
    const found = await check(server, key);
    assert.equal(found.verdict, "wrong", key);
    assert.match((found as { message: string }).message, /failed: Checksum mismatch/);
  }
  client.destroy();
});

Deno.test("what cannot be told is not called right", async () => {
  await using server = await withServer();
  server.seed("photos", [
    { key: "encrypted", body: "text", encryption: KMS },
    { key: "cold", body: "text", storageClass: "GLACIER" },
  ]);
  assert.deepEqual(await check(server, "encrypted"), { verdict: "unknown", because: "encrypted" });
  await assert.rejects(check(server, "cold"), { code: "InvalidObjectState" });
});

Deno.test("a connection that breaks costs another try, and no verdict", async () => {
  await using server = await withServer();
  server.seed("photos", [{ key: "large", body: new Uint8Array(3 * MIB).fill(7) }]);
  server.faults.add({ kind: "cut-body", operation: "GetObject", times: 2 });
  assert.deepEqual(await check(server, "large", 3), RIGHT);
  server.faults.add({ kind: "cut-body", operation: "GetObject", times: 9 });
  const found = await check(server, "large", 3);
  assert.equal(found.verdict, "wrong");
});

Deno.test("an abort while an object is read is thrown", async () => {
  await using server = await withServer();
  server.seed("photos", [{ key: "large", body: 30 * MIB }]);
  await using bucket = openEmulated(server, "photos");
  const { versionId, etag, content: { size } } = stored(server, "large");
  const stop = new AbortController(), reason = new Error("stop");
  const onBytes = () => stop.abort(reason);
  const reading = checkObject(bucket, { key: "large", versionId, size, etag }, {
    onBytes,
    signal: stop.signal,
  });
  await assert.rejects(reading, reason);
});
