import assert from "node:assert/strict";
import { InputError, S3Error } from "../lib/model/errors.ts";
import { type BucketOptions, openBucket } from "../lib/s3/bucket.ts";
import { serverNow } from "../lib/s3/server_time.ts";
import { versioningState } from "../lib/s3/versioning.ts";
import { listVersions } from "../lib/s3/list_versions.ts";
import { versionsOf } from "./entry_batches.ts";
import { openEmulated, openLocal } from "./emulated_bucket.ts";
import { startEmulator } from "./emulator/emulator.ts";

async function errorOf(call: () => Promise<unknown>): Promise<S3Error> {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof S3Error, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "the call went through" });
}

const ONCE: BucketOptions = { maxAttempts: 1 };

Deno.test("an unknown bucket is named, with the server that does not have it", async () => {
  await using emulator = await startEmulator();
  await using bucket = openEmulated(emulator, "absent", ONCE);
  for (
    const call of [
      () => versionsOf(listVersions(bucket)),
      () => versioningState(bucket),
      () => serverNow(bucket),
    ]
  ) {
    const error = await errorOf(call);
    assert.equal(error.code, "NoSuchBucket");
    assert.equal(error.status, 404);
    assert.equal(error.retryable, false);
    assert.match(error.message, /bucket absent/);
    assert.ok(error.message.includes(emulator.url), error.message);
  }
});

Deno.test("an unknown key and a wrong secret are told apart", async () => {
  await using emulator = await startEmulator();
  emulator.createBucket("bucket");
  const { accessKeyId } = emulator;
  const stranger = { accessKeyId: "AKIANOBODY", secretAccessKey: "x" };
  await using unknown = openEmulated(emulator, "bucket", { ...ONCE, credentials: stranger });
  const wrong = { accessKeyId, secretAccessKey: "wrong" };
  await using mistaken = openEmulated(emulator, "bucket", { ...ONCE, credentials: wrong });
  const [first, second] = [
    await errorOf(() => versioningState(unknown)),
    await errorOf(() => versioningState(mistaken)),
  ];
  assert.equal(first.code, "InvalidAccessKeyId");
  assert.equal(second.code, "SignatureDoesNotMatch");
  assert.match(second.message, /AWS_SECRET_ACCESS_KEY/);
  assert.ok(!second.message.includes("wrong"), second.message);
});

Deno.test("a bucket in another region is told with that region", async () => {
  await using emulator = await startEmulator({ otherRegions: ["eu-west-1"] });
  emulator.createBucket("bucket", { region: "eu-west-1" });
  await using bucket = openEmulated(emulator, "bucket", ONCE);
  for (const call of [() => versioningState(bucket), () => serverNow(bucket)]) {
    const error = await errorOf(call);
    assert.match(error.message, /its URL must say region=eu-west-1/);
  }
});

/** A server that answers everything alike. */
function serve(status: number, body: string, headers: HeadersInit = {}) {
  const respond = () => new Response(body === "" ? null : body, { status, headers });
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, respond);
}

const document = (code: string, more = "") =>
  `<Error><Code>${code}</Code><Message>Said the server.</Message>${more}</Error>`;

Deno.test("a region that a server expects is read out of its refusal", async () => {
  const region = "<Region>ap-south-1</Region>";
  await using server = serve(400, document("AuthorizationHeaderMalformed", region));
  await using bucket = openLocal(server.addr.port);
  const error = await errorOf(() => versioningState(bucket));
  assert.equal(error.code, "AuthorizationHeaderMalformed");
  assert.match(error.message, /its URL must say region=ap-south-1/);
});

Deno.test("a refusal names the permission that may be missing", async () => {
  await using server = serve(403, document("AccessDenied"));
  await using bucket = openLocal(server.addr.port);
  const listing = await errorOf(() => versionsOf(listVersions(bucket)));
  assert.equal(listing.code, "AccessDenied");
  assert.equal(listing.status, 403);
  assert.match(listing.message, /s3:ListBucketVersions/);
  assert.match((await errorOf(() => versioningState(bucket))).message, /s3:GetBucketVersioning/);
  // An answer to HEAD has no body to tell more.
  assert.equal((await errorOf(() => serverNow(bucket))).code, "AccessDenied");
});

