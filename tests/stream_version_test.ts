import assert from "node:assert/strict";
import { copyVersion, type CopyVersionOptions } from "../lib/s3/copy_version.ts";
import { listVersions } from "../lib/s3/list_versions.ts";
import { TargetGuard } from "../lib/s3/target_guard.ts";
import { openEmulated } from "./emulated_bucket.ts";
import { type Emulator, type SeedObject, startEmulator } from "./emulator/emulator.ts";
import { HeldContent } from "./emulator/held_content.ts";
import { versionsOf } from "./entry_batches.ts";

const MIB = 1024 * 1024;

/** Of no period that a part has, so that parts differ. */
function someBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}

/** Two servers with a bucket each, and an object in the first. */
async function between(object: SeedObject) {
  const stack = new AsyncDisposableStack();
  const [here, there] = [stack.use(await startEmulator()), stack.use(await startEmulator())];
  here.createBucket("replica", { versioning: "Enabled", ownership: "ObjectWriter" });
  there.createBucket("target", { versioning: "Enabled", ownership: "ObjectWriter" });
  here.seed("replica", [object]);
  const from = stack.use(openEmulated(here, "replica"));
  const to = stack.use(openEmulated(there, "target"));
  const [version] = await versionsOf(listVersions(from));
  return {
    here,
    there,
    from,
    version: version!,
    copy: (more: Partial<CopyVersionOptions> = {}) =>
      copyVersion({ ...version!, from, to, toKey: object.key, ...more }),
    copied: () => there.buckets.get("target")!.currentObject(object.key),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function assertNothingLeft(server: Emulator): void {
  const bucket = server.buckets.get("target")!;
  assert.ok(bucket.keys.isEmpty);
  assert.equal(bucket.uploads.size, 0);
}

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
  grants: [
    { permission: "FULL_CONTROL", by: "id", grantee: "me" },
    { permission: "READ", by: "uri", grantee: "http://acs.amazonaws.com/groups/global/AllUsers" },
  ] as const,
};

const OBJECTS: readonly (readonly [string, SeedObject])[] = [
  ["of no bytes", { key: "a", body: "" }],
  ["in one piece", { key: "é+%41", body: someBytes(3 * MIB + 1) }],
  ["in one large piece", { key: "a", body: someBytes(9 * MIB) }],
  ["in small parts", { key: "a", body: someBytes(7 * MIB), partSize: 5 * MIB }],
  ["in large parts", { key: "a", body: someBytes(13 * MIB), partSize: 9 * MIB }],
  ["of one part", { key: "a", body: someBytes(6 * MIB), partSize: 7 * MIB }],
];

for (const [what, object] of OBJECTS) {
  Deno.test(`an object ${what} is the same on another server`, async () => {
    await using test = await between({ ...object, ...ATTRIBUTES });
    const { etag, etagKept } = await test.copy({ keepsGrants: true });
    const copied = test.copied()!;
    assert.ok(etagKept);
    assert.equal(copied.etag, etag);
    assert.equal(copied.etag, test.version.etag);
    assert.equal(copied.content.size, test.version.size);
    assert.deepEqual(copied.parts?.map(({ size }) => size), partsOf(object));
    for (const [name, value] of Object.entries(ATTRIBUTES)) {
      assert.deepEqual(copied[name as keyof typeof ATTRIBUTES], value, name);
    }
    assert.equal(test.there.requests.count("CopyObject"), 0);
  });
}

function partsOf({ body, partSize }: SeedObject): number[] | undefined {
  if (partSize === undefined) return;
  const sizes: number[] = [];
  for (let left = (body as Uint8Array).length; left > 0; left -= partSize) {
    sizes.push(Math.min(left, partSize));
  }
  return sizes;
}

Deno.test("a checksum is kept, with its algorithm and type", async () => {
  for (const type of ["FULL_OBJECT", "COMPOSITE", undefined] as const) {
    const algorithm = type === "FULL_OBJECT" ? "CRC32" : "SHA256";
    await using test = await between({ key: "other", body: "x" });
    const { from } = test;
    const name = { Bucket: from.name, Key: "a" };
    const Body = new Uint8Array(6 * MIB).fill(7);
    await from.request({ operation: "PutObject" }, async (client, sdk) => {
      const checksum = { ChecksumAlgorithm: algorithm } as const;
      if (!type) return await client.send(new sdk.PutObjectCommand({ ...name, ...checksum, Body }));
      const begin = { ...name, ...checksum, ChecksumType: type };
      const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(begin));
      const Parts = [];
      for (const PartNumber of [1, 2]) {
        const part = { ...name, ...checksum, UploadId, PartNumber, Body };
        const { $metadata: _, ...sent } = await client.send(new sdk.UploadPartCommand(part));
        Parts.push({ PartNumber, ...sent });
      }
      const end = { ...name, UploadId, MultipartUpload: { Parts } };
      return await client.send(new sdk.CompleteMultipartUploadCommand(end));
    });
    const version = (await versionsOf(listVersions(from))).find(({ key }) => key === "a")!;
    const original = test.here.buckets.get("replica")!.currentObject("a")!;
    await test.copy({ ...version, toKey: "other" });
    assert.ok(original.checksum);
    assert.deepEqual(test.copied()?.checksum, original.checksum);
  }
});

