import assert from "node:assert/strict";
import { bodyOf, contract, outcome, refusal, setVersioning } from "./contract.ts";

contract(
  "versioning is unset in a new bucket, then Enabled or Suspended, never unset",
  async (s3) => {
    const Bucket = await s3.bucket("states");
    const status = async () => (await s3.sdk.getBucketVersioning({ Bucket })).Status;
    assert.equal(await status(), undefined);
    await setVersioning(s3.sdk, Bucket, "Enabled");
    assert.equal(await status(), "Enabled");
    await setVersioning(s3.sdk, Bucket, "Suspended");
    assert.equal(await status(), "Suspended");
  },
);

contract("an unversioned bucket keeps one version, null, and no id is answered", async (s3) => {
  const Bucket = await s3.bucket("never");
  assert.equal(await s3.put(Bucket, "a", "first"), undefined);
  await s3.put(Bucket, "a", "second");
  const { Versions = [] } = await s3.sdk.listObjectVersions({ Bucket });
  assert.deepEqual(Versions.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]), [[
    "null",
    true,
  ]]);
  assert.equal(await bodyOf(s3.sdk, Bucket, "a", "null"), "second");
});

contract("a delete in an unversioned bucket leaves nothing behind", async (s3) => {
  const Bucket = await s3.bucket("never");
  await s3.put(Bucket, "a");
  const answer = await s3.sdk.deleteObject({ Bucket, Key: "a" });
  assert.equal(answer.DeleteMarker, undefined);
  const listing = await s3.sdk.listObjectVersions({ Bucket });
  assert.deepEqual([listing.Versions, listing.DeleteMarkers], [undefined, undefined]);
});

contract("each put in a versioned bucket makes a version that stays readable", async (s3) => {
  const Bucket = await s3.bucket("kept", "Enabled");
  const first = await s3.put(Bucket, "a", "first");
  const second = await s3.put(Bucket, "a", "second");
  assert.notEqual(first, second);
  assert.equal(await bodyOf(s3.sdk, Bucket, "a"), "second");
  assert.equal(await bodyOf(s3.sdk, Bucket, "a", first), "first");
  const { VersionId } = await s3.sdk.headObject({ Bucket, Key: "a" });
  assert.equal(VersionId, second);
});

contract("a version id is 31 or 32 characters that need no encoding", async (s3) => {
  const Bucket = await s3.bucket("ids", "Enabled");
  for (let i = 0; i < 8; i++) {
    assert.match(await s3.put(Bucket, "a") ?? "", /^[0-9A-Za-z._-]{31,32}$/);
  }
});

contract("what was there before versioning is the version null", async (s3) => {
  const Bucket = await s3.bucket("before");
  await s3.put(Bucket, "a", "before");
  await setVersioning(s3.sdk, Bucket, "Enabled");
  await s3.put(Bucket, "a", "after");
  assert.equal(await bodyOf(s3.sdk, Bucket, "a", "null"), "before");
  const { Versions = [] } = await s3.sdk.listObjectVersions({ Bucket });
  assert.deepEqual(Versions.map(({ IsLatest }) => IsLatest), [true, false]);
  assert.equal(Versions[1]?.VersionId, "null");
});

contract("a suspended bucket replaces its version null and keeps the others", async (s3) => {
  const Bucket = await s3.bucket("suspended", "Enabled");
  const first = await s3.put(Bucket, "a", "first");
  await setVersioning(s3.sdk, Bucket, "Suspended");
  await s3.put(Bucket, "a", "second");
  await s3.put(Bucket, "a", "third");
  const { Versions = [] } = await s3.sdk.listObjectVersions({ Bucket });
  assert.deepEqual(Versions.map(({ VersionId }) => VersionId), ["null", first]);
  assert.equal(await bodyOf(s3.sdk, Bucket, "a"), "third");
  assert.equal(await bodyOf(s3.sdk, Bucket, "a", first), "first");
});

contract("a put in a suspended bucket answers no id; reading answers null", async (s3) => {
  const Bucket = await s3.bucket("suspended", "Suspended");
  assert.equal(await s3.put(Bucket, "a"), undefined);
  const expected = s3.differs({
    aws: "null",
    rgw: undefined,
    why: "the gateway answers the id null only where it was asked for",
  });
  assert.equal((await s3.sdk.headObject({ Bucket, Key: "a" })).VersionId, expected);
});

contract(
  "a delete in a suspended bucket puts a null marker in place of the null version",
  async (s3) => {
    const Bucket = await s3.bucket("suspended", "Enabled");
    const first = await s3.put(Bucket, "a", "first");
    await setVersioning(s3.sdk, Bucket, "Suspended");
    await s3.put(Bucket, "a", "second");
    const answer = await s3.sdk.deleteObject({ Bucket, Key: "a" });
    assert.deepEqual([answer.DeleteMarker, answer.VersionId], [true, "null"]);
    const { Versions = [], DeleteMarkers = [] } = await s3.sdk.listObjectVersions({ Bucket });
    assert.deepEqual(Versions.map(({ VersionId }) => VersionId), [first]);
    assert.deepEqual(DeleteMarkers.map(({ VersionId }) => VersionId), ["null"]);
  },
);

