import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { bodyOf, type Contract, contract, outcome, refusal } from "./contract.ts";

/** The smallest part that may have another behind it: 5 MiB. */
const PART = new Uint8Array(5 * 1024 * 1024).fill(0x61);
const LAST = new TextEncoder().encode("the end");

interface Upload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string | undefined;
}

async function begin(s3: Contract, Bucket: string, Key = "a"): Promise<Upload> {
  const { UploadId } = await s3.sdk.createMultipartUpload({ Bucket, Key });
  return { Bucket, Key, UploadId };
}

/** Uploads parts numbered from 1; resolves to what completion wants of them. */
async function uploadParts(s3: Contract, upload: Upload, bodies: readonly Uint8Array[]) {
  const parts = [];
  for (const [index, Body] of bodies.entries()) {
    const PartNumber = index + 1;
    const { ETag } = await s3.sdk.uploadPart({ ...upload, PartNumber, Body });
    parts.push({ PartNumber, ETag });
  }
  return parts;
}

/** A whole multipart upload; resolves to its version id, if any. */
async function uploadAll(s3: Contract, Bucket: string, Key: string, bodies: readonly Uint8Array[]) {
  const upload = await begin(s3, Bucket, Key);
  const Parts = await uploadParts(s3, upload, bodies);
  return await s3.sdk.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
}

/** The ETag of an object of several parts: the MD5 of the parts' MD5s, and their number. */
function multipartETag(bodies: readonly Uint8Array[]): string {
  const digests = bodies.map((body) => createHash("md5").update(body).digest());
  return `"${createHash("md5").update(Buffer.concat(digests)).digest("hex")}-${bodies.length}"`;
}

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

contract("a part number is from 1 to 10,000", async (s3) => {
  const upload = await begin(s3, await s3.bucket("number"));
  const at = (PartNumber: number) =>
    refusal(s3.sdk.uploadPart({ ...upload, PartNumber, Body: LAST }));
  const expected = s3.differs({
    aws: "400 InvalidArgument",
    rgw: "accepted",
    why: "the gateway takes any number",
  });
  assert.equal(await at(10_001), expected);
  assert.equal(await at(0), expected);
});

contract("a completion names parts as they were uploaded", async (s3) => {
  const upload = await begin(s3, await s3.bucket("wrong"));
  const [part] = await uploadParts(s3, upload, [LAST]);
  const at = (...Parts: { PartNumber: number; ETag: string | undefined }[]) =>
    refusal(s3.sdk.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } }));
  assert.equal(await at({ PartNumber: 7, ETag: part!.ETag }), "400 InvalidPart");
  assert.equal(await at({ PartNumber: 1, ETag: '"wrong"' }), "400 InvalidPart");
  assert.equal(await at(part!), "accepted");
});

contract("a completion names parts in order", async (s3) => {
  const upload = await begin(s3, await s3.bucket("disorder"));
  const parts = await uploadParts(s3, upload, [PART, PART]);
  const MultipartUpload = { Parts: parts.reverse() };
  const expected = s3.differs({
    aws: "400 InvalidPartOrder",
    rgw: "accepted",
    why: "the gateway puts them in order",
  });
  const complete = s3.sdk.completeMultipartUpload({ ...upload, MultipartUpload });
  assert.equal(await refusal(complete), expected);
});

contract("every part but the last has at least 5 MiB", async (s3) => {
  const upload = await begin(s3, await s3.bucket("small"));
  const Parts = await uploadParts(s3, upload, [LAST, LAST]);
  const complete = s3.sdk.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
  assert.equal(await refusal(complete), "400 EntityTooSmall");
});

contract("a completion without parts is refused", async (s3) => {
  const { Bucket, Key, UploadId = "" } = await begin(s3, await s3.bucket("empty"));
  const answer = await s3.raw({
    method: "POST",
    path: `/${Bucket}/${Key}`,
    query: { uploadId: UploadId },
    body: "<CompleteMultipartUpload></CompleteMultipartUpload>",
  });
  assert.equal(outcome(answer), "400 MalformedXML");
});

contract("an upload that is not there is refused", async (s3) => {
  const Bucket = await s3.bucket("unknown");
  const upload = { Bucket, Key: "a", UploadId: "nothing" };
  const part = { ...upload, PartNumber: 1 };
  assert.equal(await refusal(s3.sdk.uploadPart({ ...part, Body: LAST })), "404 NoSuchUpload");
  const listed = s3.differs({
    aws: "404 NoSuchUpload",
    rgw: "404 NoSuchKey",
    why: "the gateway looks for the object that holds the upload",
  });
  assert.equal(await refusal(s3.sdk.listParts(upload)), listed);

  assert.equal(await refusal(s3.sdk.abortMultipartUpload(upload)), "404 NoSuchUpload");
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: '"x"' }] };
  const complete = s3.sdk.completeMultipartUpload({ ...upload, MultipartUpload });
  const completed = s3.differs({
    aws: "404 NoSuchUpload",
    rgw: "500 InternalError",
    why: "the gateway stumbles",
  });
  assert.equal(await refusal(complete), completed);
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

contract("parts copied with the source's boundaries give the source's ETag", async (s3) => {
  const Bucket = await s3.bucket("copy", "Enabled");
  await uploadAll(s3, Bucket, "a", [PART, LAST]);
  const source = await s3.sdk.headObject({ Bucket, Key: "a" });
  await s3.put(Bucket, "a", "something newer");
  const upload = await begin(s3, Bucket, "b");
  const CopySource = `${Bucket}/a?versionId=${source.VersionId}`;
  const ranges = [
    `bytes=0-${PART.length - 1}`,
    `bytes=${PART.length}-${source.ContentLength! - 1}`,
  ];
  const Parts = [];
  for (const [index, CopySourceRange] of ranges.entries()) {
    const PartNumber = index + 1;
    const part = { ...upload, PartNumber, CopySource, CopySourceRange };
    const { CopyPartResult } = await s3.sdk.uploadPartCopy(part);
    Parts.push({ PartNumber, ETag: CopyPartResult?.ETag });
  }
  await s3.sdk.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
  assert.equal((await s3.sdk.headObject({ Bucket, Key: "b" })).ETag, source.ETag);
});

contract("a copied part must lie within its source", async (s3) => {
  const Bucket = await s3.bucket("range");
  await s3.put(Bucket, "a", "text");
  const upload = await begin(s3, Bucket, "b");
  const copy = s3.sdk.uploadPartCopy({
    ...upload,
    PartNumber: 1,
    CopySource: `${Bucket}/a`,
    CopySourceRange: "bytes=2-9",
  });
  const expected = s3.differs({
    aws: "400 InvalidArgument",
    rgw: "416 InvalidRange",
    why: "another code for the same",
  });
  assert.equal(await refusal(copy), expected);
});

contract("a single copy of a multipart object has another ETag than its source", async (s3) => {
  const Bucket = await s3.bucket("flatten");
  await uploadAll(s3, Bucket, "a", [PART, LAST]);
  await s3.sdk.copyObject({ Bucket, Key: "b", CopySource: `${Bucket}/a` });
  const whole = `"${createHash("md5").update(PART).update(LAST).digest("hex")}"`;
  const expected = s3.differs({
    aws: whole,
    rgw: multipartETag([PART, LAST]),
    why: "AWS makes one part of it; the gateway shares the parts and keeps their ETag",
  });
  assert.equal((await s3.sdk.headObject({ Bucket, Key: "b" })).ETag, expected);
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
