import assert from "node:assert/strict";
import { bodyOf, contract, refusal } from "./contract.ts";
import { begin, LAST, multipartETag, PART, uploadAll, uploadParts } from "./upload.ts";

contract("parts become one object, with the ETag of its parts", async (s3) => {
  const Bucket = await s3.bucket("parts", "Enabled");
  const { VersionId } = await uploadAll(s3, Bucket, "a", [PART, LAST]);
  const head = await s3.sdk.headObject({ Bucket, Key: "a" });
  assert.equal(head.ETag, multipartETag([PART, LAST]));
  assert.equal(head.ContentLength, PART.length + LAST.length);
  assert.equal(head.VersionId, VersionId);
  const range = { headers: { range: "bytes=-8" } };
  assert.equal((await s3.raw({ path: `/${Bucket}/a`, ...range })).text, "athe end");
});

contract("the answer to a completion names the object's ETag", async (s3) => {
  const Bucket = await s3.bucket("answer");
  const { ETag } = await uploadAll(s3, Bucket, "a", [LAST]);
  const expected = s3.differs({
    aws: multipartETag([LAST]),
    rgw: "",
    why: "the gateway leaves the element empty",
  });
  assert.equal(ETag, expected);
});

contract("an upload is not seen before it is complete", async (s3) => {
  const Bucket = await s3.bucket("hidden", "Enabled");
  await uploadParts(s3, await begin(s3, Bucket), [LAST]);
  assert.equal(await refusal(s3.sdk.getObject({ Bucket, Key: "a" })), "404 NoSuchKey");
  assert.equal((await s3.sdk.listObjectVersions({ Bucket })).Versions, undefined);
});

contract("an upload keeps the metadata, headers and tags that it began with", async (s3) => {
  const Bucket = await s3.bucket("metadata");
  const Key = "a";
  const Metadata = { colour: "blue" };
  const { UploadId } = await s3.sdk.createMultipartUpload({
    Bucket,
    Key,
    Metadata,
    ContentType: "text/plain",
    Tagging: "team=a",
  });
  const upload = { Bucket, Key, UploadId };
  const Parts = await uploadParts(s3, upload, [LAST]);
  await s3.sdk.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
  const head = await s3.sdk.headObject({ Bucket, Key });
  assert.deepEqual([head.ContentType, head.Metadata], ["text/plain", Metadata]);
  const { TagSet } = await s3.sdk.getObjectTagging({ Bucket, Key });
  const expected = s3.differs({
    aws: [{ Key: "team", Value: "a" }],
    rgw: [],
    why: "the gateway drops the tags of an upload in parts",
  });
  assert.deepEqual(TagSet ?? [], expected);
});

contract("a part sent again replaces the first", async (s3) => {
  const Bucket = await s3.bucket("again");
  const upload = await begin(s3, Bucket);
  await uploadParts(s3, upload, [PART]);
  const Parts = await uploadParts(s3, upload, [LAST]);
  await s3.sdk.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
  assert.equal(await bodyOf(s3.sdk, Bucket, "a"), "the end");
});

contract("part numbers may leave gaps", async (s3) => {
  const Bucket = await s3.bucket("gaps");
  const upload = await begin(s3, Bucket);
  const first = await s3.sdk.uploadPart({ ...upload, PartNumber: 3, Body: PART });
  const second = await s3.sdk.uploadPart({ ...upload, PartNumber: 10_000, Body: LAST });
  const Parts = [{ PartNumber: 3, ETag: first.ETag }, { PartNumber: 10_000, ETag: second.ETag }];
  await s3.sdk.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
  const { ETag } = await s3.sdk.headObject({ Bucket, Key: "a" });
  assert.equal(ETag, multipartETag([PART, LAST]));
});

contract("an aborted upload leaves nothing and takes no more parts", async (s3) => {
  const Bucket = await s3.bucket("abort");
  const upload = await begin(s3, Bucket);
  await uploadParts(s3, upload, [LAST]);
  await s3.sdk.abortMultipartUpload(upload);
  const part = s3.sdk.uploadPart({ ...upload, PartNumber: 2, Body: LAST });
  assert.equal(await refusal(part), "404 NoSuchUpload");
  assert.equal((await s3.sdk.listMultipartUploads({ Bucket })).Uploads, undefined);
  await s3.sdk.deleteBucket({ Bucket });
});

