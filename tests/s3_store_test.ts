/** What an S3 store makes of a server that fails: on the emulator, which fails on demand. */
import assert from "node:assert/strict";
import { openS3Store, PART_BYTES } from "../backends/s3_prefix.ts";
import type { SnapshotStore } from "../testing.ts";
import { type Emulator, startEmulator } from "./emulator/emulator.ts";

const BYTES = crypto.getRandomValues(new Uint8Array(60_000));
const LARGE = new Uint8Array(2 * PART_BYTES + 1).fill(7);

interface Setup extends AsyncDisposable {
  readonly emulator: Emulator;
  readonly store: SnapshotStore;
}

async function setup(maxAttempts = 1): Promise<Setup> {
  const emulator = await startEmulator();
  emulator.createBucket("bucket");
  const { url, region, accessKeyId, secretAccessKey } = emulator;
  const store = openS3Store(`s3://bucket/prefix?region=${region}&endpoint=${url}`, {
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts,
    retryPause: 1,
  });
  return {
    emulator,
    store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await emulator[Symbol.asyncDispose]();
    },
  };
}

function bodyOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> {
  return new Blob([bytes]).stream();
}

async function read(store: SnapshotStore, name: string): Promise<Uint8Array> {
  return await new Response(await store.get(name)).bytes();
}

async function names(store: SnapshotStore): Promise<string[]> {
  return (await Array.fromAsync(store.list())).map(({ name }) => name);
}

Deno.test("each upload has a checksum, as buckets with a default retention want it", async () => {
  await using s3 = await setup();
  await s3.store.put("small", bodyOf(BYTES));
  await s3.store.put("new", bodyOf(BYTES), { createOnly: true });
  await s3.store.put("large", bodyOf(LARGE));
  const { requests } = s3.emulator;
  const uploads = [...requests.of("PutObject"), ...requests.of("UploadPart")];
  assert.ok(uploads.length >= 5, `${uploads.length} uploads`);
  for (const { headers } of uploads) assert.match(headers["content-md5"] ?? "", /^[\w+/]{22}==$/);
});

Deno.test("a body that is cut is read on from where it ended", async () => {
  await using s3 = await setup();
  await s3.store.put("a", bodyOf(BYTES));
  s3.emulator.faults.add({ kind: "cut-body", operation: "GetObject", times: 5 });
  assert.deepEqual(await read(s3.store, "a"), BYTES);
  const ranges = s3.emulator.requests.of("GetObject").map(({ headers }) => headers["range"]);
  assert.equal(ranges[0], undefined);
  assert.equal(ranges[1], "bytes=30000-");
  assert.equal(ranges.length, 6);
});

Deno.test("a body that cannot be read on errors, and does not end", async () => {
  await using s3 = await setup();
  await s3.store.put("a", bodyOf(BYTES));
  s3.emulator.faults.add({ kind: "cut-body", operation: "GetObject" });
  s3.emulator.faults.add({ kind: "internal-error", operation: "GetObject", times: 9 });
  await assert.rejects(read(s3.store, "a"), { name: "StoreError", code: "Unavailable" });
});

for (const change of ["replaced", "deleted"] as const) {
  Deno.test(`a body that was ${change} is not read on`, async () => {
    await using s3 = await setup();
    await s3.store.put("a", bodyOf(BYTES));
    s3.emulator.faults.add({ kind: "cut-body", operation: "GetObject" });
    const stream = await s3.store.get("a");
    if (change === "deleted") await s3.store.delete("a");
    else await s3.store.put("a", bodyOf(BYTES.toReversed()));
    await assert.rejects(new Response(stream).bytes(), {
      name: "StoreError",
      message: /replaced or deleted while it was read/,
    });
  });
}

Deno.test("a put whose answer was lost took place", async () => {
  await using s3 = await setup();
  s3.emulator.faults.add({ kind: "reset", operation: "PutObject", applied: true });
  await s3.store.put("a", bodyOf(BYTES));
  assert.deepEqual(await read(s3.store, "a"), BYTES);
});

Deno.test("a creation whose answer was lost is not taken for another's", async () => {
  await using s3 = await setup(3);
  await s3.store.put("probed", bodyOf(BYTES), { createOnly: true });
  s3.emulator.faults.add({ kind: "reset", operation: "PutObject", applied: true });
  await s3.store.put("a", bodyOf(BYTES), { createOnly: true });
  const statuses = s3.emulator.requests.of("PutObject").slice(-2).map(({ status }) => status);
  assert.deepEqual(statuses, [0, 412], "the retry must have found the object");
  assert.deepEqual(await read(s3.store, "a"), BYTES);
});

