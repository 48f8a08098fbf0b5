import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { identityUrl } from "../lib/bucket_identity.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { readSnapshot } from "../lib/read_snapshot.ts";
import { openBucket } from "../lib/s3/bucket.ts";
import { snapshot } from "../lib/snapshot.ts";
import { verify } from "../lib/verify.ts";
import { legacyText, legacyVersion, putLegacy } from "./legacy_files.ts";
import { type TestServer, testServer } from "./s3_server.ts";
import { markExpired, putSnapshot } from "./stored_snapshots.ts";
import { each, TestBucket } from "./test_bucket.ts";

const DAY = 86_400_000;
const MIB = 1024 * 1024;
const KEYS = Array.from({ length: 20 }, (_, i) => `${i < 10 ? "logs" : "data"}/${i}`);

class World implements AsyncDisposable {
  readonly store: SnapshotStore = openMemoryStore();
  readonly server: TestServer;
  readonly bucket: TestBucket;

  constructor(server: TestServer, bucket: TestBucket) {
    this.server = server;
    this.bucket = bucket;
  }

  static async create(): Promise<World> {
    const server = await testServer();
    const world = new World(server, await TestBucket.create(server, server.bucketName("verify")));
    await each(KEYS, (key) => world.bucket.put(key, key));
    return world;
  }

  async snapshot(): Promise<string> {
    return (await snapshot({ bucket: this.bucket.handle, store: this.store })).id;
  }

