/** Synthetic buckets: pages written at full speed say what the slow way says. */
import assert from "node:assert/strict";
import * as S3 from "npm:@aws-sdk/client-s3@3.1169.0";
import fc from "npm:fast-check@4.10.2";
import { type Emulator, startEmulator } from "./emulator/emulator.ts";
import { indexOfKey, KEY_SHAPES, keyAt } from "./emulator/synthetic_keys.ts";
import { assertRefused, connect } from "./emulator_client.ts";
import { runs } from "./seed.ts";

type Version = Pick<S3.ObjectVersion, "Key" | "VersionId" | "IsLatest" | "LastModified"> & {
  readonly ETag?: string | undefined;
  readonly Size?: number | undefined;
};

function pick({ Key, VersionId, IsLatest, LastModified, ...rest }: S3.ObjectVersion): Version {
  return { Key, VersionId, IsLatest, LastModified, ETag: rest.ETag, Size: rest.Size };
}

/** Everything that a bucket holds, looked up without a listing. */
function everything(s3: Emulator, bucket: string): Version[] {
  return [...s3.buckets.get(bucket)!.keys.keysFrom("")].flatMap(({ versions }) =>
    versions.map((version, index) => ({
      Key: version.key,
      VersionId: version.versionId,
      IsLatest: index === 0,
      LastModified: new Date(version.lastModified),
      ETag: version.kind === "object" ? `"${version.etag}"` : undefined,
      Size: version.kind === "object" ? version.content.size : undefined,
    }))
  );
}

/** One page; versions and delete markers put back in order by key. */
async function page(client: S3.S3Client, input: S3.ListObjectVersionsCommandInput) {
  const output = await client.send(new S3.ListObjectVersionsCommand(input));
  const entries = [...(output.DeleteMarkers ?? []), ...(output.Versions ?? [])].map(pick)
    .sort((a, b) =>
      a.Key! < b.Key! ? -1 : a.Key! > b.Key! ? 1 : Number(b.LastModified) - Number(a.LastModified)
    );
  return { output, entries };
}

async function listAll(client: S3.S3Client, input: S3.ListObjectVersionsCommandInput) {
  const all: Version[] = [];
  for (let next = input;;) {
    const { output, entries } = await page(client, next);
    all.push(...entries);
    if (!output.IsTruncated) return all;
    next = {
      ...input,
      KeyMarker: output.NextKeyMarker,
      VersionIdMarker: output.NextVersionIdMarker,
    };
  }
}

Deno.test("synthetic: keys ascend, and each is found again", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...KEY_SHAPES),
      fc.integer({ min: 1, max: 50_000_000 }),
      fc.nat(),
      (shape, count, at) => {
        const index = at % count;
        const key = keyAt(shape, index, count);
        assert.equal(indexOfKey(shape, key, count), index);
        assert.equal(indexOfKey(shape, `${key}\u0000`, count), index + 1);
        if (index > 0) assert.ok(keyAt(shape, index - 1, count) < key);
      },
    ),
    runs(300),
  );
});

for (const shape of KEY_SHAPES) {
  Deno.test(`synthetic: pages of ${shape} keys are what the keys say`, async () => {
    await using s3 = await startEmulator();
    const spec = { keys: 700, shape, versionsPerKey: 3, deleted: 0.2 };
    s3.createSyntheticBucket("bucket", spec);
    const client = connect(s3);
    const expected = everything(s3, "bucket");
    assert.equal(expected.length, 2_100);
    assert.equal(new Set(expected.map(({ VersionId }) => VersionId)).size, 2_100);
    for (const MaxKeys of [1_000, 89]) {
      assert.deepEqual(await listAll(client, { Bucket: "bucket", MaxKeys }), expected);
    }
    const Prefix = expected[1_000]!.Key!.slice(0, -6);
    assert.deepEqual(
      await listAll(client, { Bucket: "bucket", Prefix, MaxKeys: 7 }),
      expected.filter(({ Key }) => Key!.startsWith(Prefix)),
    );
    const { Key: KeyMarker, VersionId: VersionIdMarker } = expected[1_500]!;
    assert.deepEqual(
      (await page(client, { Bucket: "bucket", KeyMarker, VersionIdMarker })).entries,
      expected.slice(1_501),
    );
    assert.deepEqual(
      (await page(client, { Bucket: "bucket", KeyMarker })).entries,
      expected.filter(({ Key }) => Key! > KeyMarker!),
    );
  });
}

