import assert from "node:assert/strict";
import { contract, outcome, refusal } from "./contract.ts";
import { begin, LAST, PART, uploadParts } from "./upload.ts";

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
