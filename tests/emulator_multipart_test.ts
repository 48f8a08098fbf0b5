/** Multipart uploads of the embedded S3: the rules of completion, and what AWS makes of parts. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as S3 from "npm:@aws-sdk/client-s3@3.1169.0";
import { startEmulator } from "./emulator/emulator.ts";
import { assertRefused, connect } from "./emulator_client.ts";

const AT = { Bucket: "bucket", Key: "a" };

async function start(options: { minimumPartSize?: number; copyLimit?: number } = {}) {
  const s3 = await startEmulator({ minimumPartSize: 5, ...options });
  s3.createBucket("bucket", { versioning: "Enabled" });
  const client = connect(s3);
  const upload = async (input: Partial<S3.CreateMultipartUploadCommandInput> = {}) =>
    (await client.send(new S3.CreateMultipartUploadCommand({ ...AT, ...input }))).UploadId!;
  const part = (UploadId: string, PartNumber: number, Body: string) =>
    client.send(new S3.UploadPartCommand({ ...AT, UploadId, PartNumber, Body }));
  const complete = (UploadId: string, Parts: S3.CompletedPart[], IfNoneMatch?: string) =>
    client.send(
      new S3.CompleteMultipartUploadCommand({
        ...AT,
        UploadId,
        IfNoneMatch,
        MultipartUpload: { Parts },
      }),
    );
  return { s3, client, upload, part, complete };
}

function md5(data: string | Uint8Array): Uint8Array {
  return createHash("md5").update(data).digest();
}

Deno.test("multipart: the ETag is made of the parts', and each part can be read", async () => {
  const { s3, client, upload, part, complete } = await start();
  await using _ = s3;
  const UploadId = await upload({ Metadata: { m: "1" }, StorageClass: "STANDARD_IA" });
  const bodies: [number, string][] = [[3, "first"], [7, "second"], [9, "3"]];
  const Parts: S3.CompletedPart[] = [];
  for (const [PartNumber, body] of bodies) {
    Parts.push({ PartNumber, ETag: (await part(UploadId, PartNumber, body)).ETag });
  }
  const { ETag } = await complete(UploadId, Parts);
  const digests = bodies.flatMap(([, body]) => [...md5(body)]);
  const expected = createHash("md5").update(new Uint8Array(digests)).digest("hex");
  assert.equal(ETag, `"${expected}-3"`);

  const second = await client.send(new S3.GetObjectCommand({ ...AT, PartNumber: 2 }));
  assert.equal(await second.Body!.transformToString(), "second");
  assert.equal(second.PartsCount, 3);
  assert.equal(second.ContentRange, "bytes 5-10/12");
  assert.deepEqual([second.Metadata, second.StorageClass], [{ m: "1" }, "STANDARD_IA"]);
  await assertRefused(client.send(new S3.HeadObjectCommand({ ...AT, PartNumber: 4 })), 416);
});

Deno.test("multipart: parts that are too small, out of order, unknown or changed", async () => {
  const { s3, upload, part, complete } = await start();
  await using _ = s3;
  const UploadId = await upload();
  const [one, two] = [await part(UploadId, 1, "abcd"), await part(UploadId, 2, "efghi")];
  const first = { PartNumber: 1, ETag: one.ETag };
  const second = { PartNumber: 2, ETag: two.ETag };
  await assertRefused(complete(UploadId, [first, second]), 400, "EntityTooSmall");
  await assertRefused(complete(UploadId, [second, first]), 400, "InvalidPartOrder");
  await assertRefused(
    complete(UploadId, [second, { ...first, PartNumber: 3 }]),
    400,
    "InvalidPart",
  );
  await assertRefused(complete(UploadId, [{ ...first, ETag: two.ETag }]), 400, "InvalidPart");
  await assertRefused(complete("none", [first]), 404, "NoSuchUpload");
  await part(UploadId, 1, "abcde");
  await assertRefused(complete(UploadId, [first, second]), 400, "InvalidPart");
  assert.equal(s3.buckets.get("bucket")?.current("a"), undefined);
});

Deno.test("multipart: completion on condition that nothing is there", async () => {
  const { s3, upload, part, complete } = await start();
  await using _ = s3;
  s3.seed("bucket", [{ key: "a", body: "there" }]);
  const UploadId = await upload();
  const Parts = [{ PartNumber: 1, ETag: (await part(UploadId, 1, "x")).ETag }];
  await assertRefused(complete(UploadId, Parts, "*"), 412, "PreconditionFailed");
  s3.seed("bucket", [{ key: "a", deleteMarker: true }]);
  await complete(UploadId, Parts, "*");
  await assertRefused(complete(UploadId, Parts), 404, "NoSuchUpload");
});

Deno.test("multipart: a null version takes the place of what was put meanwhile", async () => {
  const { s3, client, upload, part, complete } = await start();
  await using _ = s3;
  const [kept] = s3.seed("bucket", [{ key: "a", body: "versioned" }]);
  s3.buckets.get("bucket")!.versioning = "Suspended";
  const UploadId = await upload();
  s3.seed("bucket", [{ key: "a", body: "put meanwhile" }]);
  s3.buckets.get("bucket")!.versioning = "Enabled";
  const [later] = s3.seed("bucket", [{ key: "a", body: "versioned too" }]);
  s3.buckets.get("bucket")!.versioning = "Suspended";
  const Parts = [{ PartNumber: 1, ETag: (await part(UploadId, 1, "upload")).ETag }];
  await complete(UploadId, Parts);
  const { Versions } = await client.send(new S3.ListObjectVersionsCommand({ Bucket: "bucket" }));
  assert.deepEqual(
    Versions?.map(({ VersionId, Size }) => [VersionId, Size]),
    [["null", 6], [later, 13], [kept, 9]],
  );
});

Deno.test("multipart: a part copied from a range, and the limit of a copy", async () => {
  const { s3, client, upload, complete } = await start({ copyLimit: 6 });
  await using _ = s3;
  const [version] = s3.seed("bucket", [{ key: "src", body: "0123456789" }, { key: "src" }]);
  const UploadId = await upload();
  const copy = (CopySourceRange?: string) =>
    client.send(
      new S3.UploadPartCopyCommand({
        ...AT,
        UploadId,
        PartNumber: 1,
        CopySource: `bucket/src?versionId=${version}`,
        CopySourceRange,
      }),
    );
  await assertRefused(copy(), 400, "InvalidRequest");
  await assertRefused(copy("bytes=0-6"), 400, "InvalidRequest");
  await assertRefused(copy("bytes=5-10"), 400, "InvalidArgument");
  await assertRefused(copy("bytes=5-"), 400, "InvalidArgument");
  const { CopyPartResult, CopySourceVersionId } = await copy("bytes=2-7");
  assert.equal(CopySourceVersionId, version);
  await complete(UploadId, [{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
  const { Body } = await client.send(new S3.GetObjectCommand(AT));
  assert.equal(await Body!.transformToString(), "234567");
});

Deno.test("multipart: uploads and parts are listed, page by page, until aborted", async () => {
  const { s3, client, upload, part } = await start();
  await using _ = s3;
  const ids: string[] = [];
  for (const Key of ["b", "a", "a/1", "a/2"]) ids.push(await upload({ Key }));
  const seen: string[] = [];
  const input = { Bucket: "bucket", MaxUploads: 1, Delimiter: "/" };
  for (let next: S3.ListMultipartUploadsCommandInput = input;;) {
    const page = await client.send(new S3.ListMultipartUploadsCommand(next));
    seen.push(...(page.Uploads ?? []).map(({ Key }) => Key!));
    seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!));
    if (!page.IsTruncated) break;
    next = { ...input, KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  }
  assert.deepEqual(seen, ["a", "a/", "b"]);

  const UploadId = ids[1]!;
  for (const number of [5, 1, 3]) await part(UploadId, number, `part ${number}`);
  const numbers: (number | undefined)[] = [];
  const pages = S3.paginateListParts({ client, pageSize: 2 }, { ...AT, UploadId });
  for await (const page of pages) {
    numbers.push(...(page.Parts ?? []).map(({ PartNumber }) => PartNumber));
  }
  assert.deepEqual(numbers, [1, 3, 5]);
  await client.send(new S3.AbortMultipartUploadCommand({ ...AT, UploadId }));
  await assertRefused(
    client.send(new S3.ListPartsCommand({ ...AT, UploadId })),
    404,
    "NoSuchUpload",
  );
});

Deno.test("multipart: attributes tell the parts of an object whose parts have checksums", async () => {
  const { s3, client, upload, part, complete } = await start();
  await using _ = s3;
  const UploadId = await upload({ ChecksumAlgorithm: "SHA256" });
  const sent = await client.send(
    new S3.UploadPartCommand({
      ...AT,
      UploadId,
      PartNumber: 1,
      Body: "first",
      ChecksumAlgorithm: "SHA256",
    }),
  );
  await assertRefused(part(UploadId, 2, "wrong algorithm"), 400, "InvalidRequest");
  const Parts = [{ PartNumber: 1, ETag: sent.ETag, ChecksumSHA256: sent.ChecksumSHA256 }];
  const { ChecksumSHA256 } = await complete(UploadId, Parts);
  assert.match(ChecksumSHA256!, /-1$/);
  const attributes = await client.send(
    new S3.GetObjectAttributesCommand({
      ...AT,
      ObjectAttributes: ["ETag", "Checksum", "ObjectParts", "ObjectSize", "StorageClass"],
    }),
  );
  assert.equal(attributes.ObjectSize, 5);
  assert.equal(attributes.Checksum?.ChecksumSHA256, ChecksumSHA256);
  assert.equal(attributes.Checksum?.ChecksumType, "COMPOSITE");
  assert.equal(attributes.ObjectParts?.TotalPartsCount, 1);
  assert.deepEqual(attributes.ObjectParts?.Parts, [
    { PartNumber: 1, Size: 5, ChecksumSHA256: sent.ChecksumSHA256 },
  ]);
});
