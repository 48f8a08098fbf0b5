import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { restore, type RestoreOptions } from "../lib/restore.ts";
import { snapshot } from "../lib/snapshot.ts";
import { startEmulator } from "./emulator/emulator.ts";
import { type TestServer, testServer } from "./s3_server.ts";
import { TestBucket } from "./test_bucket.ts";

const delay = () => Promise.resolve();
const MIB = 1024 * 1024;
// Of a size that is guessed right where a server does not tell it.
const PARTS = [8, 8, 1].map((size, i) => new Uint8Array(size * MIB).fill(i + 1));

/** An embedded server and the one that the suite runs on, each with a bucket. */
async function twoServers(hint: string) {
  const stack = new AsyncDisposableStack();
  const emulator = stack.use(await startEmulator());
  const embedded = { ...emulator, endpoint: emulator.url };
  const server: TestServer = stack.use(await testServer());
  const here = stack.use(await TestBucket.create(embedded, "embedded"));
  const there = stack.use(await TestBucket.create(server, server.bucketName(hint)));
  const store = stack.use(openMemoryStore());
  return { here, there, store, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

for (const direction of ["from", "to"] as const) {
  Deno.test(`a bucket comes back ${direction} another server, byte for byte`, async () => {
    await using given = await twoServers(`servers-${direction}`);
    const { here, there, store } = given;
    const [replica, target] = direction === "from" ? [here, there] : [there, here];
    await replica.put("rich/ü %41", {
      body: "precious",
      contentType: "image/png",
      metadata: { owner: "me" },
      tags: { kind: "photo", year: "2026" },
    });
    await replica.put("empty", "");
    await replica.put("overwritten", "old");
    await replica.putInParts("parts", PARTS);
    await snapshot({ bucket: replica.handle, store, delay });
    await target.put("overwritten", "new");
    const options: RestoreOptions = {
      ...{ store, snapshot: "latest", replica: replica.handle, target: target.handle, delay },
    };
    const plan = await restore({ ...options, dryRun: true });
    const bytes = "precious".length + "old".length + 17 * MIB;
    assert.deepEqual([plan.copied, plan.streamed, plan.bytesStreamed], [4, 4, bytes]);
    const report = await restore(options);
    assert.deepEqual(report.failed, []);
    assert.deepEqual([report.streamed, report.bytesStreamed, report.etagsChanged], [4, bytes, 0]);
    assert.deepEqual(await target.contents(), await replica.contents());
    const again = await restore(options);
    assert.deepEqual([again.unchanged, again.copied], [4, 0]);
  });
}

Deno.test("within one server bytes pass through on request only", async () => {
  await using server = await testServer();
  await using replica = await TestBucket.create(server, server.bucketName("stream-replica"));
  await using target = await TestBucket.create(server, server.bucketName("stream-target"));
  await using store = openMemoryStore();
  await replica.put("a", "text");
  await replica.putInParts("parts", PARTS);
  await snapshot({ bucket: replica.handle, store, delay });
  const options = { store, snapshot: "latest", replica: replica.handle, target: target.handle };
  assert.equal((await restore({ ...options, dryRun: true })).streamed, 0);
  const { copied, streamed, etagsChanged } = await restore({ ...options, delay, stream: true });
  assert.deepEqual([copied, streamed, etagsChanged], [2, 2, 0]);
  assert.deepEqual(await target.contents(), await replica.contents());
});
