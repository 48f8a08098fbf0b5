import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { listSnapshots } from "../lib/list_snapshots.ts";
import type { BucketIdentity } from "../lib/model/manifest.ts";
import { manifestName } from "../lib/model/snapshot_id.ts";
import { pointFiles, pointMarkName, readPoint } from "../lib/point.ts";
import { listPoints, openPoint } from "../lib/points.ts";
import { readSnapshot } from "../lib/read_snapshot.ts";
import { resolvePoint } from "../lib/resolve_point.ts";
import { entriesOf, entry } from "./entry_batches.ts";
import { hookStore } from "./hooked_store.ts";
import { legacyText, legacyVersion, putLegacy } from "./legacy_files.ts";
import { markExpired, putSnapshot } from "./stored_snapshots.ts";

const OLD = "20150605152158+0000UTC";
const FIRST = "20140101T000000Z-aaaa";
const SECOND = "20260101T000000Z-bbbb";

Deno.test("snapshots and files of 2015 are listed together, oldest first", async () => {
  await using store = openMemoryStore();
  await putSnapshot(store, SECOND, [entry({ key: "a", size: 5 })], { label: "new year" });
  await putSnapshot(store, FIRST, []);
  await markExpired(store, FIRST);
  await putLegacy(store, `${OLD}.Z`, legacyText([legacyVersion({ Key: "a", Size: 7 })]));
  const rows = await Array.fromAsync(listSnapshots({ store }));
  const common = {
    label: null,
    safetyFor: null,
    pinned: false,
    kind: "snapshot",
    problem: null,
  };
  assert.deepEqual(rows, [
    {
      ...common,
      id: FIRST,
      asOf: "2014-01-01T00:00:00.000Z",
      createdAt: "2014-01-01T00:00:00.000Z",
      bucket: "s3://replica",
      objects: 0,
      bytes: 0,
      state: "expired",
    },
    {
      ...common,
      id: `${OLD}.Z`,
      asOf: "2015-06-05T20:21:58.123Z",
      createdAt: "2015-06-05T20:21:58.123Z",
      bucket: null,
      objects: 1,
      bytes: 7,
      kind: "legacy",
      state: "ok",
    },
    {
      ...common,
      id: SECOND,
      asOf: "2026-01-01T00:00:00.000Z",
      createdAt: "2026-01-01T00:00:00.000Z",
      bucket: "s3://replica",
      objects: 1,
      bytes: 5,
      label: "new year",
      state: "ok",
    },
  ]);
});

Deno.test("one listing of the store finds both kinds", async () => {
  await using store = openMemoryStore();
  await putSnapshot(store, SECOND, []);
  await putLegacy(store, OLD, legacyText([]));
  let listings = 0;
  const view = hookStore(store, {
    before: ({ operation }) => void (operation === "list" && listings++),
  });
  const points = await Array.fromAsync(listPoints(view));
  assert.deepEqual(points.map(({ id }) => id), [OLD, SECOND]);
  assert.equal(listings, 1);
});

Deno.test("damaged ones are listed with what is wrong, and hide no others", async () => {
  await using store = openMemoryStore();
  await putSnapshot(store, SECOND, []);
  await store.put(manifestName(FIRST), new Blob(["{"]).stream());
  await putLegacy(store, OLD, "{");
  const rows = await Array.fromAsync(listSnapshots({ store }));
  assert.deepEqual(rows.map(({ id, state }) => [id, state]), [
    [OLD, "corrupt"],
    [FIRST, "corrupt"],
    [SECOND, "ok"],
  ]);
  assert.match(rows[0]!.problem!, /20150605152158\+0000UTC .*damaged/);
  assert.match(rows[1]!.problem!, new RegExp(FIRST));
  assert.equal(rows[1]!.objects, null);
});

Deno.test("a mark next to a file of 2015 makes it expired, and is no file itself", async () => {
  await using store = openMemoryStore();
  await putLegacy(store, OLD, legacyText([]));
  const point = await openPoint(store, OLD);
  assert.equal(point.expired, false);
  await store.put(pointMarkName(point), new Blob([]).stream());
  assert.equal((await openPoint(store, OLD)).expired, true);
  assert.equal((await Array.fromAsync(listPoints(store))).length, 1);
});

Deno.test("a point's files are named in the order in which they have to go", async () => {
  await using store = openMemoryStore();
  await putSnapshot(store, SECOND, [entry({ key: "a" })]);
  await markExpired(store, SECOND);
  assert.deepEqual(await pointFiles(store, await openPoint(store, SECOND)), [
    `${SECOND}/manifest.json`,
    `${SECOND}/part-00000`,
    `${SECOND}/expired`,
  ]);
  await putLegacy(store, OLD, legacyText([]));
  assert.deepEqual(await pointFiles(store, await openPoint(store, OLD)), [OLD, `${OLD}.expired`]);
});

