/** Of those who change a replica or its snapshots, one is at work at a time. */
import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { acquireLock, breakLock } from "../lib/lock.ts";
import { IncompleteRestoreError } from "../lib/restore/restore_report.ts";
import { sync, type SyncOptions } from "../lib/sync.ts";
import { syncAndSnapshot } from "../lib/sync_and_snapshot.ts";
import { openEmulated } from "./emulated_bucket.ts";
import { startEmulator } from "./emulator/emulator.ts";
import { S3Proxy } from "./s3_proxy.ts";

const delay = () => Promise.resolve();
const now = () => Promise.resolve(Date.now());

async function world() {
  const stack = new AsyncDisposableStack();
  const emulator = stack.use(await startEmulator());
  const proxy = stack.use(await S3Proxy.start(emulator.url.replace(/\/$/, "")));
  const open = (name: string) => {
    emulator.createBucket(name, { versioning: "Enabled" });
    return stack.use(openEmulated({ ...emulator, url: proxy.endpoint }, name));
  };
  const store = stack.use(openMemoryStore());
  const options = { source: open("source"), replica: open("replica"), store, delay };
  await emulator.seed("source", [{ key: "a", body: "one" }]);
  const records = async () => {
    const names = await Array.fromAsync(store.list({ prefix: "lock/" }), ({ name }) => name);
    return Number(/\d+/.exec(names.at(-1) ?? "0")![0]);
  };
  return {
    emulator,
    proxy,
    store,
    options,
    records,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

Deno.test("a sync waits for nobody, and begins nothing in a store that is locked", async () => {
  await using given = await world();
  const { store, options, emulator } = given;
  {
    await using _ = await acquireLock(store, { purpose: "snapshot of s3://replica", now });
    emulator.requests.clear();
    await assert.rejects(sync(options), {
      code: "LockHeld",
      message: /for snapshot of s3:\/\/replica/,
    });
    await assert.rejects(syncAndSnapshot(options), { code: "LockHeld" });
    assert.equal(emulator.requests.of("CopyObject").length, 0);
    assert.equal((await sync({ ...options, dryRun: true })).copied, 1);
    assert.equal((await sync({ ...options, lock: false })).copied, 1);
  }
  assert.equal((await sync(options)).unchanged, 1);
});

Deno.test("while one sync runs another is refused, and so it is until its snapshot is stored", async () => {
  await using given = await world();
  const { options, proxy, records } = given;
  const refused: unknown[] = [];
  let isBusy = false;
  const meddle = async () => {
    if (isBusy) return;
    isBusy = true;
    refused.push(await sync(options).catch(({ code, message }) => `${code} ${message}`));
    isBusy = false;
  };
  proxy.hooks = { before: ({ path }) => /[?&]versions/.test(path) ? meddle() : undefined };
  const { sync: synced, snapshot } = await syncAndSnapshot(options);
  assert.deepEqual([synced.copied, snapshot.objects], [1, 1]);
  assert(refused.length >= 3, "before, between and after");
  for (const each of refused) assert.match(String(each), /^LockHeld .* for sync and snapshot of /);
  assert.equal(await records(), 2, "taken once, and given back");
});

Deno.test("a sync that lost the lock deletes nothing more, and says so", async () => {
  await using given = await world();
  const { options, proxy, store, emulator } = given;
  await emulator.seed("replica", [{ key: "stray", body: "x" }]);
  proxy.hooks = {
    before: async ({ path }) => {
      if (!/^\/replica.*[?&]versions/.test(path)) return;
      await breakLock(store, Date.now());
    },
  };
  await assert.rejects(sync(options), (error) => {
    assert(error instanceof IncompleteRestoreError);
    assert.deepEqual([error.code, error.report.deleted], ["LockLost", 0]);
    assert.match(
      error.message,
      /^the sync of s3:\S+replica\S* to what its source held at .* is not /,
    );
    assert.match(error.message, /syncing again does the rest$/);
    return true;
  });
  assert.equal(emulator.requests.of("DeleteObjects").length, 0);
});

Deno.test("a sync that is called off takes no snapshot, and gives the lock back", async () => {
  await using given = await world();
  const { options, store, records } = given;
  const stop = new AbortController();
  const onProgress: SyncOptions["onProgress"] = () => stop.abort(new Error("enough"));
  const { signal } = stop;
  await assert.rejects(syncAndSnapshot({ ...options, signal, onProgress }), /enough/);
  assert.equal(await records(), 2);
  const names = await Array.fromAsync(store.list(), ({ name }) => name);
  assert(names.every((name) => name.startsWith("lock/")));
});
