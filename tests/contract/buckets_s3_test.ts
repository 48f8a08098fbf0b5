import assert from "node:assert/strict";
import { contract, outcome, refusal } from "./contract.ts";

contract("a bucket can be made, is found and listed, and is gone when deleted", async (s3) => {
  const Bucket = await s3.bucket("made");
  assert.equal((await s3.raw({ method: "HEAD", path: `/${Bucket}` })).status, 200);
  assert.ok((await s3.sdk.listBuckets()).Buckets?.some(({ Name }) => Name === Bucket));
  await s3.sdk.deleteBucket({ Bucket });
  assert.equal((await s3.raw({ method: "HEAD", path: `/${Bucket}` })).status, 404);
});

contract("making one's own bucket again changes nothing", async (s3) => {
  const Bucket = await s3.bucket("again", "Enabled");
  await s3.put(Bucket, "kept");
  assert.equal(outcome(await s3.raw({ method: "PUT", path: `/${Bucket}` })), "200");
  assert.equal((await s3.sdk.getBucketVersioning({ Bucket })).Status, "Enabled");
  assert.equal((await s3.sdk.listObjectsV2({ Bucket })).KeyCount, 1);
});

contract("a name with upper case or an underscore is no bucket name", async (s3) => {
  assert.equal(
    outcome(await s3.raw({ method: "PUT", path: "/Bad_Name" })),
    "400 InvalidBucketName",
  );
});

contract("every call on a bucket that is not there says NoSuchBucket", async (s3) => {
  const Bucket = s3.server.bucketName("missing");
  const { sdk } = s3;
  const calls: Record<string, Promise<unknown>> = {
    GetObject: sdk.getObject({ Bucket, Key: "a" }),
    PutObject: sdk.putObject({ Bucket, Key: "a", Body: "text" }),
    DeleteObject: sdk.deleteObject({ Bucket, Key: "a" }),
    DeleteObjects: sdk.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "a" }] } }),
    ListObjectsV2: sdk.listObjectsV2({ Bucket }),
    ListObjectVersions: sdk.listObjectVersions({ Bucket }),
    ListMultipartUploads: sdk.listMultipartUploads({ Bucket }),
    CreateMultipartUpload: sdk.createMultipartUpload({ Bucket, Key: "a" }),
    GetBucketVersioning: sdk.getBucketVersioning({ Bucket }),
    GetBucketReplication: sdk.getBucketReplication({ Bucket }),
    GetBucketLocation: sdk.getBucketLocation({ Bucket }),
    DeleteBucket: sdk.deleteBucket({ Bucket }),
  };
  const said = await Promise.all(
    Object.entries(calls).map(async ([name, call]) => [name, await refusal(call)]),
  );
  const expected = Object.keys(calls).map((name) => [name, "404 NoSuchBucket"]);
  assert.deepEqual(Object.fromEntries(said), Object.fromEntries(expected));
});

contract("a HEAD of a missing bucket answers without a body", async (s3) => {
  const path = `/${s3.server.bucketName("missing")}`;
  const { status, body } = await s3.raw({ method: "HEAD", path });
  assert.equal(status, 404);
  assert.equal(body.length, 0);
});

contract(
  "a bucket with an object, an old version or a delete marker is not deleted",
  async (s3) => {
    const Bucket = await s3.bucket("full", "Enabled");
    const version = await s3.put(Bucket, "a");
    assert.equal(await refusal(s3.sdk.deleteBucket({ Bucket })), "409 BucketNotEmpty");
    const marker = (await s3.sdk.deleteObject({ Bucket, Key: "a" })).VersionId;
    assert.equal(await refusal(s3.sdk.deleteBucket({ Bucket })), "409 BucketNotEmpty");
    await s3.sdk.deleteObject({ Bucket, Key: "a", VersionId: version });
    assert.equal(await refusal(s3.sdk.deleteBucket({ Bucket })), "409 BucketNotEmpty");
    await s3.sdk.deleteObject({ Bucket, Key: "a", VersionId: marker });
    await s3.sdk.deleteBucket({ Bucket });
  },
);

contract("a bucket names its region", async (s3) => {
  const Bucket = await s3.bucket("located");
  const expected = s3.differs({
    aws: undefined,
    rgw: "default",
    why: "AWS leaves the element empty for us-east-1; the gateway names its zone group",
  });
  assert.equal(
    (await s3.sdk.getBucketLocation({ Bucket })).LocationConstraint || undefined,
    expected,
  );
});

contract("every answer carries the server's date", async (s3) => {
  const { headers } = await s3.raw({ path: `/${await s3.bucket("dated")}` });
  const date = headers.get("date") ?? "";
  assert.match(date, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  assert.ok(!Number.isNaN(Date.parse(date)));
});
