import assert from "node:assert/strict";
import { InputError, S3Error } from "../lib/model/errors.ts";
import { copyVersion, type CopyVersionOptions } from "../lib/s3/copy_version.ts";
import { parseEncryption } from "../lib/s3/encryption.ts";
import { versionsOf } from "./entry_batches.ts";
import { listVersions } from "../lib/s3/list_versions.ts";
import { openEmulated } from "./emulated_bucket.ts";
import { type EmulatorOptions, type SeedObject, startEmulator } from "./emulator/emulator.ts";

const MIB = 1024 * 1024;

/** Two buckets, one of them with one object, and what a copy of it needs. */
async function withObject(object: SeedObject, options: EmulatorOptions = {}) {
  const emulator = await startEmulator(options);
  emulator.createBucket("replica", { versioning: "Enabled" });
  emulator.createBucket("target", { versioning: "Enabled" });
  emulator.seed("replica", [object]);
  const from = openEmulated(emulator, "replica");
  const to = openEmulated(emulator, "target");
  const [version] = await versionsOf(listVersions(from));
  assert.ok(version);
  emulator.requests.clear();
  return {
    emulator,
    version,
    to,
    current: (key: string) => emulator.buckets.get("target")!.currentObject(key),
    copy: (more: Partial<CopyVersionOptions> = {}) =>
      copyVersion({ ...version, from, to, toKey: version.key, ...more }),
    async [Symbol.asyncDispose]() {
      await from[Symbol.asyncDispose]();
      await to[Symbol.asyncDispose]();
      await emulator[Symbol.asyncDispose]();
    },
  };
}

Deno.test("an object uploaded in parts keeps its ETag, whatever the parts' sizes", async () => {
  for (const [size, partSize] of [[11 * MIB, 5 * MIB], [12 * MIB, 7 * MIB], [10 * MIB, 5 * MIB]]) {
    await using test = await withObject({ key: "é+%41", body: size!, partSize: partSize! });
    const { etag, etagKept, versionId } = await test.copy();
    assert.equal(etag, test.version.etag);
    assert.ok(etagKept);
    const [copied] = await versionsOf(listVersions(test.to));
    assert.equal(copied?.etag, test.version.etag);
    assert.equal(copied?.versionId, versionId);
    assert.equal(test.emulator.requests.count("CopyObject"), 0);
  }
});

Deno.test("parts of different sizes are found out one by one", async () => {
  await using emulator = await startEmulator();
  emulator.createBucket("bucket", { versioning: "Enabled" });
  await using bucket = openEmulated(emulator, "bucket");
  const Key = "parts";
  const { UploadId } = await bucket.request(
    { operation: "CreateMultipartUpload" },
    (client, sdk) => client.send(new sdk.CreateMultipartUploadCommand({ Bucket: "bucket", Key })),
  );
  const Parts = await Promise.all([6, 5, 7, 1].map(async (size, i) => {
    const input = { Bucket: "bucket", Key, UploadId, PartNumber: i + 1 };
    const Body = new Uint8Array(size * MIB).fill(i);
    const { ETag } = await bucket.request(
      { operation: "UploadPart" },
      (client, sdk) => client.send(new sdk.UploadPartCommand({ ...input, Body })),
    );
    return { PartNumber: i + 1, ETag };
  }));
  await bucket.request({ operation: "CompleteMultipartUpload" }, (client, sdk) => {
    const input = { Bucket: "bucket", Key, UploadId, MultipartUpload: { Parts } };
    return client.send(new sdk.CompleteMultipartUploadCommand(input));
  });
  const [version] = await versionsOf(listVersions(bucket));
  const result = await copyVersion({ ...version!, from: bucket, to: bucket, toKey: "copy" });
  assert.ok(result.etagKept);
});

Deno.test("an object above the limit of one copy goes in parts, though it was uploaded in one", async () => {
  await using test = await withObject(
    { key: "big", body: 12 * MIB },
    { copyLimit: 8 * MIB },
  );
  await assert.rejects(test.copy(), { code: "InvalidRequest" });
  const { etagKept } = await test.copy({ maxCopySize: 8 * MIB });
  assert.equal(etagKept, false);
  const [copied] = await versionsOf(listVersions(test.to));
  assert.equal(copied?.size, 12 * MIB);
});