  async versionOf(snapshot: string, key: string): Promise<string> {
    for await (const entry of readSnapshot({ store: this.store, snapshot })) {
      if (entry.key === key) return entry.versionId;
    }
    throw new Error(`${snapshot} does not hold ${key}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bucket[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

Deno.test("points whose versions are all there are ok, and their bytes right", async () => {
  await using world = await World.create();
  const { store, bucket } = world;
  const parts = [5 * MIB, 5 * MIB, 1000].map((size, i) => new Uint8Array(size).fill(i));
  await bucket.putInParts("large", parts);
  const first = await world.snapshot();
  await each(KEYS, (key) => bucket.put(key, `${key} again`));
  await each(KEYS.slice(5), (key) => bucket.remove(key));
  const second = await world.snapshot();
  const report = await verify({ store, replica: bucket.handle, data: 100 });
  assert.equal(report.ok, true);
  const objects = [21, 6];
  assert.deepEqual(
    report.points.map(({ id, state, objects, missing, changed, unreadable }) => {
      return { id, state, objects, missing, changed, unreadable };
    }),
    [first, second].map((id, i) => {
      return { id, state: "ok", objects: objects[i], missing: 0, changed: 0, unreadable: 0 };
    }),
  );
  // The large one is in both points, and read once.
  const { chosen, rightByETag, rightByChecksum, wrong } = report.data!;
  assert.deepEqual({ chosen, wrong }, { chosen: 26, wrong: 0 });
  assert.equal(rightByETag + rightByChecksum, 26);
  assert.deepEqual([report.lost, report.leftovers, report.lifecycles], [[], [], []]);
  const plain = await verify({ store });
  assert.deepEqual(plain.points.map(({ missing }) => missing), [null, null]);
  assert.equal(plain.data, null);
});

Deno.test("a version that is gone is named, with the points that need it and the rule that may have taken it", async () => {
  await using world = await World.create();
  const { store, bucket } = world;
  const first = await world.snapshot();
  await bucket.put("data/10", "newer");
  const second = await world.snapshot();
  await putSnapshot(
    store,
    "20261001T000000Z-old0",
    await Array.fromAsync(readSnapshot({ store, snapshot: first })),
    { asOf: new Date(Date.now() - 40 * DAY).toISOString(), bucket: bucket.handle.identity() },
  );
  const gone = {
    "logs/1": await world.versionOf(first, "logs/1"),
    "data/10": await world.versionOf(first, "data/10"),
  };
  for (const [key, versionId] of Object.entries(gone)) await bucket.remove(key, versionId);
  const before = await verify({ store, replica: bucket.handle });
  assert.deepEqual(before.lifecycles, [
    { bucket: bucket.handle.url, state: "none", problem: null },
  ]);
  assert(before.lost.every(({ rules }) => rules.length === 0));

  await bucket.handle.request(
    { operation: "PutBucketLifecycleConfiguration" },
    (client, sdk) =>
      client.send(
        new sdk.PutBucketLifecycleConfigurationCommand({
          Bucket: bucket.handle.name,
          LifecycleConfiguration: {
            Rules: [
              rule("soon", "data/", 30),
              rule("late", "data/", 50),
              { ...rule("off", "data/", 1), Status: "Disabled" },
              rule("elsewhere", "logs/x", 1),
            ],
          },
        }),
      ),
  );
  const old = "20261001T000000Z-old0";
  const report = await verify({ store, replica: bucket.handle });
  assert.equal(report.ok, false);
  assert.deepEqual(
    report.points.map(({ id, state, missing }) => [id, state, missing]),
    [[old, "incomplete", 2], [first, "incomplete", 2], [second, "incomplete", 1]],
  );
  assert.deepEqual(report.lifecycles.map(({ state }) => state), ["read"]);
  assert.deepEqual(
    report.lost.map(({ key, versionId, code, points }) => ({ key, versionId, code, points })),
    [
      { key: "data/10", versionId: gone["data/10"], code: "NoSuchVersion", points: [old, first] },
      {
        key: "logs/1",
        versionId: gone["logs/1"],
        code: "NoSuchVersion",
        points: [old, first, second],
      },
    ],
  );
  assert.deepEqual(report.lost.flatMap(({ rules }) => rules), [], "it was current just now");
  const alone = await verify({ store, replica: bucket.handle, snapshots: [old] });
  assert.deepEqual(alone.lost.map(({ key, rules }) => [key, rules]), [
    ["data/10", [{
      id: "soon",
      says: 'deletes noncurrent versions below "data/" after 30 days',
    }]],
    ["logs/1", []],
  ]);
});

function rule(ID: string, Prefix: string, NoncurrentDays: number) {
  return {
    ID,
    Status: "Enabled" as "Enabled" | "Disabled",
    Filter: { Prefix },
    NoncurrentVersionExpiration: { NoncurrentDays },
  };
}

Deno.test("a version null that another object has overwritten is told", async () => {
  await using server = await testServer();
  const name = server.bucketName("verify-null");
  await using bucket = await TestBucket.create(server, name, { versioning: "Unversioned" });
  await using store = openMemoryStore();
  await bucket.put("overwritten", "one");
  await bucket.put("same", "same");
  await bucket.setVersioning("Enabled");
  const { id } = await snapshot({ bucket: bucket.handle, store });
  await bucket.setVersioning("Suspended");
  await bucket.put("overwritten", "two");
  await bucket.put("same", "same");
  const { points, lost } = await verify({ store, replica: bucket.handle });
  assert.deepEqual(points.map(({ state, missing, changed }) => [state, missing, changed]), [
    ["incomplete", 0, 1],
  ]);
  assert.deepEqual(lost.map(({ key, versionId, code, points }) => [key, versionId, code, points]), [
    ["overwritten", "null", "VersionChanged", [id]],
  ]);
});

Deno.test("each damaged file is told, and does not hide what is wrong with other points", async () => {
  await using world = await World.create();
  const { store, bucket } = world;
  const ids = [];
  for (let i = 0; i < 4; i++) {
    await bucket.put("data/10", `${i}`);
    ids.push(await world.snapshot());
  }
  await flipBit(store, `${ids[0]}/part-00000`, 100);
  await store.delete(`${ids[1]}/part-00000`);
  await flipBit(store, `${ids[2]}/manifest.json`, 100);
  await bucket.remove("logs/1", await world.versionOf(ids[3]!, "logs/1"));
  const { ok, points, lost } = await verify({ store, replica: bucket.handle });
  assert.equal(ok, false);
  assert.deepEqual(points.map(({ id, state, missing }) => [id, state, missing]), [
    [ids[0], "damaged", null],
    [ids[1], "damaged", null],
    [ids[2], "damaged", null],
    [ids[3], "incomplete", 1],
  ]);
  const problems = points.flatMap(({ problems }) => problems);
  assert.match(problems[0]!, new RegExp(`${ids[0]}/part-00000: the checksum of a block`));
  assert.match(problems[1]!, new RegExp(`${ids[1]}/part-00000: it is missing`));
  assert.match(problems[2]!, new RegExp(`${ids[2]}/manifest.json: its SHA-256`));
  assert.deepEqual(lost.map(({ key }) => key), ["logs/1"]);
  const named = await verify({ store, snapshots: [ids[2]!] });
  assert.deepEqual([named.ok, named.points.map(({ state }) => state)], [false, ["damaged"]]);
});

async function flipBit(store: SnapshotStore, name: string, at: number): Promise<void> {
  const bytes = await new Response(await store.get(name)).bytes();
  bytes[at]! ^= 1;
  await store.put(name, new Blob([bytes]).stream());
}

Deno.test("leftovers and points that gc is removing are told, and are no failure", async () => {
  await using world = await World.create();
  const { store, bucket } = world;
  const id = await world.snapshot();
  await markExpired(store, id);
  const put = (name: string) => store.put(name, new Blob(["text"]).stream());
  await put("20260101T000000Z-aaaa/part-00000");
  await put("20260101T000000Z-aaaa/part-00001");
  await put("20260102T000000Z-bbbb/expired");
  await put("20150605152158-0500CDT.expired");
  const whole = await world.snapshot();
  await put(`${whole}/part-99999`);
  const report = await verify({ store, replica: bucket.handle });
  assert.equal(report.ok, true);
  assert.deepEqual(report.points.map(({ state }) => state), ["expired", "ok"]);
  assert.deepEqual(report.leftovers, [
    { id: "20260101T000000Z-aaaa", kind: "unfinished", files: 2, bytes: 8 },
    { id: "20260102T000000Z-bbbb", kind: "removal", files: 1, bytes: 4 },
    { id: whole, kind: "stray", files: 1, bytes: 4 },
    { id: "20150605152158-0500CDT", kind: "removal", files: 1, bytes: 4 },
  ]);
  const named = await verify({ store, snapshots: [id] });
  assert.deepEqual([named.ok, named.points[0]!.state], [false, "expired"], "who asks is told");
});

Deno.test("a file of 2015 is parsed, counted and looked for", async () => {
  await using world = await World.create();
  const { store, bucket } = world;
  const current = (await bucket.versions()).filter(({ isLatest }) => isLatest);
  const contents = current.map(({ key, versionId, size }) =>
    legacyVersion({ Key: key, VersionId: versionId, Size: size })
  );
  const lost = legacyVersion({ Key: "lost", VersionId: "v0" });
  await putLegacy(store, "20150605152158-0500CDT.Z", legacyText([lost, ...contents]));
  await putLegacy(store, "20150606152158-0500CDT", legacyText([contents[0]!, contents[0]!]));
  const { ok, points } = await verify({ store, replica: bucket.handle });
  assert.equal(ok, false);
  assert.deepEqual(
    points.map(({ kind, state, objects, missing }) => [kind, state, objects, missing]),
    [["legacy", "incomplete", 21, 1], ["legacy", "damaged", 0, null]],
  );
  assert.match(points[1]!.problems[0]!, /names the key .* twice/);
});

Deno.test("what is of another bucket, or outside the URL's prefix, is not called ok unseen", async () => {
  await using world = await World.create();
  const { store, bucket } = world;
  const { location } = bucket.handle;
  const { accessKeyId, secretAccessKey } = world.server;
  const credentials = { accessKeyId, secretAccessKey };
  await using logs = openBucket({ ...location, prefix: "logs/" }, { credentials });
  const part = (await snapshot({ bucket: logs, store })).id;
  const whole = await world.snapshot();
  await putSnapshot(store, "20260101T000000Z-else", [], { bucket: { name: "elsewhere" } });
  const looked = async (replica: typeof logs) =>
    (await verify({ store, replica })).points.map(({ id, missing, notLookedFor }) => [
      id,
      missing,
      notLookedFor,
    ]);
  const elsewhere = [
    "20260101T000000Z-else",
    null,
    `it is of ${identityUrl({ name: "elsewhere" })}`,
  ];
  assert.deepEqual(await looked(bucket.handle), [elsewhere, [part, 0, null], [whole, 0, null]]);
  assert.deepEqual(await looked(logs), [
    elsewhere,
    [part, 0, null],
    [whole, null, `it is of ${identityUrl(bucket.handle.identity())}`],
  ]);
});

Deno.test("what cannot be asked is refused before anything is read", async () => {
  await using store = openMemoryStore();
  await assert.rejects(verify({ store, data: 5 }), /name the replica/);
  await using replica = openBucket("s3://photos?endpoint=http://127.0.0.1:1");
  for (const data of [0, -1, 100.1, NaN]) {
    await assert.rejects(verify({ store, replica, data }), /use above 0, up to 100/);
  }
  for (const seed of [-1, 0.5, 2 ** 32]) {
    await assert.rejects(verify({ store, replica, data: 1, seed }), /whole number from 0 to/);
  }
  await assert.rejects(verify({ store, snapshots: ["nope"] }), { code: "UnknownSnapshot" });
  const reason = new Error("stop");
  await assert.rejects(verify({ store, signal: AbortSignal.abort(reason) }), reason);
});
