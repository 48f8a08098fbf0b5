/** ListObjectVersions and ListObjectsV2 against a model that does it the simple way. */
import assert from "node:assert/strict";
import * as S3 from "npm:@aws-sdk/client-s3@3.1169.0";
import fc from "npm:fast-check@4.10.2";
import { type Emulator, startEmulator } from "./emulator/emulator.ts";
import { compareKeys } from "./emulator/key_order.ts";
import { afterPrefix } from "./emulator/listing.ts";
import { assertRefused, connect } from "./emulator_client.ts";
import { runs } from "./seed.ts";

/** Characters that sort, encode and cut in every awkward way. */
const CHARACTERS = ["a", "b", "/", "-", "+", " ", "%", "é", "\uffee", "\u{1f600}", "\n", "<", "&"];
const key = fc.array(fc.constantFrom(...CHARACTERS), { minLength: 1, maxLength: 5 })
  .map((characters) => characters.join(""));
const contents = fc.array(fc.record({ key, deleteMarker: fc.boolean() }), { maxLength: 40 });
const scope = fc.record({
  Prefix: fc.constantFrom("", "a", "a/", "é", "\u{1f600}"),
  Delimiter: fc.constantFrom(undefined, "/", "+", "a/"),
  MaxKeys: fc.integer({ min: 1, max: 12 }),
  // Without it, the SDK's own parser loses keys that are white space.
  EncodingType: fc.constant("url" as const),
});