Deno.test("an object above 5 GiB is copied in parts, its bytes never held here", async () => {
  const size = 6 * 1024 ** 3 + 1;
  await using test = await withObject({ key: "huge", body: size, partSize: 1024 ** 3 });
  const { etagKept } = await test.copy();
  assert.ok(etagKept);
  assert.equal(test.emulator.requests.count("UploadPartCopy"), 7);
});

const ATTRIBUTES = {
  contentHeaders: {
    "cache-control": "max-age=1",
    "content-type": "text/x; charset=utf-8",
    "content-disposition": 'attachment; filename="a b"',
    "content-encoding": "gzip",
    "content-language": "de",
    "expires": "0",
  },
  metadata: { mtime: "1234.5", note: "a=b&c" },
  tags: [["team", "a b"], ["cost+center", "1/2=3"]] as const,
  storageClass: "STANDARD_IA",
  websiteRedirect: "/elsewhere?x=1",
};

for (
  const [how, object] of [["at once", { body: "x" }], ["in parts", {
    body: 6 * MIB,
    partSize: 5 * MIB,
  }]] as const
) {
  Deno.test(`a copy ${how} keeps headers, metadata, tags, storage class and redirect`, async () => {
    await using test = await withObject({ key: "a", ...object, ...ATTRIBUTES });
    await test.copy();
    const bucket = test.emulator.buckets.get("target")!;
    const copied = bucket.currentObject("a");
    assert.ok(copied);
    for (const [name, value] of Object.entries(ATTRIBUTES)) {
      assert.deepEqual(copied[name as keyof typeof ATTRIBUTES], value, name);
    }
  });
}

const TAGGED = { key: "a", body: 6 * MIB, partSize: 5 * MIB, tags: [["team", "x"]] } as const;

Deno.test("tags that an upload did not take are put on what it became", async () => {
  await using test = await withObject(TAGGED, { dropsUploadTags: true });
  await test.copy();
  assert.deepEqual(test.current("a")?.tags, TAGGED.tags);
  test.emulator.faults.add({ kind: "internal-error", operation: "GetObjectTagging", after: 1 });
  await test.copy({ toKey: "b" });
  assert.deepEqual(test.current("b")?.tags, TAGGED.tags);
});

Deno.test("an upload whose completion was not answered is seen to be done, and gets its tags", async () => {
  await using test = await withObject(TAGGED, { dropsUploadTags: true });
  const lost = { kind: "reset", operation: "CompleteMultipartUpload", applied: true } as const;
  test.emulator.faults.add(lost);
  const { etagKept, versionId } = await test.copy();
  const [made] = await versionsOf(listVersions(test.to));
  assert.deepEqual([etagKept, versionId], [true, made?.versionId]);
  assert.deepEqual(test.current("a")?.tags, TAGGED.tags);
});

Deno.test("a copy in parts that its tags cannot be put on does not stay", async () => {
  await using test = await withObject(TAGGED, { dropsUploadTags: true });
  const fault = { kind: "internal-error", operation: "PutObjectTagging", times: 100 } as const;
  test.emulator.faults.add(fault);
  for (const toKey of ["new", "a"]) {
    if (toKey === "a") test.emulator.seed("target", [{ key: "a", body: "before" }]);
    const before = await versionsOf(listVersions(test.to));
    await assert.rejects(test.copy({ toKey }), {
      code: "InternalError",
      message: /\. The copy was removed again, since without its tags it would pass for right$/,
    });
    assert.deepEqual(await versionsOf(listVersions(test.to)), before);
  }
});