Deno.test("a clock that differs is told as such", async () => {
  await using server = serve(403, document("RequestTimeTooSkewed"));
  await using bucket = openLocal(server.addr.port);
  const error = await errorOf(() => versioningState(bucket));
  assert.equal(error.code, "RequestTimeTooSkewed");
  assert.match(error.message, /clock/);
});

Deno.test("a server that cannot be reached is told as such, and may be tried again", async () => {
  const server = serve(200, "");
  const { port } = server.addr;
  await server.shutdown();
  await using refused = openLocal(port);
  const error = await errorOf(() => versioningState(refused));
  assert.equal(error.code, "Unreachable");
  assert.equal(error.retryable, true);
  assert.equal(error.status, undefined);
  assert.match(error.message, new RegExp(`listens at http://127.0.0.1:${port}`));
});

Deno.test("a server that does not speak TLS is told as such", async () => {
  await using server = serve(200, "");
  const { port } = server.addr;
  const credentials = { accessKeyId: "test", secretAccessKey: "testtest" };
  const url = `s3://bucket?region=us-east-1&endpoint=https://127.0.0.1:${port}`;
  await using bucket = openBucket(url, { credentials, maxAttempts: 1 });
  const error = await errorOf(() => versioningState(bucket));
  assert.equal(error.code, "Unreachable");
  assert.match(error.message, /http or https/);
});

Deno.test("a server that falls silent is given up", async () => {
  await using emulator = await startEmulator({ latency: 300 });
  emulator.createBucket("bucket");
  await using bucket = openEmulated(emulator, "bucket", { maxAttempts: 1, idleTimeout: 50 });
  assert.equal((await errorOf(() => versioningState(bucket))).code, "Unreachable");
});

Deno.test("a server without a clock is told as such", async () => {
  await using server = serve(200, "", { date: "the day after" });
  await using bucket = openLocal(server.addr.port);
  assert.equal((await errorOf(() => serverNow(bucket))).code, "NoServerTime");
});

Deno.test("an abort rejects with the signal's reason, before and during a request", async () => {
  await using emulator = await startEmulator({ latency: 200 });
  emulator.createBucket("bucket");
  await using bucket = openEmulated(emulator, "bucket");
  const reason = new Error("enough");
  const isReason = (error: unknown) => error === reason;
  const signal = AbortSignal.abort(reason);
  await assert.rejects(versioningState(bucket, { signal }), isReason);
  assert.equal(emulator.requests.count(), 0);
  const controller = new AbortController();
  const asking = versioningState(bucket, { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 20);
  await assert.rejects(asking, isReason);
});

Deno.test("a handle that was disposed of says so", async () => {
  await using emulator = await startEmulator();
  emulator.createBucket("bucket");
  const bucket = openEmulated(emulator, "bucket");
  await versioningState(bucket);
  await bucket[Symbol.asyncDispose]();
  assert.equal((await errorOf(() => versioningState(bucket))).code, "Closed");
});

Deno.test("a bucket says what it is, and no credentials", () => {
  const credentials = { accessKeyId: "AKIA", secretAccessKey: "hunter2" };
  const url = "s3://photos/2026/?region=eu-west-1&endpoint=http://127.0.0.1:1";
  const bucket = openBucket(url, { credentials });
  assert.deepEqual(bucket.identity(), {
    name: "photos",
    prefix: "2026/",
    region: "eu-west-1",
    endpoint: "http://127.0.0.1:1",
  });
  assert.equal(bucket.url, url);
  assert.ok(!Deno.inspect(bucket).includes("hunter2"));
});

Deno.test("options that no run could work with are refused", () => {
  for (
    const options of [
      { concurrency: 0 },
      { concurrency: 1.5 },
      { concurrency: 5000 },
      { maxAttempts: 0 },
      { idleTimeout: -1 },
      { connectTimeout: NaN },
    ]
  ) {
    assert.throws(() => openBucket("s3://photos", options), InputError);
  }
});
