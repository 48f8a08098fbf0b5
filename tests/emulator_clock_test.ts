/** The embedded S3's clock, seed, latency and request log. */
import assert from "node:assert/strict";
import * as S3 from "npm:@aws-sdk/client-s3@3.1169.0";
import { startEmulator } from "./emulator/emulator.ts";
import { connect, TestClock } from "./emulator_client.ts";

Deno.test("clock: every date of an answer is the injected clock's, to the second", async () => {
  const clock = new TestClock();
  await using s3 = await startEmulator({ now: clock.now });
  s3.createBucket("bucket", { versioning: "Enabled" });
  const client = connect(s3);
  const at = { Bucket: "bucket", Key: "a" };
  await client.send(new S3.PutObjectCommand({ ...at, Body: "x" }));
  clock.time += 3_600_000;
  const written = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));
  assert.deepEqual((await client.send(new S3.HeadObjectCommand(at))).LastModified, written);
  const list = await client.send(new S3.ListObjectVersionsCommand({ Bucket: "bucket" }));
  assert.deepEqual(list.Versions?.[0]?.LastModified, written);

  const response = await fetch(s3.url);
  await response.body?.cancel();
  assert.equal(response.headers.get("date"), "Fri, 02 Jan 2026 04:04:05 GMT");
  assert.match(response.headers.get("x-amz-request-id")!, /^[0-9A-F]{16}$/);
});

Deno.test("clock: a multipart upload is dated, and stands, where it began", async () => {
  const clock = new TestClock();
  await using s3 = await startEmulator({ now: clock.now });
  s3.createBucket("bucket", { versioning: "Enabled" });
  const client = connect(s3);
  const at = { Bucket: "bucket", Key: "a" };
  const { UploadId } = await client.send(new S3.CreateMultipartUploadCommand(at));
  clock.time += 60_000;
  const [put] = s3.seed("bucket", [{ key: "a", body: "put while the upload went on" }]);
  clock.time += 60_000;
  const { ETag } = await client.send(
    new S3.UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: "part" }),
  );
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  const { VersionId } = await client.send(
    new S3.CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload }),
  );
  const { Versions } = await client.send(new S3.ListObjectVersionsCommand({ Bucket: "bucket" }));
  assert.deepEqual(
    Versions?.map(({ VersionId, IsLatest, LastModified }) => [
      VersionId,
      IsLatest,
      LastModified?.getUTCMinutes(),
    ]),
    [[put, true, 5], [VersionId, false, 4]],
  );
});

Deno.test("clock: equal seeds give equal version ids, request by request", async () => {
  async function ids(seed: number) {
    await using s3 = await startEmulator({ seed });
    s3.createBucket("bucket", { versioning: "Enabled" });
    const put = new S3.PutObjectCommand({ Bucket: "bucket", Key: "a", Body: "x" });
    return [...s3.seed("bucket", [{ key: "b" }]), (await connect(s3).send(put)).VersionId];
  }
  const first = await ids(9);
  for (const id of first) assert.match(id!, /^[0-9A-Za-z._]{32}$/);
  assert.deepEqual(await ids(9), first);
  assert.notDeepEqual(await ids(10), first);
});

Deno.test("log: what was asked, how it ended, and how much at once", async () => {
  await using s3 = await startEmulator({
    latency: ({ operation }) => operation === "HeadObject" ? 20 : 0,
  });
  s3.createBucket("bucket", { versioning: "Enabled" });
  const [versionId] = s3.seed("bucket", [{ key: "a/b" }]);
  const client = connect(s3);
  const at = { Bucket: "bucket", Key: "a/b", VersionId: versionId };
  await client.send(new S3.GetObjectCommand(at)).then(({ Body }) => Body?.transformToString());
  await client.send(new S3.HeadObjectCommand({ ...at, VersionId: "null" })).catch(() => {});
  const [get, head] = s3.requests.all;
  assert.deepEqual(
    [get?.operation, get?.bucket, get?.key, get?.versionId, get?.status, get?.errorCode],
    ["GetObject", "bucket", "a/b", versionId, 200, undefined],
  );
  assert.deepEqual([head?.operation, head?.status, head?.errorCode], [
    "HeadObject",
    404,
    "NoSuchVersion",
  ]);
  assert.equal(s3.requests.peakInFlight, 1);

  s3.requests.clear();
  await Promise.all(Array.from({ length: 8 }, () => client.send(new S3.HeadObjectCommand(at))));
  assert.equal(s3.requests.count("HeadObject"), 8);
  assert.equal(s3.requests.count(), 8);
  assert.equal(s3.requests.peakInFlight, 8);
});
