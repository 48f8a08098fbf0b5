import assert from "node:assert/strict";
import type { ListObjectsV2CommandOutput } from "npm:@aws-sdk/client-s3@3.1169.0";
import { contract, outcome } from "./contract.ts";

function keys({ Contents = [] }: ListObjectsV2CommandOutput): (string | undefined)[] {
  return Contents.map(({ Key }) => Key);
}

contract("ListObjectsV2 shows the current objects alone", async (s3) => {
  const Bucket = await s3.bucket("current", "Enabled");
  await s3.put(Bucket, "a", "old");
  await s3.put(Bucket, "a", "newer");
  await s3.put(Bucket, "gone");
  await s3.sdk.deleteObject({ Bucket, Key: "gone" });
  const { Contents = [], KeyCount } = await s3.sdk.listObjectsV2({ Bucket });
  assert.deepEqual(Contents.map(({ Key, Size }) => [Key, Size]), [["a", 5]]);
  assert.equal(KeyCount, 1);
});

contract("ListObjectsV2 goes on by continuation token until all are read", async (s3) => {
  const Bucket = await s3.bucket("pages");
  const all = ["a", "b", "c d", "e+f", "ü"];
  for (const key of all) await s3.put(Bucket, key);
  for (const MaxKeys of [1, 2, 5]) {
    const read: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.sdk.listObjectsV2({ Bucket, MaxKeys, ContinuationToken });
      assert.equal(page.KeyCount, page.Contents?.length);
      assert.equal(page.IsTruncated, page.NextContinuationToken !== undefined);
      read.push(...keys(page));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    assert.deepEqual(read, all, `in pages of ${MaxKeys}`);
  }
});

contract("ListObjectsV2 starts behind start-after", async (s3) => {
  const Bucket = await s3.bucket("after");
  for (const key of ["a", "b", "c"]) await s3.put(Bucket, key);
  assert.deepEqual(keys(await s3.sdk.listObjectsV2({ Bucket, StartAfter: "b" })), ["c"]);
  assert.deepEqual(keys(await s3.sdk.listObjectsV2({ Bucket, StartAfter: "a0" })), ["b", "c"]);
});

contract("ListObjectsV2 counts a common prefix as one key", async (s3) => {
  const Bucket = await s3.bucket("folded");
  for (const key of ["a/1", "a/2", "b", "c/1"]) await s3.put(Bucket, key);
  const whole = await s3.sdk.listObjectsV2({ Bucket, Delimiter: "/" });
  assert.deepEqual(whole.CommonPrefixes?.map(({ Prefix }) => Prefix), ["a/", "c/"]);
  assert.deepEqual([keys(whole), whole.KeyCount], [["b"], 3]);
  const first = await s3.sdk.listObjectsV2({ Bucket, Delimiter: "/", MaxKeys: 1 });
  assert.deepEqual(first.CommonPrefixes?.map(({ Prefix }) => Prefix), ["a/"]);
  const ContinuationToken = first.NextContinuationToken;
  const rest = await s3.sdk.listObjectsV2({ Bucket, Delimiter: "/", ContinuationToken });
  assert.deepEqual([keys(rest), rest.KeyCount], [["b"], 2]);
});

contract("ListObjectsV2 names the owner only when asked", async (s3) => {
  const Bucket = await s3.bucket("owner");
  await s3.put(Bucket, "a");
  const plain = await s3.sdk.listObjectsV2({ Bucket });
  const asked = await s3.sdk.listObjectsV2({ Bucket, FetchOwner: true });
  assert.equal(plain.Contents?.[0]?.Owner, undefined);
  assert.equal(typeof asked.Contents?.[0]?.Owner?.ID, "string");
});

contract("a continuation token that the server did not give is refused", async (s3) => {
  const path = `/${await s3.bucket("token")}`;
  const query = { "list-type": "2", "continuation-token": "not-a-token!" };
  const expected = s3.differs({
    aws: "400 InvalidArgument",
    rgw: "200",
    why: "the gateway's token is a key, so any text is one",
  });
  assert.equal(outcome(await s3.raw({ path, query })), expected);
});