Deno.test("synthetic: a fast page and a slow one are the same bytes", async () => {
  await using s3 = await startEmulator();
  s3.createSyntheticBucket("fast", { keys: 50, versionsPerKey: 2, deleted: 0.3 });
  s3.createSyntheticBucket("slow", { keys: 50, versionsPerKey: 2, deleted: 0.3 });
  // A key that was touched, though nothing of it changed, turns pages over to the slow way.
  for (const { key } of [...s3.buckets.get("slow")!.keys.keysFrom("")]) {
    s3.buckets.get("slow")!.keys.history(key);
  }
  const client = connect(s3);
  const bodies: string[] = [];
  client.middlewareStack.add((next) => async (args) => {
    const result = await next(args);
    const { body } = result.response as { body: AsyncIterable<Uint8Array> };
    let text = "";
    for await (const chunk of body) text += new TextDecoder().decode(chunk);
    bodies.push(text);
    return { ...result, response: { statusCode: 404, headers: {}, body: undefined } };
  }, { step: "deserialize", priority: "low" });
  for (const Bucket of ["fast", "slow"]) {
    await assert.rejects(client.send(new S3.ListObjectVersionsCommand({ Bucket, MaxKeys: 60 })));
  }
  const [fast = "", slow = ""] = bodies;
  assert.match(fast, /<Version>.*<DeleteMarker>/s);
  assert.equal(fast.replace("<Name>fast", "<Name>slow"), slow);
});

Deno.test("synthetic: what is written and deleted lies over the generated keys", async () => {
  await using s3 = await startEmulator();
  const bucket = s3.createSyntheticBucket("bucket", { keys: 2_500, versionsPerKey: 2 });
  const client = connect(s3);
  const [first, , third] = everything(s3, "bucket");
  const at = { Bucket: "bucket" };
  await client.send(new S3.PutObjectCommand({ ...at, Key: "object-0000001200x", Body: "new" }));
  await client.send(new S3.PutObjectCommand({ ...at, Key: first!.Key, Body: "newer" }));
  const Objects = [{ Key: third!.Key!, VersionId: third!.VersionId }];
  await client.send(new S3.DeleteObjectsCommand({ ...at, Delete: { Objects } }));
  const expected = everything(s3, "bucket");
  assert.equal(expected.length, 5_001);
  assert.deepEqual(await listAll(client, at), expected);
  assert.equal(bucket.versioning, "Enabled");
});

Deno.test("synthetic: a generated object is read and copied like any other", async () => {
  await using s3 = await startEmulator();
  s3.createSyntheticBucket("bucket", { keys: 10 });
  s3.createBucket("target");
  const client = connect(s3);
  const { Key, ETag, Size, VersionId } = everything(s3, "bucket")[4]!;
  const got = await client.send(new S3.GetObjectCommand({ Bucket: "bucket", Key, VersionId }));
  assert.equal((await got.Body!.transformToByteArray()).length, Size);
  assert.equal(got.ETag, ETag);
  const CopySource = `bucket/${Key}?versionId=${VersionId}`;
  const copied = await client.send(
    new S3.CopyObjectCommand({ Bucket: "target", Key: "a", CopySource }),
  );
  assert.equal(copied.CopyObjectResult?.ETag, ETag);
});

Deno.test("synthetic: six gigabytes are copied in parts, to the same bytes and ETag", async () => {
  await using s3 = await startEmulator();
  s3.createBucket("bucket");
  const partSize = 2.5 * 1024 ** 3;
  const size = 6_000_000_000;
  s3.seed("bucket", [{ key: "big", body: size, partSize }]);
  const client = connect(s3);
  const at = { Bucket: "bucket", Key: "copy" };
  const CopySource = "bucket/big";
  await assertRefused(
    client.send(new S3.CopyObjectCommand({ ...at, CopySource })),
    400,
    "InvalidRequest",
  );
  const { UploadId } = await client.send(new S3.CreateMultipartUploadCommand(at));
  const Parts: S3.CompletedPart[] = [];
  for (let start = 0; start < size; start += partSize) {
    const PartNumber = Parts.length + 1;
    const last = Math.min(start + partSize, size) - 1;
    const { CopyPartResult } = await client.send(
      new S3.UploadPartCopyCommand({
        ...at,
        UploadId,
        PartNumber,
        CopySource,
        CopySourceRange: `bytes=${start}-${last}`,
      }),
    );
    Parts.push({ PartNumber, ETag: CopyPartResult!.ETag });
  }
  const MultipartUpload = { Parts };
  await client.send(new S3.CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload }));
  const head = (Key: string) => client.send(new S3.HeadObjectCommand({ Bucket: "bucket", Key }));
  const [big, copy] = [await head("big"), await head("copy")];
  assert.equal(copy.ContentLength, size);
  assert.match(copy.ETag!, /-3"$/);
  assert.equal(copy.ETag, big.ETag);
  const range = (Key: string) =>
    client.send(
      new S3.GetObjectCommand({ Bucket: "bucket", Key, Range: "bytes=2684354550-2684354569" }),
    ).then(({ Body }) => Body!.transformToByteArray());
  assert.deepEqual(await range("copy"), await range("big"));
  // A part that is cut across the copy's own boundaries has the digest of those bytes, too.
  const again = await client.send(new S3.CreateMultipartUploadCommand(at));
  const partOf = (Key: string) =>
    client.send(
      new S3.UploadPartCopyCommand({
        ...at,
        UploadId: again.UploadId,
        PartNumber: 1,
        CopySource: `bucket/${Key}`,
        CopySourceRange: `bytes=1000-${partSize + 1_000}`,
      }),
    ).then(({ CopyPartResult }) => CopyPartResult!.ETag);
  assert.equal(await partOf("copy"), await partOf("big"));
});
