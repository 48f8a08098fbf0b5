import assert from "node:assert/strict";
import { emptyAndDelete } from "./s3_cleanup.ts";
import { type TestServer, testServer } from "./s3_server.ts";
import { encodeKey, signedRequest } from "./signed_request.ts";

const ENABLE = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
const KEYS = ["plain", "a b+c", "<&>'\"", "a/../b", "\u0001", "\u{1F600}", "/"];

/** A bucket with versions, delete markers and an upload that was never completed. */
async function makeFullBucket(server: TestServer): Promise<string> {
  const bucket = server.bucketName("full");
  const send = async (method: string, path: string, query = {}, body = "") => {
    const { status, text } = await signedRequest(server, { method, path, query, body });
    assert.ok(status < 300, `${method} ${path}: ${status} ${text}`);
  };
  await send("PUT", `/${bucket}`);
  await send("PUT", `/${bucket}`, { versioning: "" }, ENABLE);
  for (const key of KEYS) {
    const path = `/${bucket}/${encodeKey(key)}`;
    await send("PUT", path);
    await send("PUT", path);
    await send("DELETE", path);
    await send("POST", path, { uploads: "" });
  }
  return bucket;
}

Deno.test("each bucket name is new, and short and plain enough for S3", async () => {
  await using server = await testServer();
  const names = Array.from({ length: 50 }, () => server.bucketName("x".repeat(30)));
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
});

Deno.test("a hint that is no part of a bucket name is refused", async () => {
  await using server = await testServer();
  for (const hint of ["", "Upper", "under_score", "x".repeat(31)]) {
    assert.throws(() => server.bucketName(hint), TypeError);
  }
});

Deno.test("a bucket is emptied of versions, markers and uploads, and deleted", async () => {
  await using server = await testServer();
  const bucket = await makeFullBucket(server);
  await emptyAndDelete(server, bucket);
  const { status } = await signedRequest(server, { method: "HEAD", path: `/${bucket}` });
  assert.equal(status, 404);
});

Deno.test("emptying a bucket that was never made is no error", async () => {
  await using server = await testServer();
  await emptyAndDelete(server, server.bucketName("never"));
});

Deno.test("a disposed server leaves no bucket behind", async () => {
  await using witness = await testServer();
  let bucket = "";
  {
    await using server = await testServer();
    bucket = await makeFullBucket(server);
  }
  const { status } = await signedRequest(witness, { method: "HEAD", path: `/${bucket}` });
  assert.equal(status, 404);
});
