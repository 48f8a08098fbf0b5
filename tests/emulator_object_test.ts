/** What the embedded S3 does with objects as AWS does, and as Ceph RGW cannot show. */
import assert from "node:assert/strict";
import * as S3 from "npm:@aws-sdk/client-s3@3.1169.0";
import { startEmulator } from "./emulator/emulator.ts";
import { assertRefused, connect, TestClock } from "./emulator_client.ts";

const AT = { Bucket: "bucket", Key: "a" };
const DAY = 86_400_000;

async function start() {
  const clock = new TestClock();
  const s3 = await startEmulator({ now: clock.now, thawTime: 3_600_000, copyLimit: 100 });
  s3.createBucket("bucket", { versioning: "Enabled" });
  return { s3, client: connect(s3), clock };
}

Deno.test("object: a copy onto a key on condition of what is there", async () => {
  const { s3, client } = await start();
  await using _ = s3;
  s3.seed("bucket", [{ key: "src", body: "new" }, { key: "a", body: "old" }]);
  const copy = (input: Partial<S3.CopyObjectCommandInput>) =>
    client.send(new S3.CopyObjectCommand({ ...AT, CopySource: "bucket/src", ...input }));
  const { etag } = s3.buckets.get("bucket")!.currentObject("a")!;
  await assertRefused(copy({ IfNoneMatch: "*" }), 412, "PreconditionFailed");
  await assertRefused(copy({ IfMatch: '"other"' }), 412, "PreconditionFailed");
  await assertRefused(copy({ CopySourceIfMatch: '"other"' }), 412, "PreconditionFailed");
  await assertRefused(copy({ Key: "none", IfMatch: `"${etag}"` }), 404, "NoSuchKey");
  assert.equal(s3.buckets.get("bucket")!.keys.get("a")!.versions.length, 1);
  await copy({ IfMatch: `"${etag}"` });
  await copy({ Key: "b", IfNoneMatch: "*" });
});

Deno.test("object: one of many racing creations wins", async () => {
  const { s3, client } = await start();
  await using _ = s3;
  const puts = Array.from(
    { length: 20 },
    (_, index) =>
      client.send(new S3.PutObjectCommand({ ...AT, Body: String(index), IfNoneMatch: "*" })),
  );
  const results = await Promise.allSettled(puts);
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  assert.equal(s3.buckets.get("bucket")!.keys.get("a")!.versions.length, 1);
});

Deno.test("object: what a copy keeps, and what it takes from the request", async () => {
  const { s3, client } = await start();
  await using _ = s3;
  await client.send(
    new S3.PutObjectCommand({
      ...AT,
      Key: "src",
      Body: "x",
      ContentType: "text/plain",
      CacheControl: "no-cache",
      Metadata: { one: "1" },
      Tagging: "t=1",
      StorageClass: "STANDARD_IA",
    }),
  );
  const copied = async (input: Partial<S3.CopyObjectCommandInput>) => {
    await client.send(new S3.CopyObjectCommand({ ...AT, CopySource: "bucket/src", ...input }));
    const head = await client.send(new S3.HeadObjectCommand(AT));
    return [head.ContentType, head.CacheControl, head.Metadata, head.TagCount, head.StorageClass];
  };
  assert.deepEqual(await copied({}), ["text/plain", "no-cache", { one: "1" }, 1, undefined]);
  assert.deepEqual(
    await copied({
      MetadataDirective: "REPLACE",
      TaggingDirective: "REPLACE",
      Metadata: { two: "2" },
      StorageClass: "GLACIER_IR",
    }),
    ["binary/octet-stream", undefined, { two: "2" }, undefined, "GLACIER_IR"],
  );
  const itself = new S3.CopyObjectCommand({ ...AT, CopySource: "bucket/a" });
  await assertRefused(client.send(itself), 400, "InvalidRequest");
});

Deno.test("object: a copy is limited in size, and its source must be a readable object", async () => {
  const { s3, client } = await start();
  await using _ = s3;
  const [, , marker] = s3.seed("bucket", [
    { key: "big", body: 101 },
    { key: "gone" },
    { key: "gone", deleteMarker: true },
    { key: "archived", storageClass: "DEEP_ARCHIVE" },
  ]);
  const copy = (CopySource: string) => client.send(new S3.CopyObjectCommand({ ...AT, CopySource }));
  await assertRefused(copy("bucket/big"), 400, "InvalidRequest");
  await assertRefused(copy("bucket/gone"), 404, "NoSuchKey");
  await assertRefused(copy(`bucket/gone?versionId=${marker}`), 400, "InvalidRequest");
  await assertRefused(copy("bucket/archived"), 403, "InvalidObjectState");
  await assertRefused(copy(`bucket/big?versionId=${"x".repeat(32)}`), 404, "NoSuchVersion");
  await assertRefused(copy("nowhere/big"), 404, "NoSuchBucket");
});

