import assert from "node:assert/strict";
import { contract, outcome, refusal } from "./contract.ts";

const TEXT = "0123456789";

contract("an object's ETag is the MD5 of its bytes, in quotes", async (s3) => {
  const Bucket = await s3.bucket("etag");
  const { ETag } = await s3.sdk.putObject({ Bucket, Key: "a", Body: "text" });
  assert.equal(ETag, '"1cb251ec0d568de6a929b520c4aed8d1"');
  assert.equal((await s3.sdk.headObject({ Bucket, Key: "a" })).ETag, ETag);
});

contract("a range is answered with just its bytes", async (s3) => {
  const Bucket = await s3.bucket("range");
  await s3.put(Bucket, "a", TEXT);
  const at = async (range: string) => {
    const { status, headers, text } = await s3.raw({ path: `/${Bucket}/a`, headers: { range } });
    return [status, text, headers.get("content-range")];
  };
  assert.deepEqual(await at("bytes=2-4"), [206, "234", "bytes 2-4/10"]);
  assert.deepEqual(await at("bytes=7-"), [206, "789", "bytes 7-9/10"]);
  assert.deepEqual(await at("bytes=-3"), [206, "789", "bytes 7-9/10"]);
  assert.deepEqual(await at("bytes=8-99"), [206, "89", "bytes 8-9/10"]);
});

contract("a range behind the end is refused", async (s3) => {
  const Bucket = await s3.bucket("range");
  await s3.put(Bucket, "a", TEXT);
  const answer = await s3.raw({ path: `/${Bucket}/a`, headers: { range: "bytes=10-" } });
  assert.equal(outcome(answer), "416 InvalidRange");
});

contract("a HEAD tells what a GET would, without the body", async (s3) => {
  const path = `/${await s3.bucket("head")}/a`;
  const headers = { "content-type": "text/plain", "x-amz-meta-colour": "blue" };
  await s3.raw({ method: "PUT", path, headers, body: TEXT });
  const get = await s3.raw({ path });
  const head = await s3.raw({ method: "HEAD", path });
  assert.deepEqual([head.status, head.body.length, get.text], [200, 0, TEXT]);
  for (
    const name of ["content-length", "content-type", "etag", "last-modified", "x-amz-meta-colour"]
  ) {
    assert.ok(head.headers.has(name), name);
    assert.equal(head.headers.get(name), get.headers.get(name), name);
  }
});

contract("a HEAD of a missing object answers 404 and no body", async (s3) => {
  const path = `/${await s3.bucket("head")}/never`;
  const { status, body } = await s3.raw({ method: "HEAD", path });
  assert.deepEqual([status, body.length], [404, 0]);
});

contract("an object without a content type is answered as bytes", async (s3) => {
  const path = `/${await s3.bucket("type")}/a`;
  await s3.raw({ method: "PUT", path, body: TEXT });
  assert.equal((await s3.raw({ path })).headers.get("content-type"), "binary/octet-stream");
});

contract("a storage class is listed, and told by a HEAD unless it is STANDARD", async (s3) => {
  const Bucket = await s3.bucket("class", "Enabled");
  await s3.put(Bucket, "a");
  assert.equal((await s3.sdk.headObject({ Bucket, Key: "a" })).StorageClass, undefined);
  const put = s3.sdk.putObject({ Bucket, Key: "b", Body: "text", StorageClass: "STANDARD_IA" });
  const expected = s3.differs({
    aws: "accepted",
    rgw: "400 InvalidArgument",
    why: "the gateway has the classes that its zone defines: as installed, STANDARD alone",
  });
  assert.equal(await refusal(put), expected);
  const { Versions = [] } = await s3.sdk.listObjectVersions({ Bucket });
  const listed = s3.differs({
    aws: ["STANDARD", "STANDARD_IA"],
    rgw: ["STANDARD"],
    why: "the second put was refused",
  });
  assert.deepEqual(Versions.map(({ StorageClass }) => StorageClass), listed);
});

contract("a storage class that does not exist is refused", async (s3) => {
  const path = `/${await s3.bucket("class")}/a`;
  const headers = { "x-amz-storage-class": "CUPBOARD" };
  const expected = s3.differs({
    aws: "400 InvalidStorageClass",
    rgw: "400 InvalidArgument",
    why: "another code for the same",
  });
  assert.equal(outcome(await s3.raw({ method: "PUT", path, headers })), expected);
});

contract("an archived object is listed and told, but not read or copied", async (s3) => {
  const Bucket = await s3.bucket("archive");
  const { sdk } = s3;
  const put = sdk.putObject({ Bucket, Key: "a", Body: "text", StorageClass: "GLACIER" });
  const { stored, read, copied } = s3.differs({
    aws: {
      stored: "accepted",
      read: "403 InvalidObjectState",
      copied: "403 InvalidObjectState",
    },
    rgw: { stored: "400 InvalidArgument", read: "404 NoSuchKey", copied: "404 NoSuchKey" },
    why: "the gateway has no archive",
  });
  assert.equal(await refusal(put), stored);
  assert.equal(await refusal(sdk.getObject({ Bucket, Key: "a" })), read);
  const copy = sdk.copyObject({ Bucket, Key: "b", CopySource: `${Bucket}/a` });
  assert.equal(await refusal(copy), copied);
});

contract("GetObjectAttributes answers size and ETag without quotes", async (s3) => {
  const Bucket = await s3.bucket("attributes");
  await s3.put(Bucket, "a", "text");
  const headers = { "x-amz-object-attributes": "ETag,ObjectSize" };
  const { text } = await s3.raw({ path: `/${Bucket}/a`, query: { attributes: "" }, headers });
  const expected = s3.differs({
    aws: true,
    rgw: false,
    why: "the gateway does not know the call and answers the object itself",
  });
  assert.equal(text.includes("<ETag>1cb251ec0d568de6a929b520c4aed8d1</ETag>"), expected);
  assert.equal(text.includes("<ObjectSize>4</ObjectSize>"), expected);
});

contract("a thaw is refused for what is not archived", async (s3) => {
  const Bucket = await s3.bucket("thaw");
  await s3.put(Bucket, "a");
  const body = "<RestoreRequest><Days>1</Days></RestoreRequest>";
  const query = { restore: "" };
  const answer = await s3.raw({ method: "POST", path: `/${Bucket}/a`, query, body });
  const expected = s3.differs({
    aws: "403 InvalidObjectState",
    rgw: "501 NotImplemented",
    why: "the gateway has no archive",
  });
  assert.equal(outcome(answer), expected);
});