for (const [what, object] of OBJECTS.slice(1)) {
  Deno.test(`a download ${what} that is cut goes on anew, and leaves no stump`, async () => {
    await using test = await between(object);
    const { here, there } = test;
    here.faults.add({ kind: "cut-body", operation: "GetObject", times: 2 });
    assert.ok((await test.copy()).etagKept);
    here.faults.add({ kind: "cut-body", operation: "GetObject", times: Infinity });
    there.createBucket("target", { versioning: "Enabled" });
    await assert.rejects(test.copy(), { code: "DownloadCut" });
    assertNothingLeft(there);
  });

  Deno.test(`bytes ${what} that are not the original's become no object`, async () => {
    await using test = await between(object);
    const { here, there } = test;
    const original = here.buckets.get("replica")!.currentObject(object.key)!;
    const content = new HeldContent(new Uint8Array(original.content.size));
    here.buckets.get("replica")!.replace({ ...original, content });
    await assert.rejects(
      test.copy(),
      ({ code }) => code === "BadDigest" || code === "BytesDamaged",
    );
    assertNothingLeft(there);
  });
}

Deno.test("an upload that the server breaks off or is too busy for is sent again", async () => {
  await using test = await between({ key: "a", body: someBytes(24 * MIB), partSize: 11 * MIB });
  const { here, there } = test;
  for (const kind of ["internal-error", "slowdown", "reset"] as const) {
    there.faults.add({ kind, operation: "UploadPart", times: 2 });
    here.faults.add({ kind, operation: "GetObject", times: 2 });
    assert.ok((await test.copy()).etagKept, kind);
  }
});

Deno.test("a stream that is aborted leaves no upload behind", async () => {
  await using test = await between({ key: "a", body: someBytes(24 * MIB), partSize: 11 * MIB });
  const { there } = test;
  there.faults.add({ kind: "internal-error", operation: "UploadPart", times: Infinity });
  const controller = new AbortController();
  const reason = new Error("enough");
  const copying = test.copy({ signal: controller.signal });
  while (there.requests.count("UploadPart") === 0) await new Promise((go) => setTimeout(go, 1));
  controller.abort(reason);
  await assert.rejects(copying, (error) => error === reason);
  assertNothingLeft(there);
});

Deno.test("a stream replaces only what was seen", async () => {
  for (const [, object] of OBJECTS.slice(1)) {
    await using test = await between(object);
    const [id] = test.there.seed("target", [{ key: object.key, body: "newer" }]);
    const to = openEmulated(test.there, "target");
    const guard = new TargetGuard(to);
    await using _ = to;
    await assert.rejects(test.copy({ to, guard }), { code: "TargetChanged" });
    assert.equal(test.copied()?.versionId, id);
    assert.ok((await test.copy({ to, guard, seenETag: test.copied()!.etag })).etagKept);
  }
});
