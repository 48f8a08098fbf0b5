import assert from "node:assert/strict";
import { contract, outcome } from "./contract.ts";

contract("encoding-type=url encodes keys, prefix and delimiter", async (s3) => {
  const bucket = await s3.bucket("encoded", "Enabled");
  await s3.put(bucket, "ä b+c/%\n<&>/x");
  const query = { versions: "", "encoding-type": "url", prefix: "ä b+", delimiter: "&>/" };
  const { text } = await s3.raw({ path: `/${bucket}`, query });
  const encoded = s3.differs({
    aws: ["%C3%A4+b%2B", "%26%3E/", "%C3%A4+b%2Bc/%25%0A%3C%26%3E/"],
    rgw: ["ä b+", "&amp;&gt;/", "%C3%A4%20b%2Bc/%25%0A%3C%26%3E/"],
    why: "the gateway encodes keys and common prefixes alone, and a space as %20, not +",
  });
  const found = [...text.matchAll(/<(?:Prefix|Delimiter)>(.*?)</g)].map(([, value]) => value);
  assert.deepEqual(found.sort(), encoded.sort());
  assert.match(text, /<EncodingType>url<\/EncodingType>/);
});

contract("encoding-type=url leaves letters, digits and -._*/ of a key as they are", async (s3) => {
  const bucket = await s3.bucket("encoded", "Enabled");
  await s3.put(bucket, "aZ09-._*/~!'()");
  const query = { versions: "", "encoding-type": "url" };
  const { text } = await s3.raw({ path: `/${bucket}`, query });
  const expected = s3.differs({
    aws: "aZ09-._*/%7E%21%27%28%29",
    rgw: "aZ09-._*%2F~!&apos;()",
    why: "AWS encodes as Java does, but for the slash; the gateway as JavaScript does, so that " +
      "an apostrophe is left to be escaped as XML",
  });
  assert.equal(/<Key>(.*?)</.exec(text)?.[1], expected);
});

contract("encoding-type=url encodes the markers as well", async (s3) => {
  const bucket = await s3.bucket("markers", "Enabled");
  for (const key of ["ä 1", "ä 2", "ä 3"]) await s3.put(bucket, key);
  const query = {
    versions: "",
    "encoding-type": "url",
    "key-marker": "ä 0",
    "max-keys": "2",
  };
  const { text } = await s3.raw({ path: `/${bucket}`, query });
  const markers = ["KeyMarker", "NextKeyMarker"].map((name) =>
    new RegExp(`<${name}>(.*?)<`).exec(text)?.[1]
  );
  const expected = s3.differs({
    aws: ["%C3%A4+0", "%C3%A4+2"],
    rgw: ["ä 0", "ä 2"],
    why: "the gateway leaves markers unencoded",
  });
  assert.deepEqual(markers, expected);
});

contract("an encoding-type other than url is refused", async (s3) => {
  const path = `/${await s3.bucket("encoding")}`;
  const answer = await s3.raw({ path, query: { versions: "", "encoding-type": "base64" } });
  const expected = s3.differs({
    aws: "400 InvalidArgument",
    rgw: "200",
    why: "the gateway ignores what it does not know",
  });
  assert.equal(outcome(answer), expected);
});
