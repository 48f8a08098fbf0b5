import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { openMemoryStore } from "../backends/memory.ts";
import { type Change, diff, diffBatches } from "../lib/diff.ts";
import { compareEntries } from "../lib/diff/compare_entries.ts";
import { diffStat } from "../lib/diff/stat.ts";
import { SnapshotWriter } from "../lib/index/snapshot_writer.ts";
import type { Entry } from "../lib/model/entry.ts";
import { compareKeys } from "../lib/model/key_order.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { batchesOf, batchOf, entry } from "./entry_batches.ts";
import { hookStore } from "./hooked_store.ts";
import { legacyText, legacyVersion, putLegacy } from "./legacy_files.ts";
import { runs } from "./seed.ts";
import { putSnapshot } from "./stored_snapshots.ts";

const A = "20260101T000000Z-aaaa", B = "20260102T000000Z-bbbb";

/** `+ key`, `- key`, `~ key 1 -> 2`. */
function shown({ change, key, before, after }: Change): string {
  const sign = { added: "+", removed: "-", changed: "~" }[change];
  return change === "changed" ? `~ ${key} ${before!.size} -> ${after!.size}` : `${sign} ${key}`;
}

async function differences(before: readonly Entry[], after: readonly Entry[]): Promise<string[]> {
  const batches = await Array.fromAsync(compareEntries(batchesOf([before]), batchesOf([after])));
  return batches.flat().map(shown);
}

const old = entry({ key: "k", versionId: "v1", etag: "e1", size: 1, lastModified: 1000 });

const CASES: readonly [
  what: string,
  after: Partial<Entry>,
  before: Partial<Entry>,
  same: boolean,
][] = [
  ["the same version is the same object, whatever it is dated", { lastModified: 9 }, {}, true],
  ["another version of the same content is the same object", { versionId: "v2" }, {}, true],
  ["another ETag is another object", { versionId: "v2", etag: "e2" }, {}, false],
  ["the same ETag with another size is another object", { versionId: "v2", size: 2 }, {}, false],
  ["the same version id with another size is another object", { size: 2 }, {}, false],
  ["without an ETag, the same version is the same object", {}, { etag: "" }, true],
  ["without an ETag, another version is another object", { versionId: "v2" }, { etag: "" }, false],
  ["null is told apart by ETag", { etag: "e2" }, { versionId: "null" }, false],
];

for (const [what, changed, given, same] of CASES) {
  Deno.test(what, async () => {
    const before = { ...old, ...given };
    const found = await differences([before], [{
      ...old,
      versionId: before.versionId,
      ...changed,
    }]);
    assert.equal(found.length, same ? 0 : 1);
  });
}

Deno.test("null without an ETag is the same object when it is dated alike", async () => {
  const before = { ...old, versionId: "null", etag: "" };
  const after = { ...old, versionId: "null" };
  assert.deepEqual(await differences([before], [after]), []);
  assert.deepEqual(await differences([before], [{ ...after, lastModified: 2000 }]), ["~ k 1 -> 1"]);
});

Deno.test("differences are those of two maps, however the streams are cut", async () => {
  const key = fc.constantFrom("a", "b", "b/\uffff", "b/\u{1f600}", "c", "d", "e");
  const side = fc.dictionary(key, fc.integer({ min: 1, max: 3 }), { maxKeys: 7 }).map((sizes) =>
    Object.entries(sizes).sort(([a], [b]) => compareKeys(a, b)).map(([key, size]) =>
      entry({ key, size, versionId: `v${size}`, etag: `e${size}` })
    )
  );
  const cut = (entries: readonly Entry[], length: number) =>
    batchesOf(
      entries.flatMap((_, i) => i % length === 0 ? [entries.slice(i, i + length), []] : []),
    );
  await fc.assert(
    fc.asyncProperty(side, side, fc.integer({ min: 1, max: 3 }), async (a, b, length) => {
      const batches = await Array.fromAsync(compareEntries(cut(a, length), cut(b, length)));
      const before = new Map(a.map((each) => [each.key, each]));
      const after = new Map(b.map((each) => [each.key, each]));
      const keys = [...new Set([...before.keys(), ...after.keys()])].sort(compareKeys);
      const expected = keys
        .filter((key) => before.get(key)?.size !== after.get(key)?.size)
        .map((key) => ({
          change: !before.has(key) ? "added" : !after.has(key) ? "removed" : "changed",
          key,
          before: before.get(key) ?? null,
          after: after.get(key) ?? null,
        }));
      assert.deepEqual(batches.flat(), expected);
    }),
    runs(200),
  );
});

/** A snapshot of three parts, of which only that of `changedGroup` has entries of another size. */
async function putInParts(store: SnapshotStore, id: string, changedGroup?: string): Promise<void> {
  const writer = new SnapshotWriter(store, id);
  for (const group of ["a", "b", "c"]) {
    const size = group === changedGroup ? 2 : 1;
    const entries = Array.from(
      { length: 10 },
      (_, i) => entry({ key: `${group}/${i}`, size, versionId: `v${size}`, etag: `e${size}` }),
    );
    const range = writer.range();
    await range.write(batchOf(entries));
    await range.finish();
  }
  const time = "2026-01-01T00:00:00.000Z";
  await writer.finish({ createdAt: time, asOf: time, bucket: { name: "replica" } });
}

