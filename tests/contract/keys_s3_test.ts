import assert from "node:assert/strict";
import { encodeKey } from "../signed_request.ts";
import { bodyOf, type Contract, contract, outcome } from "./contract.ts";

/** Keys that some layer between a program and an S3 server has been known to spoil. */
const AWKWARD: Readonly<Record<string, string>> = {
  "a space": "a b",
  "spaces at both ends": " a ",
  "a plus": "a+b",
  "a percent sign": "100%",
  "what looks encoded": "a%20b%2Fc",
  "an accent": "é",
  "a decomposed accent": "e\u0301",
  "an emoji, above U+FFFF": "\u{1F600}",
  "a character beside the surrogates": "\uFF5E",
  "a line feed": "a\nb",
  "a carriage return": "a\rb",
  "a tab": "a\tb",
  "XML": "<a>&amp;'\"</a>",
  "a query": "a?versions&x=y#z",
  "a leading slash": "/a",
  "a trailing slash": "a/",
  "doubled slashes": "a//b",
  "dots within": "a..b/c.",
  "a backslash": "a\\b",
  "punctuation": "!'()*,:;=@$[]{}|^`~",
  "1,024 bytes": "ü".repeat(512),
};

for (const [name, key] of Object.entries(AWKWARD)) {
  contract(`a key may hold ${name}`, async (s3) => {
    const Bucket = await s3.bucket("key", "Enabled");
    const version = await s3.put(Bucket, key, "text");
    assert.equal(await bodyOf(s3.sdk, Bucket, key, version), "text");
    assert.deepEqual(await listedKeys(s3, Bucket), [key]);
    const CopySource = `${Bucket}/${encodeKey(key)}?versionId=${version}`;
    await s3.sdk.copyObject({ Bucket, Key: key, CopySource });
    const copy = await s3.sdk.headObject({ Bucket, Key: key });
    const Objects = [version, copy.VersionId].map((VersionId) => ({ Key: key, VersionId }));
    const { Errors } = await s3.sdk.deleteObjects({ Bucket, Delete: { Objects } });
    assert.equal(Errors, undefined);
    assert.deepEqual(await listedKeys(s3, Bucket), []);
  });
}

/** The distinct keys of a bucket's versions, read with encoding-type=url. */
async function listedKeys(s3: Contract, bucket: string): Promise<string[]> {
  const query = { versions: "", "encoding-type": "url" };
  const { text } = await s3.raw({ path: `/${bucket}`, query });
  const found = [...text.matchAll(/<Key>(.*?)<\/Key>/gs)].map(([, encoded = ""]) => {
    const unescaped = encoded.replaceAll("&apos;", "'").replaceAll("&amp;", "&");
    return decodeURIComponent(unescaped.replaceAll("+", " "));
  });
  return [...new Set(found)];
}

contract("control characters are told by encoding-type=url alone", async (s3) => {
  const bucket = await s3.bucket("control");
  for (const code of [1, 8, 0x1f, 0x7f]) {
    const key = `a${String.fromCharCode(code)}b`;
    const path = `/${bucket}/${encodeKey(key)}`;
    assert.equal(outcome(await s3.raw({ method: "PUT", path })), "200", `U+${code}`);
    assert.deepEqual(await listedKeys(s3, bucket), [key]);
    await s3.raw({ method: "DELETE", path });
  }
});

contract("a path segment of dots in a key", async (s3) => {
  const bucket = await s3.bucket("dots");
  for (const key of ["../a", "a/../b", "a/./b", ".", ".."]) {
    const path = `/${bucket}/${encodeKey(key)}`;
    assert.equal(outcome(await s3.raw({ method: "PUT", path, body: key })), "200", key);
    assert.equal((await s3.raw({ path })).text, key);
    assert.deepEqual(await listedKeys(s3, bucket), [key]);
    assert.equal((await s3.raw({ method: "DELETE", path })).status, 204);
  }
});

contract("a key of more than 1,024 bytes is refused", async (s3) => {
  const bucket = await s3.bucket("long");
  const path = `/${bucket}/${encodeKey("ü".repeat(512) + "a")}`;
  const expected = s3.differs({
    aws: "400 KeyTooLongError",
    rgw: "400 InvalidObjectName",
    why: "another code for the same",
  });
  assert.equal(outcome(await s3.raw({ method: "PUT", path })), expected);
});

contract("keys are bytes: a composed and a decomposed accent are two keys", async (s3) => {
  const Bucket = await s3.bucket("normal");
  await s3.put(Bucket, "é", "composed");
  await s3.put(Bucket, "e\u0301", "decomposed");
  assert.equal(await bodyOf(s3.sdk, Bucket, "é"), "composed");
  assert.deepEqual(await listedKeys(s3, Bucket), ["e\u0301", "é"]);
});

contract("keys differ in case", async (s3) => {
  const Bucket = await s3.bucket("case");
  await s3.put(Bucket, "A", "upper");
  await s3.put(Bucket, "a", "lower");
  assert.equal(await bodyOf(s3.sdk, Bucket, "A"), "upper");
});

contract("a key may hold U+0000", async (s3) => {
  const path = `/${await s3.bucket("nul")}/a%00b`;
  const expected = s3.differs({
    aws: [200, 204],
    rgw: [400, 400],
    why: "the gateway refuses the path",
  });
  const put = await s3.raw({ method: "PUT", path });
  const deleted = await s3.raw({ method: "DELETE", path });
  assert.deepEqual([put.status, deleted.status], expected);
});
