import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { listSnapshots } from "../lib/list_snapshots.ts";
import { readSnapshot } from "../lib/read_snapshot.ts";
import { snapshot as snapshotAfterWait, type SnapshotOptions } from "../lib/snapshot.ts";
import { hookStore } from "./hooked_store.ts";
import { testServer } from "./s3_server.ts";
import { TestBucket } from "./test_bucket.ts";

/** Nobody else writes here, so the end of a second need not be waited for. */
const delay = () => Promise.resolve();
const snapshot = (options: SnapshotOptions) => snapshotAfterWait({ delay, ...options });

/** Names of what a store holds, without the lock's own. */
async function namesIn(store: ReturnType<typeof openMemoryStore>): Promise<string[]> {
  const names = (await Array.fromAsync(store.list())).map(({ name }) => name);
  return names.filter((name) => !name.startsWith("lock/"));
}

Deno.test("a snapshot holds what is current, and says so", async () => {
  await using server = await testServer();
  await using bucket = await TestBucket.create(server, server.bucketName("snap"));
  await using store = openMemoryStore();
  await bucket.put("a", "old");
  const a = await bucket.put("a", "newer");
  await bucket.put("gone", "x");
  await bucket.remove("gone");
  const b = await bucket.put("b/é 😀", "12");
  const report = await snapshot({ bucket: bucket.handle, store, label: "first" });
  const { durationMs, ...rest } = report;
  assert.ok(durationMs >= 0);
  assert.deepEqual(rest, {
    id: report.id,
    asOf: report.asOf,
    bucket: bucket.handle.url,
    objects: 2,
    bytes: 7,
    parts: 1,
  });
  const entries = await Array.fromAsync(readSnapshot({ store, snapshot: "latest" }));
  assert.deepEqual(entries.map(({ key, versionId, size }) => [key, versionId, size]), [
    ["a", a, 5],
    ["b/é 😀", b, 2],
  ]);
  const [row] = await Array.fromAsync(listSnapshots({ store }));
  assert.equal(row!.id, report.id);
  assert.equal(row!.label, "first");
  assert.equal(row!.bucket, bucket.handle.url);
});

Deno.test("a snapshot of an empty bucket is one", async () => {
  await using server = await testServer();
  await using bucket = await TestBucket.create(server, server.bucketName("snap-empty"));
  await using store = openMemoryStore();
  const report = await snapshot({ bucket: bucket.handle, store });
  assert.deepEqual([report.objects, report.bytes, report.parts], [0, 0, 0]);
  assert.deepEqual(await Array.fromAsync(readSnapshot({ store, snapshot: report.id })), []);
});

Deno.test("a snapshot is limited by the bucket's prefix, and by its own", async () => {
  await using server = await testServer();
  const name = server.bucketName("snap-prefix");
  await using bucket = await TestBucket.create(server, name, { prefix: "in/" });
  await using store = openMemoryStore();
  for (const key of ["a", "in/a", "in/b/1", "z"]) await bucket.put(key);
  const all = await snapshot({ bucket: bucket.handle, store });
  const some = await snapshot({ bucket: bucket.handle, store, prefix: "in/b/" });
  assert.deepEqual([all.objects, some.objects], [2, 1]);
  const rows = await Array.fromAsync(listSnapshots({ store }));
  // Both may show the same second: then chance orders their ids.
  const paths = new Map(rows.map((row) => [row.id, new URL(row.bucket!).pathname]));
  assert.deepEqual([paths.get(all.id), paths.get(some.id)], ["/in/", "/in/b/"]);
  await assert.rejects(snapshot({ bucket: bucket.handle, store, prefix: "z" }), {
    code: "InvalidInput",
  });
});

for (const versioning of ["Suspended", "Unversioned"] as const) {
  Deno.test(`a bucket whose versioning is ${versioning} is refused`, async () => {
    await using server = await testServer();
    const name = server.bucketName("snap-unversioned");
    await using bucket = await TestBucket.create(server, name, { versioning });
    await using store = openMemoryStore();
    await assert.rejects(snapshot({ bucket: bucket.handle, store }), {
      code: "NotVersioned",
      message: /aws s3api put-bucket-versioning/,
    });
    assert.deepEqual(await namesIn(store), []);
  });
}

Deno.test("a moment in the future is refused", async () => {
  await using server = await testServer();
  await using bucket = await TestBucket.create(server, server.bucketName("snap-future"));
  await using store = openMemoryStore();
  const at = Date.now() + 86_400_000;
  await assert.rejects(snapshot({ bucket: bucket.handle, store, at }), {
    code: "InvalidInput",
    message: /cannot be told/,
  });
  assert.deepEqual(await namesIn(store), []);
});

Deno.test("a snapshot that fails or is given up leaves nothing behind", async () => {
  await using server = await testServer();
  await using bucket = await TestBucket.create(server, server.bucketName("snap-fail"));
  await using store = openMemoryStore();
  await bucket.put("a", "x");
  const full = hookStore(store, {
    before({ operation, name }) {
      if (operation === "put" && name.endsWith("/manifest.json")) throw new Error("disk full");
    },
  });
  await assert.rejects(snapshot({ bucket: bucket.handle, store: full }), /disk full/);
  assert.deepEqual(await namesIn(store), []);
  const abort = new AbortController();
  await assert.rejects(
    snapshot({
      bucket: bucket.handle,
      store,
      signal: abort.signal,
      onProgress: () => abort.abort(new Error("enough")),
    }),
    /enough/,
  );
  assert.deepEqual(await namesIn(store), []);
});

Deno.test("a snapshot can be pinned from its first moment", async () => {
  await using server = await testServer();
  await using bucket = await TestBucket.create(server, server.bucketName("snap-pin"));
  await using store = openMemoryStore();
  const seen: boolean[] = [];
  const watched = hookStore(store, {
    before: async ({ operation, name }) => {
      if (operation !== "put" || !name.endsWith("/manifest.json")) return;
      seen.push((await namesIn(store)).includes(name.replace("manifest.json", "pinned")));
    },
  });
  const { id } = await snapshot({ bucket: bucket.handle, store: watched, pin: true });
  assert.deepEqual(seen, [true]);
  assert.ok((await namesIn(store)).includes(`${id}/pinned`));
});