Deno.test("object: an archived one is read after a thaw, for some days", async () => {
  const { s3, client, clock } = await start();
  await using _ = s3;
  s3.seed("bucket", [{ key: "a", body: "cold", storageClass: "GLACIER" }, { key: "b" }]);
  const get = () => client.send(new S3.GetObjectCommand(AT));
  const restore = (Key: string, Days = 2) =>
    client.send(new S3.RestoreObjectCommand({ ...AT, Key, RestoreRequest: { Days } }));
  await assertRefused(get(), 403, "InvalidObjectState");
  await assertRefused(restore("b"), 403, "InvalidObjectState");
  assert.equal((await restore("a")).$metadata.httpStatusCode, 202);
  const head = () => client.send(new S3.HeadObjectCommand(AT));
  assert.equal((await head()).Restore, 'ongoing-request="true"');
  await assertRefused(restore("a"), 409, "RestoreAlreadyInProgress");

  clock.time += 3_600_000;
  assert.match((await head()).Restore!, /^ongoing-request="false", expiry-date="Mon, 05 Jan 2026/);
  assert.equal(await (await get()).Body!.transformToString(), "cold");
  assert.equal((await restore("a", 3)).$metadata.httpStatusCode, 200);
  clock.time += 5 * DAY;
  await assertRefused(get(), 403, "InvalidObjectState");
});

Deno.test("object: a legal hold and a retention keep a version, and a batch says which", async () => {
  const { s3, client, clock } = await start();
  await using _ = s3;
  s3.createBucket("locked", { objectLock: true });
  const [held, retained, free] = s3.seed("locked", [
    { key: "held", legalHold: "ON" },
    { key: "retained", retention: { mode: "COMPLIANCE", until: clock.time + DAY } },
    { key: "free" },
  ]);
  const Objects = [
    { Key: "held", VersionId: held },
    { Key: "retained", VersionId: retained },
    { Key: "free", VersionId: free },
  ];
  const remove = async () => {
    const request = new S3.DeleteObjectsCommand({ Bucket: "locked", Delete: { Objects } });
    const { Errors } = await client.send(request);
    return (Errors ?? []).map(({ Key, Code }) => `${Key} ${Code}`);
  };
  assert.deepEqual(await remove(), ["held AccessDenied", "retained AccessDenied"]);
  clock.time += DAY;
  assert.deepEqual(await remove(), ["held AccessDenied"]);
  const LegalHold = { Status: "OFF" as const };
  await client.send(
    new S3.PutObjectLegalHoldCommand({ Bucket: "locked", Key: "held", LegalHold }),
  );
  assert.deepEqual(await remove(), []);
  assert.ok(s3.buckets.get("locked")!.keys.isEmpty);
});

Deno.test("object: a version id of no known shape is refused, in a batch key by key", async () => {
  const { s3, client } = await start();
  await using _ = s3;
  const VersionId = "abc";
  const single = new S3.DeleteObjectCommand({ ...AT, VersionId });
  await assertRefused(client.send(single), 400, "InvalidArgument");
  const Delete = { Objects: [{ Key: "a", VersionId }] };
  const batch = await client.send(new S3.DeleteObjectsCommand({ Bucket: "bucket", Delete }));
  assert.deepEqual(batch.Errors, [{
    Key: "a",
    VersionId,
    Code: "NoSuchVersion",
    Message: "The specified version does not exist.",
  }]);
});

Deno.test("object: headers of an answer that a query replaces", async () => {
  const { s3, client } = await start();
  await using _ = s3;
  s3.seed("bucket", [{ key: "a" }]);
  const get = (ResponseContentDisposition: string) =>
    client.send(new S3.GetObjectCommand({ ...AT, ResponseContentDisposition }));
  assert.equal(
    (await get('attachment; filename="ä"')).ContentDisposition,
    'attachment; filename="ä"',
  );
  await assertRefused(get("€"), 400, "InvalidArgument");
});

Deno.test("object: checksums are verified, kept and told", async () => {
  const { s3, client } = await start();
  await using _ = s3;
  // Published check values of "123456789".
  const known = {
    CRC32: "y/Q5Jg==",
    CRC32C: "4waSgw==",
    CRC64NVME: "rosUhgp5mIg=",
    SHA1: "98O8HYCOBHMq32eZZczDTKeuNEE=",
    SHA256: "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
  };
  for (const [name, value] of Object.entries(known)) {
    const field = `Checksum${name}`;
    const put = (checksum: string) =>
      client.send(new S3.PutObjectCommand({ ...AT, Body: "123456789", [field]: checksum }));
    await put(value);
    const head = new S3.HeadObjectCommand({ ...AT, ChecksumMode: "ENABLED" });
    const output: unknown = await client.send(head);
    assert.equal((output as Record<string, unknown>)[field], value);
    await assertRefused(put(value.replace(/^./, "A")), 400, "BadDigest");
  }
  const md5 = new S3.PutObjectCommand({ ...AT, Body: "x", ContentMD5: "1B2M2Y8AsgTpgAmY7PhCfg==" });
  await assertRefused(client.send(md5), 400, "BadDigest");
});

Deno.test("object: encryption by a key of one's own makes an ETag that is no MD5", async () => {
  const { s3, client } = await start();
  await using _ = s3;
  const put = () =>
    client.send(
      new S3.PutObjectCommand({ ...AT, Body: "x", ServerSideEncryption: "aws:kms" }),
    );
  const [first, second] = [await put(), await put()];
  assert.equal(first.ServerSideEncryption, "aws:kms");
  assert.notEqual(first.ETag, second.ETag);
});
