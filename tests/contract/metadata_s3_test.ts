import assert from "node:assert/strict";
import { contract, outcome, refusal } from "./contract.ts";

contract("user metadata and content headers come back as they were put", async (s3) => {
  const Bucket = await s3.bucket("kept");
  const put = {
    ContentType: "text/plain; charset=utf-8",
    CacheControl: "no-cache, max-age=0",
    ContentDisposition: 'attachment; filename="a b.txt"',
    ContentEncoding: "gzip",
    ContentLanguage: "de-CH",
    Metadata: { colour: "dark  blue", "x-y": "1;2=3" },
  };
  await s3.sdk.putObject({ Bucket, Key: "a", Body: "text", ...put });
  const head = await s3.sdk.headObject({ Bucket, Key: "a" });
  for (const [name, value] of Object.entries(put)) {
    assert.deepEqual(head[name as keyof typeof put], value, name);
  }
});

contract("Expires comes back as it was put", async (s3) => {
  const path = `/${await s3.bucket("expires")}/a`;
  const expires = "Wed, 21 Oct 2065 07:28:00 GMT";
  await s3.raw({ method: "PUT", path, headers: { expires } });
  assert.equal((await s3.raw({ path })).headers.get("expires"), expires);
});

contract("names of user metadata are lower case", async (s3) => {
  const path = `/${await s3.bucket("case")}/a`;
  await s3.raw({ method: "PUT", path, headers: { "x-amz-meta-Colour": "Blue" } });
  assert.equal((await s3.raw({ path })).headers.get("x-amz-meta-colour"), "Blue");
});

contract("a name of user metadata may hold an underscore", async (s3) => {
  const Bucket = await s3.bucket("underscore");
  await s3.sdk.putObject({ Bucket, Key: "a", Body: "text", Metadata: { "x_y": "1" } });
  const expected = s3.differs<Record<string, string>>({
    aws: { "x_y": "1" },
    rgw: { "x-y": "1" },
    why: "the gateway turns it into a hyphen",
  });
  assert.deepEqual((await s3.sdk.headObject({ Bucket, Key: "a" })).Metadata, expected);
});

contract("more than 2 KB of user metadata is refused", async (s3) => {
  const path = `/${await s3.bucket("large")}/a`;
  const headers = { "x-amz-meta-a": "x".repeat(2100) };
  const expected = s3.differs({
    aws: "400 MetadataTooLarge",
    rgw: "200",
    why: "the gateway takes more",
  });
  assert.equal(outcome(await s3.raw({ method: "PUT", path, headers })), expected);
});

contract("each version keeps its own metadata and tags", async (s3) => {
  const Bucket = await s3.bucket("versions", "Enabled");
  const put = (colour: string) =>
    s3.sdk.putObject({
      Bucket,
      Key: "a",
      Body: colour,
      Metadata: { colour },
      Tagging: `colour=${colour}`,
    });
  const { VersionId } = await put("blue");
  await put("red");
  const old = await s3.sdk.headObject({ Bucket, Key: "a", VersionId });
  const oldTags = await s3.sdk.getObjectTagging({ Bucket, Key: "a", VersionId });
  const tags = await s3.sdk.getObjectTagging({ Bucket, Key: "a" });
  assert.deepEqual(old.Metadata, { colour: "blue" });
  assert.deepEqual(oldTags.TagSet, [{ Key: "colour", Value: "blue" }]);
  assert.deepEqual(tags.TagSet, [{ Key: "colour", Value: "red" }]);
});

contract("tags can be put, replaced as a whole and deleted, without a new version", async (s3) => {
  const Bucket = await s3.bucket("tags", "Enabled");
  const VersionId = await s3.put(Bucket, "a");
  const tags = async () => (await s3.sdk.getObjectTagging({ Bucket, Key: "a" })).TagSet;
  const put = (TagSet: { Key: string; Value: string }[]) =>
    s3.sdk.putObjectTagging({ Bucket, Key: "a", Tagging: { TagSet } });
  assert.deepEqual(await tags(), []);
  await put([{ Key: "a", Value: "1" }, { Key: "b", Value: "<&>" }]);
  assert.deepEqual(await tags(), [{ Key: "a", Value: "1" }, { Key: "b", Value: "<&>" }]);
  await put([{ Key: "c", Value: "" }]);
  assert.deepEqual(await tags(), [{ Key: "c", Value: "" }]);
  await s3.sdk.deleteObjectTagging({ Bucket, Key: "a", VersionId });
  assert.deepEqual(await tags(), []);
  const { Versions = [] } = await s3.sdk.listObjectVersions({ Bucket });
  assert.deepEqual(Versions.map((version) => version.VersionId), [VersionId]);
});

contract("the tags of the current version are deleted without naming it", async (s3) => {
  const Bucket = await s3.bucket("untag", "Enabled");
  await s3.sdk.putObject({ Bucket, Key: "a", Body: "text", Tagging: "x=1" });
  await s3.sdk.deleteObjectTagging({ Bucket, Key: "a" });
  const expected = s3.differs({
    aws: [],
    rgw: [{ Key: "x", Value: "1" }],
    why: "the gateway says that it did, and does not, unless the version is named",
  });
  assert.deepEqual((await s3.sdk.getObjectTagging({ Bucket, Key: "a" })).TagSet, expected);
});

contract("an object tells how many tags it has", async (s3) => {
  const Bucket = await s3.bucket("count");
  await s3.sdk.putObject({ Bucket, Key: "a", Body: "text", Tagging: "x=1&y=2" });
  const count = (await s3.raw({ path: `/${Bucket}/a` })).headers.get("x-amz-tagging-count");
  assert.equal(count, "2");
});

contract("an object has at most ten tags", async (s3) => {
  const Bucket = await s3.bucket("limit");
  const at = (Tagging: string) =>
    refusal(s3.sdk.putObject({ Bucket, Key: "a", Body: "text", Tagging }));
  const tags = (count: number) => Array.from({ length: count }, (_, i) => `k${i}=v`).join("&");
  assert.equal(await at(tags(10)), "accepted");
  const tooMany = s3.differs({
    aws: "400 BadRequest",
    rgw: "400 InvalidArgument",
    why: "another code for the same",
  });
  assert.equal(await at(tags(11)), tooMany);
});

contract("a tag's name and value are limited in length", async (s3) => {
  const Bucket = await s3.bucket("length");
  await s3.put(Bucket, "a");
  const at = (Key: string, Value: string) =>
    refusal(s3.sdk.putObjectTagging({ Bucket, Key: "a", Tagging: { TagSet: [{ Key, Value }] } }));
  assert.equal(await at("k".repeat(128), "v".repeat(256)), "accepted");
  assert.equal(await at("k".repeat(129), "v"), "400 InvalidTag");
  assert.equal(await at("k", "v".repeat(257)), "400 InvalidTag");
});

contract("tags of a missing object are not found", async (s3) => {
  const Bucket = await s3.bucket("missing");
  const call = s3.sdk.getObjectTagging({ Bucket, Key: "never" });
  assert.equal(await refusal(call), "404 NoSuchKey");
});
