/** Copying takes the lock of the second store, as all that changes a store does. */
import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { copySnapshots } from "../lib/copy_snapshots.ts";
import { gc } from "../lib/gc.ts";
import { acquireLock, readLock } from "../lib/lock.ts";
import { InputError, LockError } from "../lib/model/errors.ts";
import { manifestName } from "../lib/model/snapshot_id.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { serverNow } from "../lib/s3/server_time.ts";
import { unlock } from "../lib/unlock.ts";
import { hookStore } from "./hooked_store.ts";
import { testServer } from "./s3_server.ts";
import { putSnapshot } from "./stored_snapshots.ts";
import { TestBucket } from "./test_bucket.ts";

const IDS = ["20200101T000000Z-aaaa", "20200601T000000Z-bbbb"] as const;

function openNew(): SnapshotStore {
  return openMemoryStore(`memory:${crypto.randomUUID()}`);
}

async function world() {
  const server = await testServer();
  const held = await TestBucket.create(server, server.bucketName("copy-lock"));
  const from = openNew(), to = openNew(), bucket = held.handle;
  for (const id of IDS) await putSnapshot(from, id, [], { bucket: bucket.identity() });
  return {
    ...{ bucket, from, to },
    async [Symbol.asyncDispose]() {
      await held[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function idsIn(store: SnapshotStore): Promise<string[]> {
  const names = (await Array.fromAsync(store.list())).map(({ name }) => name);
  return IDS.filter((id) => names.includes(manifestName(id)));
}

Deno.test("no gc runs in the second store while points are copied to it, and one may after that", async () => {
  await using here = await world();
  const { bucket, from, to } = here;
  const collecting = () => gc({ bucket, store: to, policy: { keepLast: 1 } });
  for await (const { outcome } of copySnapshots({ from, to, bucket, owner: "nightly" })) {
    assert.equal(outcome, "copied");
    await assert.rejects(collecting(), (error) => {
      assert(error instanceof LockError);
      assert.match(error.message, /nightly.*copying of memory:/);
      return true;
    });
  }
  assert.deepEqual(await idsIn(to), IDS);
  assert.deepEqual((await collecting()).expired, [IDS[0]]);
});

Deno.test("nothing is copied while gc is at work in the second store, unless without the lock", async () => {
  await using here = await world();
  const { bucket, from, to } = here;
  {
    await using _lock = await acquireLock(to, { purpose: "gc", now: () => serverNow(bucket) });
    await assert.rejects(Array.fromAsync(copySnapshots({ from, to, bucket })), LockError);
    assert.deepEqual(await idsIn(to), []);
    await Array.fromAsync(copySnapshots({ from, to, lock: false }));
    assert.deepEqual(await idsIn(to), IDS);
  }
  assert.equal((await Array.fromAsync(copySnapshots({ from, to, bucket }))).length, IDS.length);
});

Deno.test("a copy that is left early gives the lock back, and takes none of the first store", async () => {
  await using here = await world();
  const { bucket, from, to } = here;
  for await (const _ of copySnapshots({ from, to, bucket })) {
    assert.equal(await readLock(from, await serverNow(bucket)), undefined);
    break;
  }
  assert.equal(await readLock(to, await serverNow(bucket)), undefined);
});

Deno.test("who has lost the lock meanwhile makes no snapshot exist", async () => {
  await using here = await world();
  const { bucket, from, to } = here;
  let isBroken = false;
  const view = hookStore(from, {
    before: async ({ operation, name }) => {
      if (operation !== "get" || !name.endsWith("/manifest.json") || isBroken) return;
      isBroken = true;
      await unlock({ store: to, bucket });
    },
  });
  await assert.rejects(Array.fromAsync(copySnapshots({ from: view, to, bucket })), LockError);
  assert.deepEqual([isBroken, await idsIn(to)], [true, []]);
});

Deno.test("without a clock there is no lock, and that is said before anything is copied", async () => {
  const from = openNew(), to = openNew();
  await putSnapshot(from, IDS[0], []);
  await assert.rejects(Array.fromAsync(copySnapshots({ from, to })), (error) => {
    assert(error instanceof InputError);
    assert.match(error.message, /give the bucket.* or say lock: false/);
    return true;
  });
  assert.deepEqual(await Array.fromAsync(to.list()), []);
});