function compareBytes(a: string, b: string): number {
  const [x, y] = [new TextEncoder().encode(a), new TextEncoder().encode(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    if (x[i] !== y[i]) return x[i]! - y[i]!;
  }
  return x.length - y.length;
}

/** What AWS writes for `encoding-type=url`, read back: a form encoding. */
function read(text: string | undefined): string {
  return decodeURIComponent((text ?? "").replaceAll("+", "%20"));
}

/** A listing's entries in order, from the bucket itself and not from its listing code. */
function expected(
  versions: readonly { key: string; versionId: string }[],
  prefix: string,
  delimiter: string | undefined,
): string[] {
  const entries: string[] = [];
  for (const { key, versionId } of versions) {
    if (!key.startsWith(prefix)) continue;
    const cut = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
    const entry = cut < 0
      ? `${key} ${versionId}`
      : `prefix ${key.slice(0, cut + delimiter!.length)}`;
    if (entries.at(-1) !== entry) entries.push(entry);
  }
  return entries;
}

function allVersions(s3: Emulator, keys: readonly string[]): { key: string; versionId: string }[] {
  const bucket = s3.buckets.get("bucket")!;
  return [...new Set(keys)].sort(compareBytes).flatMap((key) =>
    bucket.keys.get(key)!.versions.map(({ versionId }) => ({ key, versionId }))
  );
}

/** The elements of a listing in the order of the document, which the SDK's lists do not keep. */
async function listed(
  client: S3.S3Client,
  input: S3.ListObjectVersionsCommandInput,
  inclusive: boolean,
): Promise<string[]> {
  const entries: string[] = [];
  for (let next = input, pages = 0;; pages++) {
    assert.ok(pages < 1_000, "the listing does not end");
    const page = await client.send(new S3.ListObjectVersionsCommand(next));
    const items = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    const size = items.length + (page.CommonPrefixes?.length ?? 0);
    assert.ok(size <= input.MaxKeys!);
    if (page.IsTruncated) assert.equal(size, input.MaxKeys);
    entries.push(
      ...items.map(({ Key, VersionId }) => `${read(Key)} ${VersionId}`),
      ...(page.CommonPrefixes ?? []).map(({ Prefix }) => `prefix ${read(Prefix)}`),
    );
    if (!page.IsTruncated) return entries;
    next = {
      ...input,
      KeyMarker: read(page.NextKeyMarker),
      VersionIdMarker: page.NextVersionIdMarker,
    };
    // Where a lone marker is inclusive, a page may begin with what the last one ended with.
    if (inclusive && page.NextVersionIdMarker === undefined) assert.ok(page.CommonPrefixes);
  }
}

Deno.test("listing: keys are compared by their UTF-8 bytes", () => {
  const anything = fc.string({ unit: "binary", maxLength: 6 });
  fc.assert(
    fc.property(anything, anything, (a, b) => {
      assert.equal(Math.sign(compareKeys(a, b)), Math.sign(compareBytes(a, b)));
    }),
    runs(500),
  );
  assert.ok(compareKeys("\uffee", "\u{1f600}") < 0, "JavaScript's own order has it otherwise");
});

Deno.test("listing: what follows a prefix is the least key that is after all its keys", () => {
  assert.equal(afterPrefix("a/"), "a0");
  assert.equal(afterPrefix("\ud7ff"), "\ue000");
  assert.equal(afterPrefix("\uffff"), "\u{10000}");
  assert.equal(afterPrefix("a\u{10ffff}"), "b");
  assert.equal(afterPrefix("\u{10ffff}"), undefined);
  assert.equal(afterPrefix(""), undefined);
});

for (const inclusiveKeyMarker of [false, true]) {
  Deno.test(`listing: pages show each version once, inclusive ${inclusiveKeyMarker}`, async () => {
    await using s3 = await startEmulator({ inclusiveKeyMarker });
    const client = connect(s3);
    await fc.assert(
      fc.asyncProperty(contents, scope, async (objects, input) => {
        s3.createBucket("bucket", { versioning: "Enabled" });
        s3.seed("bucket", objects);
        const versions = allVersions(s3, objects.map(({ key }) => key));
        const entries = await listed(client, { Bucket: "bucket", ...input }, inclusiveKeyMarker);
        const wanted = expected(versions, input.Prefix, input.Delimiter);
        assert.deepEqual(entries.toSorted(), wanted.toSorted());
        assert.equal(new Set(entries).size, entries.length);
      }),
      runs(25),
    );
  });
}

Deno.test("listing: objects are those whose newest version is no delete marker", async () => {
  await using s3 = await startEmulator({ shortPages: true });
  const client = connect(s3);
  await fc.assert(
    fc.asyncProperty(contents, scope, async (objects, input) => {
      s3.createBucket("bucket", { versioning: "Enabled" });
      s3.seed("bucket", objects);
      const bucket = s3.buckets.get("bucket")!;
      const current = allVersions(s3, objects.map(({ key }) => key))
        .filter(({ key, versionId }) => bucket.currentObject(key)?.versionId === versionId)
        .map(({ key }) => ({ key, versionId: "" }));
      const entries: string[] = [];
      const pages = S3.paginateListObjectsV2({ client }, { Bucket: "bucket", ...input });
      for await (const page of pages) {
        entries.push(
          ...(page.Contents ?? []).map(({ Key }) => `${read(Key)} `),
          ...(page.CommonPrefixes ?? []).map(({ Prefix }) => `prefix ${read(Prefix)}`),
        );
      }
      const wanted = expected(current, input.Prefix, input.Delimiter);
      assert.deepEqual(entries.toSorted(), wanted.toSorted());
    }),
    runs(25),
  );
});

Deno.test("listing: a lone key marker is passed over, or begun at as RGW does", async () => {
  for (const [inclusiveKeyMarker, keys] of [[false, ["c"]], [true, ["b", "b", "c"]]] as const) {
    await using s3 = await startEmulator({ inclusiveKeyMarker });
    s3.createBucket("bucket", { versioning: "Enabled" });
    const [, , older, newest] = s3.seed(
      "bucket",
      ["a", "c", "b", "b"].map((key) => ({ key })),
    );
    const client = connect(s3);
    const list = (VersionIdMarker?: string) =>
      client.send(
        new S3.ListObjectVersionsCommand({ Bucket: "bucket", KeyMarker: "b", VersionIdMarker }),
      ).then(({ Versions }) => Versions!.map(({ Key }) => Key));
    assert.deepEqual(await list(), keys);
    assert.deepEqual(await list(newest), ["b", "c"]);
    assert.deepEqual(await list(older), ["c"]);
  }
});

Deno.test("listing: goes on after a version that was removed meanwhile", async () => {
  await using s3 = await startEmulator();
  s3.createBucket("bucket", { versioning: "Enabled" });
  const ids = s3.seed("bucket", Array.from({ length: 5 }, () => ({ key: "a" })));
  const client = connect(s3);
  const first = await client.send(
    new S3.ListObjectVersionsCommand({ Bucket: "bucket", MaxKeys: 2 }),
  );
  assert.equal(first.NextVersionIdMarker, ids[3]);
  s3.buckets.get("bucket")!.deleteVersion("a", ids[3]!);
  const rest = await client.send(
    new S3.ListObjectVersionsCommand({
      Bucket: "bucket",
      KeyMarker: first.NextKeyMarker,
      VersionIdMarker: first.NextVersionIdMarker,
    }),
  );
  assert.deepEqual(rest.Versions?.map(({ VersionId }) => VersionId), [ids[2], ids[1], ids[0]]);
});

Deno.test("listing: markers and numbers that AWS refuses", async () => {
  await using s3 = await startEmulator();
  s3.createBucket("bucket");
  const client = connect(s3);
  const inputs: Omit<S3.ListObjectVersionsCommandInput, "Bucket">[] = [
    { VersionIdMarker: "null" },
    { KeyMarker: "a", VersionIdMarker: "" },
    { KeyMarker: "a", VersionIdMarker: "no version id" },
    { MaxKeys: -1 },
    { EncodingType: "base64" as "url" },
  ];
  for (const input of inputs) {
    const request = new S3.ListObjectVersionsCommand({ Bucket: "bucket", ...input });
    await assertRefused(client.send(request), 400, "InvalidArgument");
  }
});