/** Names of the parts that `work` reads. */
async function partsRead(
  store: SnapshotStore,
  work: (store: SnapshotStore) => Promise<void>,
): Promise<string[]> {
  const read: string[] = [];
  await work(hookStore(store, {
    before: ({ operation, name }) => {
      if (operation === "get" && name.includes("part-")) read.push(name);
    },
  }));
  return read.sort();
}

Deno.test("parts that both snapshots have are not read", async () => {
  await using store = openMemoryStore();
  await putInParts(store, A);
  await putInParts(store, B, "b");
  const read = await partsRead(store, async (hooked) => {
    const found = await Array.fromAsync(diff({ store: hooked, from: A, to: B }));
    assert.deepEqual(found.map(shown), Array.from({ length: 10 }, (_, i) => `~ b/${i} 1 -> 2`));
  });
  assert.equal(read.length, 2);
  assert(read[0]!.startsWith(A) && read[1]!.startsWith(B));
  const none = await partsRead(store, async (hooked) => {
    assert.deepEqual(await Array.fromAsync(diff({ store: hooked, from: A, to: A })), []);
    const elsewhere = diff({ store: hooked, from: A, to: B, prefix: "c/" });
    assert.deepEqual(await Array.fromAsync(elsewhere), []);
  });
  assert.deepEqual(none, []);
});

Deno.test("a file of 2015 is compared by version, and by size", async () => {
  await using store = openMemoryStore();
  const contents = ["a", "b", "c"].map((Key) => legacyVersion({ Key, VersionId: `${Key}1` }));
  await putLegacy(store, "20150605152158+0000UTC", legacyText(contents));
  await putSnapshot(store, A, [
    entry({ key: "a", versionId: "a1" }),
    entry({ key: "b", versionId: "b2" }),
    entry({ key: "d", versionId: "d1" }),
  ]);
  const found = await Array.fromAsync(diff({ store, from: "2015", to: "latest" }));
  assert.deepEqual(found.map(shown), ["~ b 3 -> 3", "- c", "+ d"]);
});

Deno.test("of snapshots of different prefixes, the keys of both are compared", async () => {
  await using store = openMemoryStore();
  await putSnapshot(store, A, [entry({ key: "a/1" }), entry({ key: "b/1" })]);
  const bucket = { name: "replica", prefix: "a/" };
  await putSnapshot(store, B, [entry({ key: "a/2" })], { bucket });
  const found = await Array.fromAsync(diff({ store, from: A, to: B }));
  assert.deepEqual(found.map(shown), ["- a/1", "+ a/2"]);
  await assert.rejects(Array.fromAsync(diff({ store, from: A, to: B, prefix: "b/" })), {
    code: "InvalidInput",
    message: /no key begins with both "b\/" and "a\/"/,
  });
});

Deno.test("batches hold at most a thousand changes, and none is empty", async () => {
  await using store = openMemoryStore();
  const keys = Array.from({ length: 2500 }, (_, i) => `k${String(i).padStart(4, "0")}`);
  await putSnapshot(store, A, []);
  await putSnapshot(store, B, keys.map((key) => entry({ key })));
  const batches = await Array.fromAsync(diffBatches({ store, from: A, to: B }));
  assert.deepEqual(batches.map(({ length }) => length), [1000, 1000, 500]);
});

Deno.test("a diff that is aborted throws the reason", async () => {
  await using store = openMemoryStore();
  await putSnapshot(store, A, [entry({ key: "a" })]);
  await putSnapshot(store, B, [entry({ key: "b" })]);
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(Array.fromAsync(diff({ store, from: A, to: B, signal })), /enough/);
});

/** An added object of one byte for each key. */
async function statOf(keys: readonly string[], prefix?: string): Promise<string[]> {
  const changes = keys.map((key) => {
    return { change: "added", key, before: null, after: entry({ key, size: 1 }) } as const;
  });
  const stats = await Array.fromAsync(diffStat(batchesOfChanges([changes]), prefix));
  return stats.map(({ prefix, added, bytesAfter }) => {
    assert.equal(bytesAfter, added);
    return `${prefix} ${added}`;
  });
}

async function* batchesOfChanges(groups: readonly Change[][]): AsyncGenerator<Change[]> {
  for (const group of groups) yield await Promise.resolve(group);
}

Deno.test("sums are for each first segment below the prefix", async () => {
  const keys = ["a", "a!/x", "a/1", "a/2/3", "b", "b/1", "c"];
  assert.deepEqual(await statOf(keys), ["a!/ 1", "a/ 2", "b/ 1", " 3"]);
  const below = ["p/a", "p/a/1", "p/b/1", "p/b/2"];
  assert.deepEqual(await statOf(below, "p/"), ["p/a/ 1", "p/b/ 2", "p/ 1"]);
  assert.deepEqual(await statOf(["p/b/1", "p/b2/2"], "p/b"), ["p/b/ 1", "p/b2/ 1"]);
  assert.deepEqual(await statOf([]), []);
});

Deno.test("sums tell sizes before and after", async () => {
  const [a, b] = [entry({ key: "x/a", size: 10 }), entry({ key: "x/a", size: 25 })];
  const changes: Change[] = [
    { change: "changed", key: "x/a", before: a, after: b },
    { change: "removed", key: "x/b", before: a, after: null },
  ];
  assert.deepEqual(await Array.fromAsync(diffStat(batchesOfChanges([changes]))), [
    { prefix: "x/", added: 0, removed: 1, changed: 1, bytesBefore: 20, bytesAfter: 25 },
  ]);
});
