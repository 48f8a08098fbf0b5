import assert from "node:assert/strict";
import { encodeKey } from "../signed_request.ts";
import { bodyOf, contract, refusal } from "./contract.ts";

contract("a copy is made of exactly the version named", async (s3) => {
  const Bucket = await s3.bucket("version", "Enabled");
  const old = await s3.put(Bucket, "a", "old");
  await s3.put(Bucket, "a", "new");
  const CopySource = `${Bucket}/a?versionId=${old}`;
  await s3.sdk.copyObject({ Bucket, Key: "b", CopySource });
  assert.equal(await bodyOf(s3.sdk, Bucket, "b"), "old");
});

contract("a copy answers which version it read, which it made, and its ETag", async (s3) => {
  const Bucket = await s3.bucket("answer", "Enabled");
  const source = await s3.put(Bucket, "a", "text");
  const copy = await s3.sdk.copyObject({ Bucket, Key: "b", CopySource: `${Bucket}/a` });
  const made = (await s3.sdk.headObject({ Bucket, Key: "b" })).VersionId;
  const expected = s3.differs<unknown[]>({
    aws: [source, made, '"1cb251ec0d568de6a929b520c4aed8d1"'],
    rgw: [undefined, undefined, "1cb251ec0d568de6a929b520c4aed8d1"],
    why: "the gateway answers no version ids, and the ETag without its quotes",
  });
  const { CopySourceVersionId, VersionId, CopyObjectResult } = copy;
  assert.deepEqual([CopySourceVersionId, VersionId, CopyObjectResult?.ETag], expected);
});

contract("an old version copied over its own key becomes current, as a new version", async (s3) => {
  const Bucket = await s3.bucket("revive", "Enabled");
  const old = await s3.put(Bucket, "a", "old");
  await s3.put(Bucket, "a", "new");
  const CopySource = `${Bucket}/a?versionId=${old}`;
  const source = await s3.sdk.headObject({ Bucket, Key: "a", VersionId: old });
  await s3.sdk.copyObject({ Bucket, Key: "a", CopySource });
  const current = await s3.sdk.headObject({ Bucket, Key: "a" });
  assert.equal(current.ETag, source.ETag);
  assert.notEqual(current.VersionId, old);
  assert.equal((await s3.sdk.listObjectVersions({ Bucket })).Versions?.length, 3);
});

contract("a copy over a delete marker brings the object back", async (s3) => {
  const Bucket = await s3.bucket("undelete", "Enabled");
  const version = await s3.put(Bucket, "a", "text");
  await s3.sdk.deleteObject({ Bucket, Key: "a" });
  const CopySource = `${Bucket}/a?versionId=${version}`;
  await s3.sdk.copyObject({ Bucket, Key: "a", CopySource });
  assert.equal(await bodyOf(s3.sdk, Bucket, "a"), "text");
});

contract("the version null can be copied", async (s3) => {
  const Bucket = await s3.bucket("null");
  await s3.put(Bucket, "a", "text");
  await s3.sdk.copyObject({ Bucket, Key: "b", CopySource: `${Bucket}/a?versionId=null` });
  assert.equal(await bodyOf(s3.sdk, Bucket, "b"), "text");
});

contract("a copy keeps metadata, content headers and tags unless told otherwise", async (s3) => {
  const Bucket = await s3.bucket("keep");
  const content = {
    ContentType: "text/html",
    CacheControl: "max-age=60",
    ContentDisposition: "attachment",
    ContentEncoding: "br",
    ContentLanguage: "de",
  };
  const Metadata = { colour: "blue" };
  const Tagging = "team=a%20b";
  await s3.sdk.putObject({ Bucket, Key: "a", Body: "text", ...content, Metadata, Tagging });
  await s3.sdk.copyObject({ Bucket, Key: "b", CopySource: `${Bucket}/a` });
  const copy = await s3.sdk.headObject({ Bucket, Key: "b" });
  for (const [name, value] of Object.entries(content)) {
    assert.equal(copy[name as keyof typeof content], value, name);
  }
  assert.deepEqual(copy.Metadata, Metadata);
  const { TagSet } = await s3.sdk.getObjectTagging({ Bucket, Key: "b" });
  assert.deepEqual(TagSet, [{ Key: "team", Value: "a b" }]);
});

contract(
  "MetadataDirective REPLACE takes the request's metadata and none of the source's",
  async (s3) => {
    const Bucket = await s3.bucket("replace");
    const Metadata = { colour: "blue", shape: "round" };
    await s3.sdk.putObject({ Bucket, Key: "a", Body: "text", ContentType: "text/html", Metadata });
    await s3.sdk.copyObject({
      Bucket,
      Key: "b",
      CopySource: `${Bucket}/a`,
      MetadataDirective: "REPLACE",
      ContentType: "text/plain",
      Metadata: { colour: "red" },
    });
    const { ContentType, Metadata: replaced } = await s3.sdk.headObject({ Bucket, Key: "b" });
    assert.deepEqual([ContentType, replaced], ["text/plain", { colour: "red" }]);
  },
);

contract("TaggingDirective REPLACE takes the request's tags", async (s3) => {
  const Bucket = await s3.bucket("retag");
  await s3.sdk.putObject({ Bucket, Key: "a", Body: "text", Tagging: "old=1" });
  await s3.sdk.copyObject({
    Bucket,
    Key: "b",
    CopySource: `${Bucket}/a`,
    TaggingDirective: "REPLACE",
    Tagging: "new=2",
  });
  const { TagSet } = await s3.sdk.getObjectTagging({ Bucket, Key: "b" });
  const expected = s3.differs({
    aws: [{ Key: "new", Value: "2" }],
    rgw: [{ Key: "old", Value: "1" }],
    why: "the gateway does not know the directive and keeps the source's tags",
  });
  assert.deepEqual(TagSet, expected);
});

