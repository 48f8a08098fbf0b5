import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { contract, refusal } from "./contract.ts";
import { begin, LAST, multipartETag, PART, uploadAll } from "./upload.ts";

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

contract("a part is copied from a key with a percent sign", async (s3) => {
  const Bucket = await s3.bucket("percent");
  await s3.put(Bucket, "a%41b", "text");
  const upload = await begin(s3, Bucket, "b");
  const part = { ...upload, PartNumber: 1, CopySourceRange: "bytes=0-3" };
  const copy = s3.sdk.uploadPartCopy({ ...part, CopySource: `${Bucket}/a%2541b` });
  const expected = s3.differs({
    aws: "accepted",
    rgw: "404 NoSuchKey",
    why: "the gateway decodes the source twice, here alone, and looks for aAb. Where the second " +
      "decoding fails, as with 100%25%20, the whole gateway dies, which no test can show",
  });
  assert.equal(await refusal(copy), expected);
});
