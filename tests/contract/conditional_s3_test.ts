import assert from "node:assert/strict";
import { bodyOf, type Contract, contract, outcome, refusal } from "./contract.ts";

const OTHER = '"00000000000000000000000000000000"';

/** A condition on the write of an object that is there, and how it was refused. */
async function overwrite(s3: Contract, bucket: string, headers: Record<string, string>) {
  await s3.put(bucket, "a", "first");
  const path = `/${bucket}/a`;
  const answer = outcome(await s3.raw({ method: "PUT", path, headers, body: "second" }));
  return [answer, await bodyOf(s3.sdk, bucket, "a")];
}

contract("If-None-Match: * does not overwrite in an unversioned bucket", async (s3) => {
  const answer = await overwrite(s3, await s3.bucket("create"), { "if-none-match": "*" });
  assert.deepEqual(answer, ["412 PreconditionFailed", "first"]);
});

contract("If-None-Match: * does not overwrite in a versioned bucket", async (s3) => {
  const answer = await overwrite(s3, await s3.bucket("create", "Enabled"), {
    "if-none-match": "*",
  });
  const expected = s3.differs({
    aws: ["412 PreconditionFailed", "first"],
    rgw: ["200", "second"],
    why: "the gateway ignores the condition where there are versions",
  });
  assert.deepEqual(answer, expected);
});

contract("If-None-Match: * creates what is not there", async (s3) => {
  for (const versioning of [undefined, "Enabled"] as const) {
    const bucket = await s3.bucket("create", versioning);
    const headers = { "if-none-match": "*" };
    const answer = await s3.raw({ method: "PUT", path: `/${bucket}/a`, headers, body: "text" });
    assert.equal(outcome(answer), "200");
    assert.equal(await bodyOf(s3.sdk, bucket, "a"), "text");
  }
});

contract("If-None-Match: * creates where a delete marker is current", async (s3) => {
  const Bucket = await s3.bucket("create", "Enabled");
  await s3.put(Bucket, "a", "first");
  await s3.sdk.deleteObject({ Bucket, Key: "a" });
  await s3.sdk.putObject({ Bucket, Key: "a", Body: "second", IfNoneMatch: "*" });
  assert.equal(await bodyOf(s3.sdk, Bucket, "a"), "second");
});

contract("of twenty racing creations one wins", async (s3) => {
  const Bucket = await s3.bucket("race");
  const puts = Array.from(
    { length: 20 },
    (_, i) => s3.sdk.putObject({ Bucket, Key: "a", Body: `racer ${i}`, IfNoneMatch: "*" }),
  );
  const outcomes = await Promise.all(puts.map(refusal));
  assert.equal(outcomes.filter((each) => each === "accepted").length, 1);
  const winner = outcomes.indexOf("accepted");
  assert.equal(await bodyOf(s3.sdk, Bucket, "a"), `racer ${winner}`);
});

contract("If-Match overwrites only the object that it names", async (s3) => {
  const Bucket = await s3.bucket("match");
  assert.deepEqual(await overwrite(s3, Bucket, { "if-match": OTHER }), [
    "412 PreconditionFailed",
    "first",
  ]);
  const { ETag = "" } = await s3.sdk.headObject({ Bucket, Key: "a" });
  const expected = s3.differs({
    aws: ["200", "second"],
    rgw: ["412 PreconditionFailed", "first"],
    why: "the gateway compares the ETag without quotes with the header, so that none ever matches",
  });
  assert.deepEqual(await overwrite(s3, Bucket, { "if-match": ETag }), expected);
});

contract("If-Match does not overwrite another object in a versioned bucket", async (s3) => {
  const answer = await overwrite(s3, await s3.bucket("match", "Enabled"), { "if-match": OTHER });
  assert.deepEqual(answer, ["412 PreconditionFailed", "first"]);
});

contract("If-Match on a missing object creates nothing", async (s3) => {
  const Bucket = await s3.bucket("match");
  const headers = { "if-match": OTHER };
  const answer = await s3.raw({ method: "PUT", path: `/${Bucket}/a`, headers, body: "text" });
  const expected = s3.differs({
    aws: "404 NoSuchKey",
    rgw: "412 PreconditionFailed",
    why: "the gateway calls a missing object one that does not match",
  });
  assert.equal(outcome(answer), expected);
  assert.equal((await s3.sdk.listObjectsV2({ Bucket })).KeyCount, 0);
});

