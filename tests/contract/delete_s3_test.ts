import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Contract, contract, outcome } from "./contract.ts";

/** Sends a DeleteObjects document as it stands. */
function deleteRaw(
  s3: Contract,
  bucket: string,
  body: string,
  headers: Record<string, string> = {},
) {
  return s3.raw({ method: "POST", path: `/${bucket}`, query: { delete: "" }, body, headers });
}

const md5 = (text: string) => createHash("md5").update(text).digest("base64");

contract("DeleteObjects takes no key that XML cannot express, and none beside it", async (s3) => {
  const Bucket = await s3.bucket("control");
  await s3.put(Bucket, "a");
  for (const key of ["&#x1;", "\u0001"]) {
    const body = `<Delete><Object><Key>a</Key></Object><Object><Key>${key}</Key></Object></Delete>`;
    const answer = await deleteRaw(s3, Bucket, body, { "content-md5": md5(body) });
    const expected = s3.differs({
      aws: "400 MalformedXML",
      rgw: "400",
      why: "the gateway refuses without a document",
    });
    assert.equal(outcome(answer), expected);
  }
  assert.equal((await s3.sdk.listObjectsV2({ Bucket })).KeyCount, 1);
});

contract("DeleteObjects answers for each key that it could not delete", async (s3) => {
  const Bucket = await s3.bucket("errors", "Enabled");
  const VersionId = await s3.put(Bucket, "good");
  const Objects = [{ Key: "bad", VersionId: "nonsense" }, { Key: "good", VersionId }];
  const answer = await s3.sdk.deleteObjects({ Bucket, Delete: { Objects, Quiet: true } });
  const expected = s3.differs({
    aws: [{ Key: "bad", VersionId: "nonsense" }],
    rgw: undefined,
    why: "the gateway takes any text for a version id, and has deleted it",
  });
  assert.deepEqual(answer.Errors?.map(({ Key, VersionId }) => ({ Key, VersionId })), expected);
  assert.equal((await s3.sdk.listObjectVersions({ Bucket })).Versions, undefined);
});

contract("deleting what is not there succeeds", async (s3) => {
  const Bucket = await s3.bucket("nothing");
  const answer = await s3.raw({ method: "DELETE", path: `/${Bucket}/never` });
  assert.equal(answer.status, 204);
});

contract("deleting a missing key of a versioned bucket leaves a delete marker", async (s3) => {
  const Bucket = await s3.bucket("nothing", "Enabled");
  const { DeleteMarker, VersionId } = await s3.sdk.deleteObject({ Bucket, Key: "never" });
  assert.equal(DeleteMarker, true);
  const { DeleteMarkers = [] } = await s3.sdk.listObjectVersions({ Bucket });
  assert.deepEqual(DeleteMarkers.map((marker) => marker.VersionId), [VersionId]);
});

contract("a delete on top of a delete marker adds another", async (s3) => {
  const Bucket = await s3.bucket("twice", "Enabled");
  await s3.put(Bucket, "a");
  const first = (await s3.sdk.deleteObject({ Bucket, Key: "a" })).VersionId;
  const second = (await s3.sdk.deleteObject({ Bucket, Key: "a" })).VersionId;
  const { DeleteMarkers = [] } = await s3.sdk.listObjectVersions({ Bucket });
  const expected = s3.differs({
    aws: [second, first],
    rgw: [first],
    why: "the gateway leaves it at one marker",
  });
  assert.deepEqual(DeleteMarkers.map(({ VersionId }) => VersionId), expected);
});

contract("deleting a version twice succeeds twice", async (s3) => {
  const Bucket = await s3.bucket("version", "Enabled");
  const versionId = await s3.put(Bucket, "a") ?? "";
  const gone = () => s3.raw({ method: "DELETE", path: `/${Bucket}/a`, query: { versionId } });
  const first = await gone();
  assert.equal(first.status, 204);
  assert.equal(first.headers.get("x-amz-version-id"), versionId);
  assert.equal(first.headers.get("x-amz-delete-marker"), null);
  assert.equal((await gone()).status, 204);
  const { Versions } = await s3.sdk.listObjectVersions({ Bucket });
  assert.equal(Versions, undefined);
});

contract("DeleteObjects deletes versions and answers each of them", async (s3) => {
  const Bucket = await s3.bucket("batch", "Enabled");
  const kept = await s3.put(Bucket, "a");
  const old = await s3.put(Bucket, "a");
  const other = await s3.put(Bucket, "b");
  const Objects = [{ Key: "a", VersionId: old }, { Key: "b", VersionId: other }];
  const { Deleted = [], Errors } = await s3.sdk.deleteObjects({ Bucket, Delete: { Objects } });
  assert.equal(Errors, undefined);
  const said = Deleted.map(({ Key, VersionId }) => ({ Key, VersionId }));
  assert.deepEqual(said.sort((a, b) => a.Key! < b.Key! ? -1 : 1), Objects);
  const { Versions = [] } = await s3.sdk.listObjectVersions({ Bucket });
  assert.deepEqual(Versions.map(({ VersionId }) => VersionId), [kept]);
});