Deno.test("a copy without its tags that cannot be removed is told", async () => {
  await using test = await withObject(TAGGED, {
    dropsUploadTags: true,
    credentials: {
      test: { secretAccessKey: "testtest", deny: [{ action: "s3:DeleteObjectVersion" }] },
    },
  });
  const fault = { kind: "internal-error", operation: "PutObjectTagging", times: 100 } as const;
  test.emulator.faults.add(fault);
  await assert.rejects(test.copy(), /stays without its tags, since it could not be removed \(/);
  assert.ok(test.current("a"));
  const { to: suspended } = test;
  await suspended.request({ operation: "PutBucketVersioning" }, (client, sdk) => {
    const VersioningConfiguration = { Status: "Suspended" } as const;
    const input = { Bucket: "target", VersioningConfiguration };
    return client.send(new sdk.PutBucketVersioningCommand(input));
  });
  await assert.rejects(test.copy({ toKey: "b" }), /since no version id is its own: delete it and/);
  assert.ok(test.current("b"));
});

Deno.test("a copy takes the storage class that was recorded, or else the one it has", async () => {
  await using test = await withObject({ key: "a", body: "x", storageClass: "STANDARD_IA" });
  const classes = async (storageClass?: string) => {
    await test.copy(storageClass === undefined ? {} : { storageClass });
    return (await versionsOf(listVersions(test.to)))[0]?.storageClass;
  };
  assert.equal(await classes(), "STANDARD_IA");
  assert.equal(await classes("STANDARD"), "STANDARD");
});

Deno.test("encryption is kept, a KMS key too, or what is asked for", async () => {
  const name = "x-amz-server-side-encryption";
  const keyName = `${name}-aws-kms-key-id`;
  const arn = "arn:aws:kms:us-east-1:1:key/k";
  const kms = { [name]: "aws:kms", [keyName]: arn };
  const cases = [
    [kms, "keep", "aws:kms", arn],
    [{ [name]: "AES256" }, "keep", "AES256", undefined],
    [kms, "bucket", undefined, undefined],
    [kms, "AES256", "AES256", undefined],
    [{ [name]: "AES256" }, "aws:kms", "aws:kms", undefined],
    [{ [name]: "AES256" }, "aws:kms:alias/mine", "aws:kms", "alias/mine"],
    [kms, "aws:kms:dsse:other", "aws:kms:dsse", "other"],
  ] as const;
  for (const size of [1, 6 * MIB]) {
    for (const [encryption, wanted, method, key] of cases) {
      await using test = await withObject({ key: "a", body: size, partSize: 5 * MIB, encryption });
      await test.copy({ encryption: parseEncryption(wanted) });
      const [request] = test.emulator.requests.all.filter(({ operation }) =>
        operation === "CopyObject" || operation === "CreateMultipartUpload"
      );
      assert.deepEqual([request?.headers[name], request?.headers[keyName]], [method, key], wanted);
    }
  }
});

Deno.test("an encryption that S3 does not know is refused", () => {
  for (const text of ["", "AES128", "AES256:key", "aws:kms:", "kms", "keep:it"]) {
    assert.throws(() => parseEncryption(text), InputError);
  }
});

Deno.test("a part that fails for good aborts the upload, and nothing stays", async () => {
  await using test = await withObject({ key: "a", body: 11 * MIB, partSize: 5 * MIB });
  test.emulator.faults.add({ kind: "internal-error", operation: "UploadPartCopy", times: 100 });
  await assert.rejects(test.copy(), { code: "InternalError" });
  assert.equal(test.emulator.requests.count("AbortMultipartUpload"), 1);
  assert.equal(test.emulator.requests.count("CompleteMultipartUpload"), 0);
});

Deno.test("an abort in the middle of the parts aborts the upload, then throws the reason", async () => {
  await using test = await withObject(
    { key: "a", body: 11 * MIB, partSize: 5 * MIB },
    { latency: ({ operation }) => operation === "UploadPartCopy" ? 1000 : 0 },
  );
  const controller = new AbortController();
  const reason = new Error("enough");
  const copying = test.copy({ signal: controller.signal });
  while (test.emulator.requests.count("UploadPartCopy") === 0) {
    await new Promise((go) => setTimeout(go, 1));
  }
  controller.abort(reason);
  await assert.rejects(copying, (error) => error === reason);
  assert.equal(test.emulator.requests.count("AbortMultipartUpload"), 1);
});

Deno.test("a version that is gone, or another than was recorded, is not copied", async () => {
  await using test = await withObject({ key: "a", body: "text" });
  await assert.rejects(test.copy({ versionId: "x".repeat(32) }), (error) => {
    assert.ok(error instanceof S3Error);
    assert.equal(error.code, "NoSuchVersion");
    assert.match(error.message, /"a" is no longer in bucket replica/);
    return true;
  });
  await assert.rejects(test.copy({ etag: "0".repeat(32) }), { code: "VersionChanged" });
  await assert.rejects(test.copy({ size: 5 }), { code: "VersionChanged" });
  assert.ok((await test.copy({ etag: "" })).etagKept);
});
