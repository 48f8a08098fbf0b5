import assert from "node:assert/strict";
import { type Contract, contract, refusal } from "./contract.ts";
import { PART } from "./upload.ts";

const EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers";

/** A bucket whose objects have access control lists. */
async function bucketWithLists(s3: Contract, hint: string): Promise<string> {
  const Bucket = s3.server.bucketName(hint);
  await s3.sdk.createBucket({ Bucket, ObjectOwnership: "ObjectWriter" });
  return Bucket;
}

/** The list of an object: `owner` in place of the owner's id, which differs between servers. */
async function grantsOf(s3: Contract, Bucket: string, Key: string): Promise<string[]> {
  const { Owner, Grants = [] } = await s3.sdk.getObjectAcl({ Bucket, Key });
  return Grants.map(({ Grantee, Permission }) =>
    `${Grantee?.ID === Owner?.ID ? "owner" : Grantee?.URI} ${Permission}`
  ).sort();
}

/** Headers that grant what `public-read` does. */
async function publicGrants(s3: Contract, Bucket: string) {
  const { Owner } = await s3.sdk.getObjectAcl({ Bucket, Key: "a" });
  return { GrantFullControl: `id="${Owner?.ID}"`, GrantRead: `uri="${EVERYBODY}"` };
}

const PRIVATE = ["owner FULL_CONTROL"];
const PUBLIC = [`${EVERYBODY} READ`, "owner FULL_CONTROL"];

contract("an object is its owner's alone unless its writer says otherwise", async (s3) => {
  const Bucket = await bucketWithLists(s3, "acl");
  await s3.put(Bucket, "a");
  assert.deepEqual(await grantsOf(s3, Bucket, "a"), PRIVATE);
  await s3.sdk.putObjectAcl({ Bucket, Key: "a", ACL: "public-read" });
  assert.deepEqual(await grantsOf(s3, Bucket, "a"), PUBLIC);
});

contract("a copy does not take its source's access control list along", async (s3) => {
  const Bucket = await bucketWithLists(s3, "acl");
  await s3.sdk.putObject({ Bucket, Key: "a", Body: "text", ACL: "public-read" });
  await s3.sdk.copyObject({ Bucket, Key: "b", CopySource: `${Bucket}/a` });
  assert.deepEqual(await grantsOf(s3, Bucket, "b"), PRIVATE);
});

contract("writes, copies and uploads take the grants of their headers", async (s3) => {
  const Bucket = await bucketWithLists(s3, "acl");
  await s3.put(Bucket, "a", "text");
  const grants = await publicGrants(s3, Bucket);
  await s3.sdk.putObject({ Bucket, Key: "put", Body: "", ...grants });
  await s3.sdk.copyObject({ Bucket, Key: "copy", CopySource: `${Bucket}/a`, ...grants });
  const upload = { Bucket, Key: "upload" };
  const { UploadId } = await s3.sdk.createMultipartUpload({ ...upload, ...grants });
  const part = { ...upload, UploadId, PartNumber: 1 };
  const { ETag } = await s3.sdk.uploadPart({ ...part, Body: PART });
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await s3.sdk.completeMultipartUpload({ ...upload, UploadId, MultipartUpload });
  for (const key of ["put", "copy", "upload"]) {
    assert.deepEqual(await grantsOf(s3, Bucket, key), PUBLIC, key);
  }
});

contract("a bucket that was made without further words refuses grants", async (s3) => {
  const Bucket = await s3.bucket("acl");
  await s3.put(Bucket, "a", "text");
  const grants = await publicGrants(s3, Bucket);
  const refused = s3.differs({
    aws: "400 AccessControlListNotSupported",
    rgw: "accepted",
    why: "the gateway knows of no object ownership, and has lists in every bucket",
  });
  const CopySource = `${Bucket}/a`;
  assert.equal(
    await refusal(s3.sdk.copyObject({ Bucket, Key: "b", CopySource, ...grants })),
    refused,
  );
  assert.equal(await refusal(s3.sdk.putObject({ Bucket, Key: "c", Body: "", ...grants })), refused);
  assert.equal(
    await refusal(s3.sdk.createMultipartUpload({ Bucket, Key: "d", ...grants })),
    refused,
  );
});