contract("DeleteObjects without version ids answers the markers that it made", async (s3) => {
  const Bucket = await s3.bucket("batch", "Enabled");
  await s3.put(Bucket, "a");
  const { Deleted = [] } = await s3.sdk.deleteObjects({
    Bucket,
    Delete: { Objects: [{ Key: "a" }] },
  });
  const { DeleteMarkers = [] } = await s3.sdk.listObjectVersions({ Bucket });
  assert.equal(Deleted[0]?.DeleteMarker, true);
  assert.equal(Deleted[0]?.DeleteMarkerVersionId, DeleteMarkers[0]?.VersionId);
});

contract("DeleteObjects removes a marker by its version id", async (s3) => {
  const Bucket = await s3.bucket("batch", "Enabled");
  await s3.put(Bucket, "a");
  const { VersionId } = await s3.sdk.deleteObject({ Bucket, Key: "a" });
  const { Deleted = [] } = await s3.sdk.deleteObjects({
    Bucket,
    Delete: { Objects: [{ Key: "a", VersionId }] },
  });
  assert.equal(Deleted[0]?.DeleteMarker, true);
  assert.equal(Deleted[0]?.DeleteMarkerVersionId, VersionId);
  assert.equal((await s3.sdk.listObjectsV2({ Bucket })).KeyCount, 1);
});

contract("DeleteObjects reports what was already gone as deleted", async (s3) => {
  const Bucket = await s3.bucket("batch", "Enabled");
  const VersionId = await s3.put(Bucket, "a");
  const Delete = { Objects: [{ Key: "a", VersionId }] };
  await s3.sdk.deleteObjects({ Bucket, Delete });
  const again = await s3.sdk.deleteObjects({ Bucket, Delete });
  assert.deepEqual([again.Deleted?.length, again.Errors], [1, undefined]);
});

contract("a quiet DeleteObjects answers errors alone", async (s3) => {
  const Bucket = await s3.bucket("quiet", "Enabled");
  const VersionId = await s3.put(Bucket, "a");
  const Delete = { Quiet: true, Objects: [{ Key: "a", VersionId }] };
  const { Deleted, Errors } = await s3.sdk.deleteObjects({ Bucket, Delete });
  assert.deepEqual([Deleted, Errors], [undefined, undefined]);
  assert.equal((await s3.sdk.listObjectVersions({ Bucket })).Versions, undefined);
});

contract("DeleteObjects takes 1,000 objects and no more", async (s3) => {
  const Bucket = await s3.bucket("limit");
  const document = (count: number) =>
    `<Delete><Quiet>true</Quiet>${
      Array.from({ length: count }, (_, i) => `<Object><Key>${i}</Key></Object>`).join("")
    }</Delete>`;
  const at = async (count: number) => {
    const body = document(count);
    return outcome(await deleteRaw(s3, Bucket, body, { "content-md5": md5(body) }));
  };
  assert.equal(await at(1000), "200");
  const expected = s3.differs({
    aws: "400 MalformedXML",
    rgw: "400",
    why: "the gateway refuses without a document",
  });
  assert.equal(await at(1001), expected);
});

contract("DeleteObjects refuses an empty list and what is no XML", async (s3) => {
  const Bucket = await s3.bucket("malformed");
  const at = async (body: string) =>
    outcome(await deleteRaw(s3, Bucket, body, { "content-md5": md5(body) }));
  const empty = s3.differs({
    aws: "400 MalformedXML",
    rgw: "200",
    why: "the gateway deletes nothing, with success",
  });
  assert.equal(await at("<Delete></Delete>"), empty);
  const broken = s3.differs({
    aws: "400 MalformedXML",
    rgw: "400",
    why: "the gateway refuses without a document",
  });
  assert.equal(await at("<Delete><Object>"), broken);
});

contract("DeleteObjects wants a digest of its body", async (s3) => {
  const Bucket = await s3.bucket("digest");
  const body = "<Delete><Object><Key>a</Key></Object></Delete>";
  const expected = s3.differs({
    aws: "400 InvalidRequest",
    rgw: "200",
    why: "the gateway does without",
  });
  assert.equal(outcome(await deleteRaw(s3, Bucket, body)), expected);
});

contract("DeleteObjects refuses a body that its digest does not fit", async (s3) => {
  const Bucket = await s3.bucket("digest");
  await s3.put(Bucket, "a");
  const body = "<Delete><Object><Key>a</Key></Object></Delete>";
  const answer = await deleteRaw(s3, Bucket, body, { "content-md5": md5("another") });
  const expected = s3.differs({
    aws: ["400 BadDigest", 1],
    rgw: ["200", 0],
    why: "the gateway does not look at the digest",
  });
  assert.deepEqual([outcome(answer), (await s3.sdk.listObjectsV2({ Bucket })).KeyCount], expected);
});
