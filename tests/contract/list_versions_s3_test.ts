import assert from "node:assert/strict";
import type { ListObjectVersionsCommandOutput } from "npm:@aws-sdk/client-s3@3.1169.0";
import { type Contract, contract, outcome, setVersioning } from "./contract.ts";

/** `key version-id` of each version and marker, in the order of the XML document. */
async function documentOrder(s3: Contract, bucket: string, query: Record<string, string> = {}) {
  const { text } = await s3.raw({ path: `/${bucket}`, query: { versions: "", ...query } });
  return [...text.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)].map(([, , item = ""]) => {
    const key = /<Key>(.*?)<\/Key>/s.exec(item)?.[1];
    const version = /<VersionId>(.*?)<\/VersionId>/.exec(item)?.[1];
    return `${key} ${version}`;
  });
}

function keys({ Versions = [] }: ListObjectVersionsCommandOutput): (string | undefined)[] {
  return Versions.map(({ Key }) => Key);
}

contract("versions are listed by key, then newest first, markers among them", async (s3) => {
  const bucket = await s3.bucket("order", "Enabled");
  const b1 = await s3.put(bucket, "b");
  const a1 = await s3.put(bucket, "a");
  const a2 = (await s3.sdk.deleteObject({ Bucket: bucket, Key: "a" })).VersionId;
  const b2 = await s3.put(bucket, "b");
  const a3 = await s3.put(bucket, "a");
  assert.deepEqual(await documentOrder(s3, bucket), [
    `a ${a3}`,
    `a ${a2}`,
    `a ${a1}`,
    `b ${b2}`,
    `b ${b1}`,
  ]);
});

contract("a listed version says all that a snapshot keeps of it", async (s3) => {
  const Bucket = await s3.bucket("fields", "Enabled");
  const VersionId = await s3.put(Bucket, "a", "text");
  const { Versions = [] } = await s3.sdk.listObjectVersions({ Bucket });
  const { LastModified } = await s3.sdk.headObject({ Bucket, Key: "a" });
  const [version] = Versions;
  assert.ok(version?.LastModified && LastModified);
  assert.equal(version.Key, "a");
  assert.equal(version.VersionId, VersionId);
  assert.equal(version.ETag, '"1cb251ec0d568de6a929b520c4aed8d1"');
  assert.equal(version.Size, 4);
  assert.equal(version.StorageClass, "STANDARD");
  assert.equal(version.IsLatest, true);
  assert.equal(Math.floor(+version.LastModified / 1000), Math.floor(+LastModified / 1000));
});

contract("a time in a listing is ISO 8601 in UTC with milliseconds", async (s3) => {
  const bucket = await s3.bucket("time", "Enabled");
  await s3.put(bucket, "a");
  const { text } = await s3.raw({ path: `/${bucket}`, query: { versions: "" } });
  assert.match(text, /<LastModified>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z<\/LastModified>/);
});

contract("a listed delete marker has no size, ETag or storage class", async (s3) => {
  const bucket = await s3.bucket("marker", "Enabled");
  await s3.sdk.deleteObject({ Bucket: bucket, Key: "a" });
  const { text } = await s3.raw({ path: `/${bucket}`, query: { versions: "" } });
  const marker = /<DeleteMarker>(.*)<\/DeleteMarker>/s.exec(text)?.[1] ?? "";
  for (const element of ["Key", "VersionId", "IsLatest", "LastModified", "Owner"]) {
    assert.match(marker, new RegExp(`<${element}>`));
  }
  assert.doesNotMatch(marker, /<(Size|ETag|StorageClass)>/);
});

contract("one version or marker of each key is the latest", async (s3) => {
  const Bucket = await s3.bucket("latest", "Enabled");
  await s3.put(Bucket, "alive");
  await s3.put(Bucket, "alive");
  await s3.put(Bucket, "dead");
  await s3.sdk.deleteObject({ Bucket, Key: "dead" });
  const { Versions = [], DeleteMarkers = [] } = await s3.sdk.listObjectVersions({ Bucket });
  const latest = [...Versions, ...DeleteMarkers].filter(({ IsLatest }) => IsLatest);
  assert.deepEqual(latest.map(({ Key }) => Key).sort(), ["alive", "dead"]);
  assert.deepEqual(DeleteMarkers.map(({ IsLatest }) => IsLatest), [true]);
});

