import assert from "node:assert/strict";
import { deleteVersions } from "../lib/s3/delete_versions.ts";
import { listVersions } from "../lib/s3/list_versions.ts";
import { openEmulated, openLocal } from "./emulated_bucket.ts";
import { startEmulator } from "./emulator/emulator.ts";
import { versionsOf } from "./entry_batches.ts";

async function withVersions(keys: readonly string[]) {
  const emulator = await startEmulator();
  emulator.createBucket("bucket", { versioning: "Enabled", objectLock: true });
  emulator.seed("bucket", keys.map((key) => ({ key })));
  const bucket = openEmulated(emulator, "bucket");
  return {
    emulator,
    bucket,
    versions: await versionsOf(listVersions(bucket)),
    async [Symbol.asyncDispose]() {
      await bucket[Symbol.asyncDispose]();
      await emulator[Symbol.asyncDispose]();
    },
  };
}

Deno.test("versions go a thousand a request", async () => {
  await using test = await withVersions(Array.from({ length: 2001 }, (_, i) => `key-${i}`));
  const result = await deleteVersions(test.bucket, test.versions);
  assert.deepEqual(result, { deleted: 2001, failed: [] });
  assert.equal(test.emulator.requests.count("DeleteObjects"), 3);
  assert.deepEqual(await versionsOf(listVersions(test.bucket)), []);
});

Deno.test("nothing to delete is no request", async () => {
  await using test = await withVersions([]);
  assert.deepEqual(await deleteVersions(test.bucket, []), { deleted: 0, failed: [] });
  assert.equal(test.emulator.requests.count("DeleteObjects"), 0);
});

Deno.test("keys that XML cannot carry go by themselves", async () => {
  const keys = ["a\0b", "\u0001", "\uffff", "fine", "line\nend\r", "<&>", "\u{1ffff}"];
  await using test = await withVersions(keys);
  const result = await deleteVersions(test.bucket, test.versions);
  assert.deepEqual(result, { deleted: keys.length, failed: [] });
  assert.equal(test.emulator.requests.count("DeleteObject"), 3);
  assert.deepEqual(await versionsOf(listVersions(test.bucket)), []);
});

Deno.test("without a version id a delete marker is put on top", async () => {
  await using test = await withVersions(["a"]);
  assert.deepEqual(await deleteVersions(test.bucket, [{ key: "a" }]), { deleted: 1, failed: [] });
  const versions = await versionsOf(listVersions(test.bucket));
  assert.deepEqual(versions.map(({ isDeleteMarker }) => isDeleteMarker), [true, false]);
});

Deno.test("what is gone already counts as deleted", async () => {
  await using test = await withVersions(["a"]);
  const gone = { key: "a\0", versionId: test.versions[0]!.versionId };
  await deleteVersions(test.bucket, test.versions);
  const again = await deleteVersions(test.bucket, [...test.versions, gone]);
  assert.deepEqual(again, { deleted: 2, failed: [] });
});

Deno.test("a key that the server refuses is returned, and the others go", async () => {
  await using test = await withVersions(["a", "held", "z"]);
  test.emulator.seed("bucket", [{ key: "locked", legalHold: "ON" }]);
  const versions = await versionsOf(listVersions(test.bucket));
  const { deleted, failed } = await deleteVersions(test.bucket, versions);
  assert.equal(deleted, 3);
  assert.deepEqual(failed.map(({ key, code }) => ({ key, code })), [
    { key: "locked", code: "AccessDenied" },
  ]);
  assert.equal(failed[0]?.versionId, versions.find(({ key }) => key === "locked")?.versionId);
});

/** A server that gives these answers, one after the other, and then none. */
function serve(answers: readonly (readonly [status: number, body: string])[]) {
  const left = [...answers];
  const respond = () => {
    const [status, body] = left.shift() ?? [500, ""];
    return new Response(body, { status, headers: { "content-type": "application/xml" } });
  };
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, respond);
}

const error = (code: string) => `<Error><Code>${code}</Code><Message>no</Message></Error>`;
const refusal = (key: string, code: string) =>
  `<Error><Key>${key}</Key><VersionId>1</VersionId><Code>${code}</Code><Message>m</Message></Error>`;

Deno.test("keys that the server was too busy for are sent again, the others not", async () => {
  const first = `<DeleteResult>${refusal("a", "InternalError")}${refusal("b", "AccessDenied")}` +
    `</DeleteResult>`;
  await using server = serve([[200, first], [200, "<DeleteResult/>"]]);
  await using bucket = openLocal(server.addr.port);
  const versions = ["a", "b", "c"].map((key) => ({ key, versionId: "1" }));
  assert.deepEqual(await deleteVersions(bucket, versions), {
    deleted: 2,
    failed: [{ key: "b", versionId: "1", code: "AccessDenied", message: "m" }],
  });
});

Deno.test("keys that the server stays too busy for are returned", async () => {
  const busy = `<DeleteResult>${refusal("a", "SlowDown")}</DeleteResult>`;
  await using server = serve(Array.from({ length: 4 }, () => [200, busy] as const));
  await using bucket = openLocal(server.addr.port);
  const { deleted, failed } = await deleteVersions(bucket, [{ key: "a", versionId: "1" }]);
  assert.equal(deleted, 0);
  assert.deepEqual(failed.map(({ code }) => code), ["SlowDown"]);
});

Deno.test("a request that fails for itself is each of its keys' failure", async () => {
  await using server = serve([[400, error("MalformedXML")]]);
  await using bucket = openLocal(server.addr.port);
  const versions = ["a", "b"].map((key) => ({ key, versionId: "1" }));
  const { deleted, failed } = await deleteVersions(bucket, versions);
  assert.equal(deleted, 0);
  assert.deepEqual(failed.map(({ key, code }) => [key, code]), [
    ["a", "MalformedXML"],
    ["b", "MalformedXML"],
  ]);
});

Deno.test("what no request could do is thrown", async () => {
  for (const [status, code] of [[404, "NoSuchBucket"], [403, "AccessDenied"]] as const) {
    await using server = serve([[status, error(code)]]);
    await using bucket = openLocal(server.addr.port);
    await assert.rejects(deleteVersions(bucket, [{ key: "a", versionId: "1" }]), { code });
  }
});

Deno.test("an abort stops what has not been sent, with its reason", async () => {
  await using test = await withVersions(["a"]);
  const reason = new Error("enough");
  const deleting = deleteVersions(test.bucket, test.versions, {
    signal: AbortSignal.abort(reason),
  });
  await assert.rejects(deleting, (error) => error === reason);
  assert.equal(test.emulator.requests.count("DeleteObjects"), 0);
});