Deno.test("a put that did not take place rejects, and leaves what was there", async () => {
  await using s3 = await setup();
  await s3.store.put("a", bodyOf(BYTES));
  s3.emulator.faults.add({ kind: "internal-error", operation: "PutObject" });
  await assert.rejects(s3.store.put("a", bodyOf(LARGE.slice(0, 9))), {
    name: "StoreError",
    code: "Unavailable",
    retryable: true,
  });
  assert.deepEqual(await read(s3.store, "a"), BYTES);
});

Deno.test("a large body that fails aborts its upload", async () => {
  for (const operation of ["UploadPart", "CompleteMultipartUpload"]) {
    await using s3 = await setup();
    s3.emulator.faults.add({ kind: "internal-error", operation });
    await assert.rejects(s3.store.put("a", bodyOf(LARGE)), { code: "Unavailable" });
    assert.equal(s3.emulator.requests.count("AbortMultipartUpload"), 1);
    assert.deepEqual(await names(s3.store), []);
  }
});

Deno.test("a large body whose completion was answered by silence took place", async () => {
  await using s3 = await setup();
  s3.emulator.faults.add({ kind: "reset", operation: "CompleteMultipartUpload", applied: true });
  await s3.store.put("a", bodyOf(LARGE));
  assert.deepEqual(await read(s3.store, "a"), LARGE);
});

Deno.test("a body of exactly one part is one request, one byte more is an upload", async () => {
  await using s3 = await setup();
  await s3.store.put("a", bodyOf(LARGE.slice(0, PART_BYTES)), { createOnly: true });
  assert.equal(s3.emulator.requests.count("CreateMultipartUpload"), 0);
  await s3.store.put("b", bodyOf(LARGE.slice(0, PART_BYTES + 1)));
  assert.equal(s3.emulator.requests.count("UploadPart"), 2);
  await assert.rejects(
    s3.store.put("c", bodyOf(LARGE.slice(0, PART_BYTES + 1)), { createOnly: true }),
    { code: "Unsupported", message: /at most 8388608 bytes/ },
  );
  assert.deepEqual(await names(s3.store), ["a", "b"]);
});

Deno.test("who may not delete versions leaves a probe below a delete marker", async () => {
  const secretAccessKey = "secret";
  const deny = [{ action: "s3:DeleteObjectVersion" }];
  await using emulator = await startEmulator({
    credentials: { limited: { secretAccessKey, deny } },
  });
  const bucket = emulator.createBucket("bucket", { versioning: "Enabled" });
  const url = `s3://bucket/prefix?region=${emulator.region}&endpoint=${emulator.url}`;
  const credentials = { accessKeyId: "limited", secretAccessKey };
  await using store = openS3Store(url, { credentials });
  await store.put("a", bodyOf(BYTES), { createOnly: true });
  const shown = [...bucket.keys.keysFrom("")]
    .flatMap(({ versions: [current] }) => current?.kind === "object" ? [current.key] : []);
  assert.deepEqual(shown, ["prefix/a"]);
});

Deno.test("the probe is asked once, and again when it was not answered", async () => {
  await using s3 = await setup();
  s3.emulator.faults.add({ kind: "internal-error", operation: "PutObject" });
  const create = (name: string) => s3.store.put(name, bodyOf(BYTES), { createOnly: true });
  await assert.rejects(create("a"), { code: "Unavailable", retryable: true });
  s3.emulator.requests.clear();
  await Promise.all(["a", "b", "c"].map(create));
  await create("d");
  const probes = s3.emulator.requests.of("PutObject").filter(({ key }) => key.includes("probe"));
  assert.deepEqual(probes.map(({ status }) => status), [200, 412]);
  const deleted = s3.emulator.requests.of("DeleteObject").map(({ key }) => key);
  assert.deepEqual(deleted, [probes[0]!.key], "the probe's key must be removed");
});

Deno.test("creators that S3 sends away because of each other try again", async () => {
  const statuses: number[] = [];
  const conflict = "<Error><Code>ConditionalRequestConflict</Code><Message>busy</Message></Error>";
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    if (request.method !== "PUT") return new Response(null, { status: 404 });
    statuses.push([200, 412, 409, 409, 200][statuses.length] ?? 500);
    return new Response(statuses.at(-1) === 409 ? conflict : null, { status: statuses.at(-1)! });
  });
  const url = `s3://bucket?region=us-east-1&endpoint=http://127.0.0.1:${server.addr.port}`;
  const credentials = { accessKeyId: "test", secretAccessKey: "testtest" };
  await using store = openS3Store(url, { credentials, maxAttempts: 1 });
  await store.put("a", bodyOf(BYTES), { createOnly: true });
  assert.deepEqual(statuses, [200, 412, 409, 409, 200]);
});