contract("the order of keys is that of their UTF-8 bytes", async (s3) => {
  const Bucket = await s3.bucket("utf8", "Enabled");
  // JavaScript would put the emoji, a surrogate pair, before U+FF5E.
  const sorted = ["A", "Z", "a", "a/", "a/b", "a0", "é", "\uFF5E", "\u{1F600}"];
  for (const key of sorted.toReversed()) await s3.put(Bucket, key);
  assert.deepEqual(keys(await s3.sdk.listObjectVersions({ Bucket })), sorted);
});

contract("a prefix limits the listing to keys that begin with it", async (s3) => {
  const Bucket = await s3.bucket("prefix", "Enabled");
  for (const key of ["a", "ab", "ab/c", "b"]) await s3.put(Bucket, key);
  assert.deepEqual(keys(await s3.sdk.listObjectVersions({ Bucket, Prefix: "ab" })), ["ab", "ab/c"]);
  assert.deepEqual(keys(await s3.sdk.listObjectVersions({ Bucket, Prefix: "x" })), []);
});

contract("a delimiter folds keys into common prefixes", async (s3) => {
  const Bucket = await s3.bucket("delimiter", "Enabled");
  for (const key of ["a/1", "a/2", "b", "c/1"]) await s3.put(Bucket, key);
  const folded = await s3.sdk.listObjectVersions({ Bucket, Delimiter: "/" });
  assert.deepEqual(keys(folded), ["b"]);
  assert.deepEqual(folded.CommonPrefixes?.map(({ Prefix }) => Prefix), ["a/", "c/"]);
});

contract("pages hold at most max-keys, and the next begins behind the last", async (s3) => {
  const bucket = await s3.bucket("pages");
  await s3.put(bucket, "b");
  await setVersioning(s3.sdk, bucket, "Enabled");
  for (const key of ["a", "a", "a", "b", "c"]) await s3.put(bucket, key);

  await s3.sdk.deleteObject({ Bucket: bucket, Key: "b" });
  const whole = await documentOrder(s3, bucket);
  for (const size of [1, 2, 3, 5, 7, 8]) {
    const read: string[] = [];
    let marker: Record<string, string> = {};
    while (true) {
      const page = await documentOrder(s3, bucket, { "max-keys": String(size), ...marker });
      if (page.length === 0) break;
      assert.ok(page.length <= size, `${page.length} in a page of ${size}`);
      read.push(...page);
      const [key = "", version = ""] = page.at(-1)!.split(" ");
      marker = { "key-marker": key, "version-id-marker": version };
    }
    assert.deepEqual(read, whole, `in pages of ${size}`);
  }
});

contract("a truncated page names the key and version that the next one follows", async (s3) => {
  const Bucket = await s3.bucket("next", "Enabled");
  await s3.put(Bucket, "a");
  const newer = await s3.put(Bucket, "a");
  const page = await s3.sdk.listObjectVersions({ Bucket, MaxKeys: 1 });
  assert.equal(page.IsTruncated, true);
  assert.deepEqual([page.NextKeyMarker, page.NextVersionIdMarker], ["a", newer]);
  const last = await s3.sdk.listObjectVersions({
    Bucket,
    KeyMarker: page.NextKeyMarker,
    VersionIdMarker: page.NextVersionIdMarker,
  });
  assert.equal(last.Versions?.length, 1);
  assert.equal(last.IsTruncated, false);
  assert.deepEqual([last.NextKeyMarker, last.NextVersionIdMarker], [undefined, undefined]);
});

contract("a page holds 1,000 entries unless told otherwise", async (s3) => {
  const Bucket = await s3.bucket("thousand");
  const names = Array.from({ length: 1003 }, (_, i) => String(i).padStart(4, "0"));
  const waiting = names.values();
  await Promise.all(Array.from({ length: 16 }, async () => {
    for (const key of waiting) await s3.raw({ method: "PUT", path: `/${Bucket}/${key}` });
  }));
  const first = await s3.sdk.listObjectVersions({ Bucket });
  assert.deepEqual(keys(first), names.slice(0, 1000));
  assert.equal(first.IsTruncated, true);
  const rest = await s3.sdk.listObjectVersions({
    Bucket,
    KeyMarker: first.NextKeyMarker,
    VersionIdMarker: first.NextVersionIdMarker,
  });
  assert.deepEqual(keys(rest), names.slice(1000));
});

