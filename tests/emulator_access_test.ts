/** Who may do what on the embedded S3, seen by an SDK client. */
import assert from "node:assert/strict";
import * as S3 from "npm:@aws-sdk/client-s3@3.1169.0";
import { startEmulator } from "./emulator/emulator.ts";
import { assertRefused, connect } from "./emulator_client.ts";

const DENIED = {
  owner: { secretAccessKey: "secret" },
  reader: {
    secretAccessKey: "secret",
    deny: [
      { action: "s3:PutObject" },
      { action: "s3:DeleteObject", prefix: "kept/" },
      { action: "s3:GetObjectVersion" },
      { action: "s3:ListBucket", bucket: "other" },
    ],
  },
};

async function start() {
  const s3 = await startEmulator({ credentials: DENIED });
  s3.createBucket("bucket", { versioning: "Enabled" });
  s3.createBucket("other");
  const [versionId] = s3.seed("bucket", [{ key: "kept/a" }, { key: "b" }]);
  const reader = connect(s3, {
    credentials: { accessKeyId: "reader", secretAccessKey: "secret" },
  });
  return { s3, reader, versionId: versionId! };
}

Deno.test("access: a wrong secret, an unknown key and no key at all", async () => {
  const { s3 } = await start();
  await using _ = s3;
  const request = new S3.ListBucketsCommand({});
  const wrong = { accessKeyId: "owner", secretAccessKey: "wrong" };
  const unknown = { accessKeyId: "nobody", secretAccessKey: "secret" };
  await assertRefused(
    connect(s3, { credentials: wrong }).send(request),
    403,
    "SignatureDoesNotMatch",
  );
  await assertRefused(
    connect(s3, { credentials: unknown }).send(request),
    403,
    "InvalidAccessKeyId",
  );
  const anonymous = await fetch(`${s3.url}/bucket/b`);
  assert.equal(anonymous.status, 403);
  assert.match(await anonymous.text(), /<Code>AccessDenied<\/Code>/);
});

Deno.test("access: what a rule denies, by action, bucket and beginning of a key", async () => {
  const { s3, reader, versionId } = await start();
  await using _ = s3;
  const at = { Bucket: "bucket", Key: "b" };
  await reader.send(new S3.GetObjectCommand(at));
  await assertRefused(
    reader.send(new S3.PutObjectCommand({ ...at, Body: "x" })),
    403,
    "AccessDenied",
  );
  await assertRefused(
    reader.send(new S3.GetObjectCommand({ Bucket: "bucket", Key: "kept/a", VersionId: versionId })),
    403,
    "AccessDenied",
  );
  await reader.send(new S3.ListObjectsV2Command({ Bucket: "bucket" }));
  await assertRefused(
    reader.send(new S3.ListObjectsV2Command({ Bucket: "other" })),
    403,
    "AccessDenied",
  );
});

Deno.test("access: a batch deletion is denied key by key", async () => {
  const { s3, reader } = await start();
  await using _ = s3;
  const Delete = { Objects: [{ Key: "kept/a" }, { Key: "b" }] };
  const result = await reader.send(new S3.DeleteObjectsCommand({ Bucket: "bucket", Delete }));
  assert.deepEqual(result.Deleted?.map(({ Key }) => Key), ["b"]);
  assert.deepEqual(result.Errors?.map(({ Key, Code }) => [Key, Code]), [[
    "kept/a",
    "AccessDenied",
  ]]);
  assert.equal(s3.buckets.get("bucket")?.currentObject("kept/a")?.key, "kept/a");
});

Deno.test("access: who may not list is not told that a key is missing", async () => {
  const { s3, reader } = await start();
  await using _ = s3;
  const head = (Bucket: string) => reader.send(new S3.HeadObjectCommand({ Bucket, Key: "none" }));
  await assertRefused(head("bucket"), 404);
  await assertRefused(head("other"), 403);
});

Deno.test("access: what the server does not know is never a success", async () => {
  const { s3 } = await start();
  await using _ = s3;
  const client = connect(s3, { credentials: { accessKeyId: "owner", secretAccessKey: "secret" } });
  const requests = [
    client.send(new S3.GetBucketAclCommand({ Bucket: "bucket" })),
    client.send(new S3.GetObjectTorrentCommand({ Bucket: "bucket", Key: "b" })),
    client.send(new S3.PutBucketPolicyCommand({ Bucket: "bucket", Policy: "{}" })),
    client.send(new S3.ListObjectsCommand({ Bucket: "bucket" })),
    client.send(
      new S3.PutObjectCommand({ Bucket: "bucket", Key: "c", Body: "x", RequestPayer: "requester" }),
    ),
    client.send(
      new S3.PutObjectCommand({
        Bucket: "bucket",
        Key: "c",
        Body: "x",
        ExpectedBucketOwner: "1".repeat(12),
      }),
    ),
  ];
  for (const request of requests) await assertRefused(request, 501, "NotImplemented");
  assert.equal(s3.buckets.get("bucket")?.current("c"), undefined);
  assert.equal(s3.requests.of("Unknown").length, 4);
});

Deno.test("access: a region that is not the bucket's", async () => {
  await using s3 = await startEmulator({ region: "eu-west-1", otherRegions: ["us-east-1"] });
  s3.createBucket("here");
  s3.createBucket("there", { region: "us-east-1" });
  const head = (region: string, Bucket: string) =>
    connect(s3, { region }).send(new S3.HeadBucketCommand({ Bucket }));
  assert.equal((await head("eu-west-1", "here")).BucketRegion, "eu-west-1");
  const redirected = await assertRefused(head("eu-west-1", "there"), 301);
  assert.equal(redirected.$response?.headers["x-amz-bucket-region"], "us-east-1");
  await assertRefused(head("ap-south-1", "here"), 400);
  await assertRefused(
    connect(s3, { region: "ap-south-1" }).send(new S3.ListObjectsV2Command({ Bucket: "here" })),
    400,
    "AuthorizationHeaderMalformed",
  );
  const location = new S3.GetBucketLocationCommand({ Bucket: "here" });
  assert.equal((await connect(s3).send(location)).LocationConstraint, "eu-west-1");
});