contract("a read is conditional on the ETag", async (s3) => {
  const Bucket = await s3.bucket("read");
  await s3.put(Bucket, "a", "text");
  const { ETag = "" } = await s3.sdk.headObject({ Bucket, Key: "a" });
  const at = async (headers: Record<string, string>) =>
    (await s3.raw({ path: `/${Bucket}/a`, headers })).status;
  assert.equal(await at({ "if-match": ETag }), 200);
  assert.equal(await at({ "if-match": OTHER }), 412);
  assert.equal(await at({ "if-none-match": ETag }), 304);
  assert.equal(await at({ "if-none-match": OTHER }), 200);
});

contract("a read is conditional on the time of change", async (s3) => {
  const Bucket = await s3.bucket("read");
  await s3.put(Bucket, "a", "text");
  const { LastModified } = await s3.sdk.headObject({ Bucket, Key: "a" });
  assert.ok(LastModified);
  const before = new Date(+LastModified - 60_000).toUTCString();
  const at = async (headers: Record<string, string>) =>
    (await s3.raw({ path: `/${Bucket}/a`, headers })).status;
  assert.equal(await at({ "if-modified-since": LastModified.toUTCString() }), 304);
  assert.equal(await at({ "if-modified-since": before }), 200);
  assert.equal(await at({ "if-unmodified-since": LastModified.toUTCString() }), 200);
  assert.equal(await at({ "if-unmodified-since": before }), 412);
});

contract("CopyObject is conditional on its source's ETag", async (s3) => {
  const Bucket = await s3.bucket("source");
  await s3.put(Bucket, "a", "text");
  const { ETag = "" } = await s3.sdk.headObject({ Bucket, Key: "a" });
  const at = async (headers: Record<string, string>) =>
    outcome(
      await s3.raw({
        method: "PUT",
        path: `/${Bucket}/b`,
        headers: { "x-amz-copy-source": `/${Bucket}/a`, ...headers },
      }),
    );
  assert.equal(await at({ "x-amz-copy-source-if-match": ETag }), "200");
  assert.equal(await at({ "x-amz-copy-source-if-none-match": OTHER }), "200");
  const refused = s3.differs({
    aws: "412 PreconditionFailed",
    rgw: "200",
    why: "the gateway ignores the conditions of a copy",
  });
  assert.equal(await at({ "x-amz-copy-source-if-match": OTHER }), refused);
  assert.equal(await at({ "x-amz-copy-source-if-none-match": ETag }), refused);
});

contract("CopyObject is conditional on its target", async (s3) => {
  const Bucket = await s3.bucket("target");
  await s3.put(Bucket, "a", "source");
  const at = async (headers: Record<string, string>) => {
    await s3.put(Bucket, "b", "target");
    const answer = await s3.raw({
      method: "PUT",
      path: `/${Bucket}/b`,
      headers: { "x-amz-copy-source": `/${Bucket}/a`, ...headers },
    });
    return [outcome(answer), await bodyOf(s3.sdk, Bucket, "b")];
  };
  const refused = s3.differs({
    aws: ["412 PreconditionFailed", "target"],
    rgw: ["200", "source"],
    why: "the gateway ignores the conditions of a copy",
  });
  assert.deepEqual(await at({ "if-none-match": "*" }), refused);
  assert.deepEqual(await at({ "if-match": OTHER }), refused);
});

contract("If-Match deletes only the object that it names", async (s3) => {
  const Bucket = await s3.bucket("delete", "Enabled");
  await s3.put(Bucket, "a", "text");
  const headers = { "if-match": OTHER };
  const answer = await s3.raw({ method: "DELETE", path: `/${Bucket}/a`, headers });
  const expected = s3.differs({
    aws: ["412 PreconditionFailed", 1],
    rgw: ["204", 0],
    why: "the gateway ignores the condition of a delete",
  });
  assert.deepEqual([outcome(answer), (await s3.sdk.listObjectsV2({ Bucket })).KeyCount], expected);
});