contract("a page that ends exactly at the end is not truncated", async (s3) => {
  const Bucket = await s3.bucket("exact", "Enabled");
  for (const key of ["a", "b"]) await s3.put(Bucket, key);
  const { IsTruncated, Versions } = await s3.sdk.listObjectVersions({ Bucket, MaxKeys: 2 });
  assert.deepEqual([IsTruncated, Versions?.length], [false, 2]);
});

contract("a key marker alone starts behind the key", async (s3) => {
  const Bucket = await s3.bucket("after", "Enabled");
  for (const key of ["a", "b", "b", "c"]) await s3.put(Bucket, key);
  const expected = s3.differs({
    aws: ["c"],
    rgw: ["b", "b", "c"],
    why: "the gateway starts at the key when no version id marker is given",
  });
  assert.deepEqual(keys(await s3.sdk.listObjectVersions({ Bucket, KeyMarker: "b" })), expected);
});

contract("a key marker need not be a key", async (s3) => {
  const Bucket = await s3.bucket("between", "Enabled");
  for (const key of ["a", "b", "d"]) await s3.put(Bucket, key);
  assert.deepEqual(keys(await s3.sdk.listObjectVersions({ Bucket, KeyMarker: "b0" })), ["d"]);
  assert.deepEqual(keys(await s3.sdk.listObjectVersions({ Bucket, KeyMarker: "z" })), []);
});

contract("a key marker may come from behind or before the prefix", async (s3) => {
  const Bucket = await s3.bucket("outside", "Enabled");
  for (const key of ["a/1", "b/1", "c/1"]) await s3.put(Bucket, key);
  const at = (KeyMarker: string) => s3.sdk.listObjectVersions({ Bucket, Prefix: "b/", KeyMarker });
  assert.deepEqual(keys(await at("a/5")), ["b/1"]);
  assert.deepEqual(keys(await at("c/0")), []);
});

contract("a version id marker needs a key marker", async (s3) => {
  const bucket = await s3.bucket("orphan", "Enabled");
  const version = await s3.put(bucket, "a") ?? "";
  const query = { versions: "", "version-id-marker": version };
  const expected = s3.differs({
    aws: "400 InvalidArgument",
    rgw: "200",
    why: "the gateway ignores it",
  });
  assert.equal(outcome(await s3.raw({ path: `/${bucket}`, query })), expected);
});

contract("max-keys beyond 1,000 means 1,000, and 0 lists nothing", async (s3) => {
  const Bucket = await s3.bucket("max", "Enabled");
  await s3.put(Bucket, "a");
  assert.equal((await s3.sdk.listObjectVersions({ Bucket, MaxKeys: 5000 })).MaxKeys, 1000);
  const none = await s3.sdk.listObjectVersions({ Bucket, MaxKeys: 0 });
  assert.deepEqual([none.Versions, none.IsTruncated, none.MaxKeys], [undefined, false, 0]);
});

contract("a max-keys that is no number is refused", async (s3) => {
  const path = `/${await s3.bucket("max")}`;
  const at = async (max: string) =>
    outcome(await s3.raw({ path, query: { versions: "", "max-keys": max } }));
  assert.equal(await at("many"), "400 InvalidArgument");
  const negative = s3.differs({
    aws: "400 InvalidArgument",
    rgw: "200",
    why: "the gateway takes a negative number for 0",
  });
  assert.equal(await at("-1"), negative);
});

contract(
  "a page of a delimited listing that ends in a common prefix goes on behind it",
  async (s3) => {
    const Bucket = await s3.bucket("folded", "Enabled");
    for (const key of ["a/1", "a/2", "b/1", "c"]) await s3.put(Bucket, key);
    const first = await s3.sdk.listObjectVersions({ Bucket, Delimiter: "/", MaxKeys: 1 });
    assert.deepEqual(first.CommonPrefixes?.map(({ Prefix }) => Prefix), ["a/"]);
    assert.equal(first.IsTruncated, true);
    const rest = await s3.sdk.listObjectVersions({
      Bucket,
      Delimiter: "/",
      KeyMarker: first.NextKeyMarker,
      VersionIdMarker: first.NextVersionIdMarker,
    });
    assert.deepEqual(rest.CommonPrefixes?.map(({ Prefix }) => Prefix), ["b/"]);
    assert.deepEqual(keys(rest), ["c"]);
  },
);
