/** Faults of the embedded S3: by rule, by seed, and as a client meets them. */
import assert from "node:assert/strict";
import * as S3 from "npm:@aws-sdk/client-s3@3.1169.0";
import { startEmulator } from "./emulator/emulator.ts";
import { Faults, type FaultSubject } from "./emulator/faults.ts";
import { assertRefused, connect } from "./emulator_client.ts";

const REQUEST: FaultSubject = { operation: "GetObject", bucket: "bucket", key: "a", query: {} };

async function start() {
  const s3 = await startEmulator();
  s3.createBucket("bucket", { versioning: "Enabled" });
  s3.seed("bucket", [{ key: "a", body: "0123456789".repeat(100) }]);
  return { s3, client: connect(s3), at: { Bucket: "bucket", Key: "a" } };
}

function pattern(seed: number, requests: number): string {
  const faults = new Faults(seed);
  faults.add({ kind: "slowdown", probability: 0.3 });
  return Array.from({ length: requests }, () => faults.decide(REQUEST) ? "x" : ".").join("");
}

Deno.test("faults: a seed decides which requests fail", () => {
  assert.equal(pattern(5, 200), pattern(5, 200));
  assert.notEqual(pattern(5, 200), pattern(6, 200));
  const failed = pattern(5, 1_000).split("x").length - 1;
  assert.ok(failed > 200 && failed < 400, `${failed} of 1,000 at a probability of 0.3`);
});

Deno.test("faults: a rule matches, spares, and wears out", () => {
  const faults = new Faults(1);
  faults.add({ kind: "reset", operation: "GetObject", key: "a", after: 1, times: 2 });
  const decide = (changes: Partial<FaultSubject> = {}) =>
    faults.decide({ ...REQUEST, ...changes })?.kind;
  assert.equal(decide({ key: "b" }), undefined);
  assert.equal(decide({ operation: "HeadObject" }), undefined);
  assert.deepEqual([decide(), decide(), decide(), decide()], [
    undefined,
    "reset",
    "reset",
    undefined,
  ]);
  faults.add({ kind: "slowdown", when: ({ query }) => query["x"] === "1" });
  assert.equal(decide(), undefined);
  assert.equal(decide({ query: { x: "1" } }), "slowdown");
});

Deno.test("faults: 503, 500, and an error inside a 200", async () => {
  const { s3, client, at } = await start();
  await using _ = s3;
  s3.faults.add({ kind: "slowdown" });
  await assertRefused(client.send(new S3.GetObjectCommand(at)), 503, "SlowDown");
  s3.faults.add({ kind: "internal-error" });
  await assertRefused(client.send(new S3.GetObjectCommand(at)), 500, "InternalError");
  await client.send(new S3.GetObjectCommand(at));

  s3.faults.add({ kind: "error-in-200", operation: "CopyObject", times: 2 });
  const copy = new S3.CopyObjectCommand({ Bucket: "bucket", Key: "b", CopySource: "bucket/a" });
  // The SDK notices, and calls it a 503 so that it may be tried again.
  await assertRefused(client.send(copy), 503, "InternalError");
  const { status } = s3.requests.of("CopyObject")[0]!;
  assert.equal(status, 200);
  assert.equal(s3.buckets.get("bucket")?.current("b"), undefined);
});

Deno.test("faults: an answer that is lost after its work was done", async () => {
  const { s3, client } = await start();
  await using _ = s3;
  s3.faults.add({ kind: "reset", operation: "PutObject", applied: true });
  s3.faults.add({ kind: "reset", operation: "PutObject" });
  const put = (Key: string) =>
    client.send(new S3.PutObjectCommand({ Bucket: "bucket", Key, Body: "x" }));
  await assert.rejects(put("done"), { code: "ECONNRESET" });
  await assert.rejects(put("undone"), { code: "ECONNRESET" });
  assert.ok(s3.buckets.get("bucket")?.current("done"));
  assert.equal(s3.buckets.get("bucket")?.current("undone"), undefined);
  assert.deepEqual(s3.requests.of("PutObject").map(({ status }) => status), [0, 0]);
});

Deno.test("faults: a reset is one, and not the orderly end of a connection", async () => {
  const { s3 } = await start();
  await using _ = s3;
  s3.faults.add({ kind: "reset", times: 1 });
  using connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(s3.url).port),
  });
  await connection.write(new TextEncoder().encode("GET /bucket HTTP/1.1\r\nHost: s3\r\n\r\n"));
  await assert.rejects(connection.read(new Uint8Array(1)), Deno.errors.ConnectionReset);
});

Deno.test("faults: a body that ends half way", async () => {
  const { s3, client, at } = await start();
  await using _ = s3;
  s3.faults.add({ kind: "cut-body" });
  const { Body, ContentLength } = await client.send(new S3.GetObjectCommand(at));
  assert.equal(ContentLength, 1_000);
  let received = 0;
  await assert.rejects(async () => {
    for await (const chunk of Body as AsyncIterable<Uint8Array>) received += chunk.length;
  });
  assert.equal(received, 500);
});

Deno.test("faults: the SDK gets through by trying again", async () => {
  const { s3, at } = await start();
  await using _ = s3;
  s3.faults.add({ kind: "slowdown", times: 1 });
  s3.faults.add({ kind: "reset", times: 1 });
  const client = connect(s3, { maxAttempts: 3 });
  const { Body } = await client.send(new S3.GetObjectCommand(at));
  assert.equal((await Body!.transformToString()).length, 1_000);
  assert.deepEqual(s3.requests.of("GetObject").map(({ status }) => status), [503, 0, 200]);
});

Deno.test("faults: none left after clear", async () => {
  const { s3, client, at } = await start();
  await using _ = s3;
  s3.faults.add({ kind: "slowdown", probability: 1 });
  s3.faults.clear();
  await client.send(new S3.HeadObjectCommand(at));
});