contract(
  "a version null that became old is replaced by the next null one, not kept",
  async (s3) => {
    const Bucket = await s3.bucket("nulls");
    await s3.put(Bucket, "a", "null one");
    await setVersioning(s3.sdk, Bucket, "Enabled");
    const middle = await s3.put(Bucket, "a", "middle");
    await setVersioning(s3.sdk, Bucket, "Suspended");
    await s3.put(Bucket, "a", "null two");
    const { Versions = [] } = await s3.sdk.listObjectVersions({ Bucket });
    assert.deepEqual(Versions.map(({ VersionId }) => VersionId), ["null", middle]);
    assert.equal(await bodyOf(s3.sdk, Bucket, "a", "null"), "null two");
  },
);

contract("a delete marker hides the object", async (s3) => {
  const Bucket = await s3.bucket("marker", "Enabled");
  const version = await s3.put(Bucket, "a", "text");
  const { DeleteMarker, VersionId } = await s3.sdk.deleteObject({ Bucket, Key: "a" });
  assert.equal(DeleteMarker, true);
  assert.equal(typeof VersionId, "string");
  assert.equal(await refusal(s3.sdk.getObject({ Bucket, Key: "a" })), "404 NoSuchKey");
  assert.equal((await s3.sdk.listObjectsV2({ Bucket })).KeyCount, 0);
  assert.equal(await bodyOf(s3.sdk, Bucket, "a", version), "text");
});

contract("an answer about a deleted object says whether a delete marker is why", async (s3) => {
  const Bucket = await s3.bucket("marker", "Enabled");
  await s3.put(Bucket, "a");
  const { VersionId = "" } = await s3.sdk.deleteObject({ Bucket, Key: "a" });
  const { status, headers } = await s3.raw({ method: "HEAD", path: `/${Bucket}/a` });
  assert.equal(status, 404);
  const expected = s3.differs({
    aws: ["true", VersionId],
    rgw: [null, null],
    why: "the gateway answers as if the object had never been",
  });
  assert.deepEqual([headers.get("x-amz-delete-marker"), headers.get("x-amz-version-id")], expected);
});

contract("a delete marker itself cannot be read", async (s3) => {
  const Bucket = await s3.bucket("marker", "Enabled");
  const { VersionId } = await s3.sdk.deleteObject({ Bucket, Key: "a" });
  const expected = s3.differs({
    aws: "405 MethodNotAllowed",
    rgw: "404 NoSuchKey",
    why: "the gateway does not tell a marker from a version that is not there",
  });
  assert.equal(await refusal(s3.sdk.getObject({ Bucket, Key: "a", VersionId })), expected);
});

contract("removing the delete marker brings the object back", async (s3) => {
  const Bucket = await s3.bucket("undelete", "Enabled");
  const version = await s3.put(Bucket, "a", "text");
  const { VersionId } = await s3.sdk.deleteObject({ Bucket, Key: "a" });
  const removed = await s3.sdk.deleteObject({ Bucket, Key: "a", VersionId });
  assert.deepEqual([removed.DeleteMarker, removed.VersionId], [true, VersionId]);
  assert.equal(await bodyOf(s3.sdk, Bucket, "a"), "text");
  assert.equal((await s3.sdk.headObject({ Bucket, Key: "a" })).VersionId, version);
});

contract("removing the current version makes the one before it current", async (s3) => {
  const Bucket = await s3.bucket("peel", "Enabled");
  const first = await s3.put(Bucket, "a", "first");
  const second = await s3.put(Bucket, "a", "second");
  await s3.sdk.deleteObject({ Bucket, Key: "a", VersionId: second });
  assert.equal(await bodyOf(s3.sdk, Bucket, "a"), "first");
  const { Versions = [] } = await s3.sdk.listObjectVersions({ Bucket });
  assert.deepEqual(Versions.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]), [[
    first,
    true,
  ]]);
});

contract("a well-formed version id that was never given is not found", async (s3) => {
  const Bucket = await s3.bucket("strange", "Enabled");
  const version = await s3.put(Bucket, "a") ?? "";
  const other = await s3.put(Bucket, "b") ?? "";
  assert.notEqual(version, other);
  const expected = s3.differs({
    aws: "404 NoSuchVersion",
    rgw: "404 NoSuchKey",
    why: "the gateway has one answer for both",
  });
  assert.equal(await refusal(s3.sdk.getObject({ Bucket, Key: "a", VersionId: other })), expected);
});

contract("what is no version id at all is refused", async (s3) => {
  const Bucket = await s3.bucket("strange", "Enabled");
  await s3.put(Bucket, "a");
  const answer = await s3.raw({ path: `/${Bucket}/a`, query: { versionId: "nonsense" } });
  const expected = s3.differs({
    aws: "400 InvalidArgument",
    rgw: "404 NoSuchKey",
    why: "the gateway takes any text for a version id",
  });
  assert.equal(outcome(answer), expected);
});

contract("reading by version id answers that id", async (s3) => {
  const Bucket = await s3.bucket("echo", "Enabled");
  const first = await s3.put(Bucket, "a", "first");
  await s3.put(Bucket, "a", "second");
  const { VersionId, ContentLength } = await s3.sdk.headObject({
    Bucket,
    Key: "a",
    VersionId: first,
  });
  assert.deepEqual([VersionId, ContentLength], [first, 5]);
});
