import assert from "node:assert/strict";
import { copyVersion } from "../lib/s3/copy_version.ts";
import { listRanges } from "../lib/s3/list_ranges.ts";
import { RequestGate } from "../lib/s3/request_gate.ts";
import { versioningState } from "../lib/s3/versioning.ts";
import { openEmulated } from "./emulated_bucket.ts";
import { startEmulator } from "./emulator/emulator.ts";
import { SEED } from "./seed.ts";

/** Resolves once all that waits for nothing but other promises has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("a gate lets as many through as it should, in order", async () => {
  const gate = new RequestGate(2);
  const started: number[] = [];
  const turns = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const done = turns.map(({ promise }, i) => gate.run(() => (started.push(i), promise)));
  await settled();
  assert.deepEqual(started, [0, 1]);
  turns[1]!.resolve();
  await settled();
  assert.deepEqual(started, [0, 1, 2]);
  for (const { resolve } of turns) resolve();
  await Promise.all(done);
  assert.deepEqual(started, [0, 1, 2, 3]);
});

Deno.test("what waits at a gate can be aborted, and leaves its place", async () => {
  const gate = new RequestGate(1);
  const turn = Promise.withResolvers<void>();
  const first = gate.run(() => turn.promise);
  const controller = new AbortController();
  const reason = new Error("enough");
  const second = gate.run(() => Promise.resolve("second"), controller.signal);
  const third = gate.run(() => Promise.resolve("third"));
  controller.abort(reason);
  await assert.rejects(second, (error) => error === reason);
  turn.resolve();
  await first;
  assert.equal(await third, "third");
});

Deno.test("a gate halves once for what was under way together, and comes back", async () => {
  const gate = new RequestGate(8);
  const turn = Promise.withResolvers<void>();
  const running = Array.from({ length: 8 }, () => gate.run(() => turn.promise));
  for (let i = 0; i < 8; i++) gate.noteThrottling();
  assert.equal(gate.limit, 4);
  for (let i = 0; i < 8; i++) gate.noteThrottling();
  assert.equal(gate.limit, 2);
  turn.resolve();
  await Promise.all(running);
  for (let i = 0; i < 100; i++) gate.noteThrottling();
  assert.equal(gate.limit, 1);
  for (let i = 0; i < 40; i++) gate.noteAnswer();
  assert.equal(gate.limit, 8);
});

Deno.test("a run under steady throttling ends, and ends right", async () => {
  await using emulator = await startEmulator({ pageSize: 10, seed: SEED });
  emulator.createSyntheticBucket("bucket", { keys: 60 });
  emulator.faults.add({ kind: "slowdown", probability: 0.5 });
  // Few tries each: it is the rounds that must carry it through.
  await using bucket = openEmulated(emulator, "bucket", { maxAttempts: 2, concurrency: 4 });
  let versions = 0;
  await listRanges(bucket, {}, async (batches) => {
    for await (const batch of batches) versions += batch.length;
  });
  assert.equal(versions, 60);
});

Deno.test("a server that never stops asking for less is told of as such", async () => {
  await using emulator = await startEmulator();
  emulator.createBucket("bucket");
  emulator.faults.add({ kind: "slowdown", times: Infinity });
  await using bucket = openEmulated(emulator, "bucket", { maxAttempts: 1 });
  await assert.rejects(versioningState(bucket), { code: "SlowDown", status: 503, retryable: true });
  assert.equal(emulator.requests.count(), 1);
});

Deno.test("an error within an answer of status 200 is no throttling", async () => {
  await using emulator = await startEmulator();
  emulator.createBucket("bucket", { versioning: "Enabled" });
  const [versionId] = emulator.seed("bucket", [{ key: "a", body: "x" }]);
  emulator.faults.add({ kind: "error-in-200", operation: "CopyObject", times: Infinity });
  await using bucket = openEmulated(emulator, "bucket", { maxAttempts: 2 });
  const version = { key: "a", versionId: versionId!, size: 1, etag: "" };
  await assert.rejects(copyVersion({ ...version, from: bucket, to: bucket, toKey: "b" }), {
    code: "InternalError",
  });
  assert.equal(emulator.requests.count("CopyObject"), 2);
});