contract("a copy goes from one bucket to another", async (s3) => {
  const from = await s3.bucket("from", "Enabled");
  const Bucket = await s3.bucket("to", "Enabled");
  const version = await s3.put(from, "a/b", "text");
  const CopySource = `${from}/a/b?versionId=${version}`;
  await s3.sdk.copyObject({ Bucket, Key: "c", CopySource });
  assert.equal(await bodyOf(s3.sdk, Bucket, "c"), "text");
});

contract("the source of a copy is percent-encoded", async (s3) => {
  const Bucket = await s3.bucket("encoded", "Enabled");
  const Key = "ä b+c/%41?versionId=x&y";
  const version = await s3.put(Bucket, Key, "text");
  const CopySource = `${Bucket}/${encodeKey(Key)}?versionId=${version}`;
  await s3.sdk.copyObject({ Bucket, Key: "b", CopySource });
  assert.equal(await bodyOf(s3.sdk, Bucket, "b"), "text");
});

contract("an object copied onto itself without a change is refused", async (s3) => {
  const Bucket = await s3.bucket("self");
  await s3.put(Bucket, "a", "text");
  const copy = s3.sdk.copyObject({ Bucket, Key: "a", CopySource: `${Bucket}/a` });
  assert.equal(await refusal(copy), "400 InvalidRequest");
});

contract("an object copied onto itself with new metadata is accepted", async (s3) => {
  const Bucket = await s3.bucket("self");
  await s3.put(Bucket, "a", "text");
  await s3.sdk.copyObject({
    Bucket,
    Key: "a",
    CopySource: `${Bucket}/a`,
    MetadataDirective: "REPLACE",
    Metadata: { colour: "red" },
  });
  const { Metadata } = await s3.sdk.headObject({ Bucket, Key: "a" });
  assert.deepEqual([Metadata, await bodyOf(s3.sdk, Bucket, "a")], [{ colour: "red" }, "text"]);
});

contract("a delete marker cannot be copied", async (s3) => {
  const Bucket = await s3.bucket("marker", "Enabled");
  await s3.put(Bucket, "a", "text");
  const { VersionId } = await s3.sdk.deleteObject({ Bucket, Key: "a" });
  const at = (source: string) =>
    refusal(s3.sdk.copyObject({ Bucket, Key: "b", CopySource: `${Bucket}/${source}` }));
  assert.equal(await at("a"), "404 NoSuchKey");
  const named = s3.differs({
    aws: "400 InvalidRequest",
    rgw: "404 NoSuchKey",
    why: "the gateway does not tell a marker from a version that is not there",
  });
  assert.equal(await at(`a?versionId=${VersionId}`), named);
});

contract("a copy from what is not there says what is missing", async (s3) => {
  const Bucket = await s3.bucket("missing", "Enabled");
  await s3.put(Bucket, "a");
  const other = await s3.put(Bucket, "b");
  const at = (CopySource: string) => refusal(s3.sdk.copyObject({ Bucket, Key: "c", CopySource }));
  assert.equal(await at(`${Bucket}/never`), "404 NoSuchKey");
  assert.equal(await at(`${s3.server.bucketName("never")}/a`), "404 NoSuchBucket");
  const version = s3.differs({
    aws: "404 NoSuchVersion",
    rgw: "404 NoSuchKey",
    why: "the gateway has one answer for both",
  });
  assert.equal(await at(`${Bucket}/a?versionId=${other}`), version);
});

contract("a copy is dated when it is made", async (s3) => {
  const Bucket = await s3.bucket("dated", "Enabled");
  await s3.put(Bucket, "a", "text");
  await s3.sdk.copyObject({ Bucket, Key: "b", CopySource: `${Bucket}/a` });
  const { Versions = [] } = await s3.sdk.listObjectVersions({ Bucket });
  const [source, copy] = Versions.map(({ LastModified }) => +LastModified!);
  assert.ok(copy! >= source!);
});

contract("a copy's storage class is the request's, not the source's", async (s3) => {
  const Bucket = await s3.bucket("class");
  await s3.put(Bucket, "a", "text");
  const at = (StorageClass?: "STANDARD_IA") =>
    refusal(s3.sdk.copyObject({
      Bucket,
      Key: "b",
      CopySource: `${Bucket}/a`,
      ...(StorageClass && { StorageClass }),
    }));
  const { outcome, listed } = s3.differs({
    aws: { outcome: "accepted", listed: "STANDARD_IA" },
    rgw: { outcome: "400 InvalidArgument", listed: undefined },
    why: "the gateway has no such class as installed",
  });
  assert.equal(await at("STANDARD_IA"), outcome);
  const { Contents = [] } = await s3.sdk.listObjectsV2({ Bucket, Prefix: "b" });
  assert.equal(Contents[0]?.StorageClass, listed);
  await s3.sdk.copyObject({ Bucket, Key: "c", CopySource: `${Bucket}/${listed ? "b" : "a"}` });
  const copied = await s3.sdk.listObjectsV2({ Bucket, Prefix: "c" });
  assert.equal(copied.Contents?.[0]?.StorageClass, "STANDARD");
});