contract("uploads under way are listed by key, with their parts", async (s3) => {
  const Bucket = await s3.bucket("list");
  const second = await begin(s3, Bucket, "b/ü");
  const first = await begin(s3, Bucket, "a");
  const { Uploads = [], IsTruncated } = await s3.sdk.listMultipartUploads({ Bucket });
  assert.deepEqual(Uploads.map(({ Key }) => Key), ["a", "b/ü"]);
  assert.deepEqual(Uploads.map(({ UploadId }) => UploadId), [first.UploadId, second.UploadId]);
  assert.equal(IsTruncated, false);
  const parts = await uploadParts(s3, second, [LAST, LAST]);
  const listed = await s3.sdk.listParts(second);
  assert.deepEqual(listed.Parts?.map(({ PartNumber, ETag }) => ({ PartNumber, ETag })), parts);
  assert.deepEqual(listed.Parts?.map(({ Size }) => Size), [LAST.length, LAST.length]);
});

contract("a listing of parts goes on behind a part number", async (s3) => {
  const upload = await begin(s3, await s3.bucket("pages"));
  await uploadParts(s3, upload, [LAST, LAST, LAST]);
  const first = await s3.sdk.listParts({ ...upload, MaxParts: 2 });
  assert.equal(first.IsTruncated, true);
  assert.deepEqual(first.Parts?.map(({ PartNumber }) => PartNumber), [1, 2]);
  const rest = await s3.sdk.listParts({ ...upload, PartNumberMarker: first.NextPartNumberMarker });
  assert.deepEqual(rest.Parts?.map(({ PartNumber }) => PartNumber), [3]);
});

contract("a HEAD with a part number tells that part's size and how many there are", async (s3) => {
  const Bucket = await s3.bucket("partnumber");
  await uploadAll(s3, Bucket, "a", [PART, LAST]);
  const { status, headers } = await s3.raw({
    method: "HEAD",
    path: `/${Bucket}/a`,
    query: { partNumber: "2" },
  });
  const expected = s3.differs({
    aws: [206, String(LAST.length), "2"],
    rgw: [200, String(PART.length + LAST.length), null],
    why: "the gateway answers for the whole object",
  });
  const said = [status, headers.get("content-length"), headers.get("x-amz-mp-parts-count")];
  assert.deepEqual(said, expected);
});

contract("If-None-Match: * does not complete over an object", async (s3) => {
  const Bucket = await s3.bucket("condition");
  await s3.put(Bucket, "a", "first");
  const upload = await begin(s3, Bucket);
  const Parts = await uploadParts(s3, upload, [LAST]);
  const MultipartUpload = { Parts };
  const complete = s3.sdk.completeMultipartUpload({ ...upload, MultipartUpload, IfNoneMatch: "*" });
  const expected = s3.differs({
    aws: ["412 PreconditionFailed", "first"],
    rgw: ["accepted", "the end"],
    why: "the gateway ignores the condition",
  });
  assert.deepEqual([await refusal(complete), await bodyOf(s3.sdk, Bucket, "a")], expected);
});

contract("an object of several parts is dated when it began", async (s3) => {
  const Bucket = await s3.bucket("dated", "Enabled");
  const upload = await begin(s3, Bucket);
  const Parts = await uploadParts(s3, upload, [LAST]);
  const between = await s3.put(Bucket, "between");
  await s3.sdk.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
  const { Versions = [] } = await s3.sdk.listObjectVersions({ Bucket });
  const [uploaded, put] = Versions;
  assert.equal(put?.VersionId, between);
  const older = +uploaded!.LastModified! <= +put!.LastModified!;
  const expected = s3.differs({
    aws: true,
    rgw: false,
    why: "the gateway dates it at its completion",
  });
  assert.equal(older, expected);
});

contract("an upload in parts has the tags that it was begun with", async (s3) => {
  const Bucket = await s3.bucket("tags", "Enabled");
  const { UploadId } = await s3.sdk.createMultipartUpload({ Bucket, Key: "a", Tagging: "x=1" });
  const upload = { Bucket, Key: "a", UploadId };
  const Parts = await uploadParts(s3, upload, [LAST]);
  const { VersionId } = await s3.sdk.completeMultipartUpload({
    ...upload,
    MultipartUpload: { Parts },
  });
  const expected = s3.differs({
    aws: [{ Key: "x", Value: "1" }],
    rgw: [],
    why: "the gateway takes no tags here: they have to be put on the object afterwards",
  });
  const { TagSet = [] } = await s3.sdk.getObjectTagging({ Bucket, Key: "a" });
  assert.deepEqual(TagSet, expected);
  const made = (await s3.sdk.headObject({ Bucket, Key: "a" })).VersionId;
  assert.equal(VersionId, made);
});