Deno.test("both kinds are read alike", async () => {
  await using store = openMemoryStore();
  await putSnapshot(store, SECOND, [entry({ key: "a" }), entry({ key: "b/1" })]);
  await putLegacy(
    store,
    OLD,
    legacyText([legacyVersion({ Key: "b/2" }), legacyVersion({ Key: "a" })]),
  );
  for (const [id, keys] of [[SECOND, ["b/1"]], [OLD, ["b/2"]]] as const) {
    const point = await openPoint(store, id);
    const read = await entriesOf(readPoint(store, point, { prefix: "b" }));
    assert.deepEqual(read.map(({ key }) => key), keys);
    const shown = await Array.fromAsync(readSnapshot({ store, snapshot: id, prefix: "b" }));
    assert.deepEqual(shown, read);
  }
});

Deno.test("a point is found by its name, a beginning of it, or its place", async () => {
  await using store = openMemoryStore();
  await putSnapshot(store, FIRST, []);
  await putSnapshot(store, SECOND, []);
  await putSnapshot(store, "20260102T000000Z-cccc", [], { safetyFor: SECOND });
  await putSnapshot(store, "20260103T000000Z-dddd", []);
  await markExpired(store, "20260103T000000Z-dddd");
  await putLegacy(store, OLD, legacyText([]));
  await putLegacy(store, `${OLD}.Z`, legacyText([], "2016-01-01T00:00:00Z"));
  const found: Readonly<Record<string, string>> = {
    [SECOND]: SECOND,
    [OLD]: OLD,
    [`${OLD}.`]: `${OLD}.Z`,
    "2014": FIRST,
    "20260101": SECOND,
    "20260102": "20260102T000000Z-cccc",
    "latest": SECOND,
    "latest~0": SECOND,
    "latest~1": `${OLD}.Z`,
    "latest~2": OLD,
    "latest~3": FIRST,
  };
  for (const [reference, id] of Object.entries(found)) {
    assert.equal(await resolvePoint(store, reference), id, reference);
  }
  await assert.rejects(resolvePoint(store, "201506"), {
    code: "AmbiguousSnapshot",
    message: /2 snapshots .* begin with "201506"/,
  });
  for (const reference of ["latest~4", "1999", ""]) {
    await assert.rejects(resolvePoint(store, reference), { code: "UnknownSnapshot" });
  }
});

Deno.test("latest can be that of one bucket, where a store holds those of several", async () => {
  await using store = openMemoryStore();
  const photos = { name: "photos", endpoint: "http://127.0.0.1:1" };
  await putSnapshot(store, FIRST, [], { bucket: photos });
  await putSnapshot(store, SECOND, [], { bucket: { ...photos, prefix: "a/" } });
  await putSnapshot(store, "20260102T000000Z-cccc", [], { bucket: { name: "mail" } });
  await putSnapshot(store, "20260103T000000Z-dddd", [], { bucket: { name: "photos" } });
  const latest = (of: BucketIdentity) => resolvePoint(store, "latest", { of });
  assert.equal(await latest(photos), SECOND);
  assert.equal(await latest({ ...photos, prefix: "b/" }), FIRST);
  assert.equal(await latest({ name: "mail", region: "eu-west-1" }), "20260102T000000Z-cccc");
  await assert.rejects(latest({ name: "other" }), {
    code: "UnknownSnapshot",
    message: /no snapshot latest of bucket other/,
  });
});

Deno.test("latest never quietly means an older one than the one that is damaged", async () => {
  await using store = openMemoryStore();
  await putLegacy(store, OLD, legacyText([]));
  await store.put(manifestName(SECOND), new Blob(["{"]).stream());
  await assert.rejects(resolvePoint(store, "latest"), { code: "CorruptSnapshot" });
});

Deno.test("files that have nothing to do with snapshots are left alone", async () => {
  await using store = openMemoryStore();
  const foreign = { "notes.txt": "buy milk", "backup.conf": '{"LogLevel": 1}', "empty": "" };
  for (const [name, text] of Object.entries(foreign)) await putLegacy(store, name, text);
  await store.put("archive.Z", new Blob(["not gzip"]).stream());
  await putLegacy(store, "renamed", legacyText([]));
  await putLegacy(store, "cut", legacyText([legacyVersion({ Key: "a" })]).slice(0, 120));
  await putLegacy(store, OLD, "");
  const rows = await Array.fromAsync(listSnapshots({ store }));
  assert.deepEqual(rows.map(({ id, state }) => `${id} ${state}`).sort(), [
    `${OLD} corrupt`,
    "cut corrupt",
    "renamed ok",
  ]);
  await assert.rejects(openPoint(store, "notes.txt"), { code: "UnknownSnapshot" });
});

Deno.test("a point that is not there is unknown", async () => {
  await using store = openMemoryStore();
  await assert.rejects(openPoint(store, SECOND), { code: "UnknownSnapshot" });
  await assert.rejects(openPoint(store, OLD), { code: "UnknownSnapshot" });
});
