import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import type { Entry, ObjectVersion } from "../lib/model/entry.ts";
import { type EntryBatch, textAt } from "../lib/model/entry_batch.ts";
import { compareKeys } from "../lib/model/key_order.ts";
import { type AbsentVersion, lookForVersions } from "../lib/verify/look_for_versions.ts";
import { Sample } from "../lib/verify/sample.ts";
import { batchesOf, batchOf, entry, version } from "./entry_batches.ts";
import { runs } from "./seed.ts";

const anyKey = fc.constantFrom("a", "a/b", "b", "é", "\u{ff5e}", "\u{1f600}");
const anyVersion = fc.record({
  versionId: fc.constantFrom("v1", "v2", "v3", "null"),
  size: fc.nat(1),
  etag: fc.constantFrom("", "e1", "e2"),
});

/** A point's entries: keys in order, each once. */
const anyPoint = fc.uniqueArray(fc.tuple(anyKey, anyVersion), { selector: ([key]) => key })
  .map((pairs) =>
    pairs.map(([key, given]) => entry({ key, ...given }))
      .sort((a, b) => compareKeys(a.key, b.key))
  );
/** A bucket: keys in order, the versions of one with different ids. */
const anyBucket = fc.uniqueArray(fc.tuple(anyKey, anyVersion, fc.boolean()), {
  selector: ([key, { versionId }]) => key + versionId,
}).map((rows) =>
  rows.map(([key, { etag, ...given }, isDeleteMarker]) =>
    version({ key, ...given, etag: etag || "e1", isDeleteMarker })
  ).sort((a, b) => compareKeys(a.key, b.key))
);

function pieces<Item>(items: readonly Item[], length: number): Item[][] {
  const groups = [];
  for (let at = 0; at < items.length; at += length) groups.push(items.slice(at, at + length));
  return groups;
}

/** As the points see it: one line for each version of each point. */
function expected(points: readonly (readonly Entry[])[], bucket: readonly ObjectVersion[]) {
  const lines = points.flatMap((entries, owner) =>
    entries.map(({ key, versionId, size, etag }) => {
      const there = bucket.find((each) =>
        each.key === key && each.versionId === versionId && !each.isDeleteMarker
      );
      const isSame = there?.size === size && (etag === "" || etag === there.etag);
      return `${owner} ${key} ${versionId} ${isSame ? "found" : there ? "changed" : "missing"}`;
    })
  );
  return lines.sort();
}

async function looked(
  points: readonly (readonly Entry[])[],
  bucket: readonly ObjectVersion[],
  length: number,
  sample?: Sample,
) {
  const lines: string[] = [];
  const tell = (key: string, id: string, what: string, owners: readonly number[]) => {
    for (const owner of owners) lines.push(`${owner} ${key} ${id} ${what}`);
  };
  const findings = {
    found: (batch: EntryBatch, row: number, owners: readonly number[]) =>
      tell(textAt(batch.keys, row), textAt(batch.versionIds, row), "found", owners),
    absent: ({ key, versionId, isChanged, owners }: AbsentVersion) =>
      tell(key, versionId, isChanged ? "changed" : "missing", owners),
  };
  const sources = points.map((entries, owner) => ({
    owners: [owner],
    open: () => batchesOf(pieces(entries, length)),
  }));
  const listing = batchesOf(pieces(bucket, length));
  const chosen = (await Array.fromAsync(lookForVersions(sources, listing, findings, sample)))
    .flat();
  return { lines: lines.sort(), chosen };
}

Deno.test("each version that a point names is found, changed or missing, as in a plain search", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyPoint, { maxLength: 4 }),
      anyBucket,
      fc.integer({ min: 1, max: 4 }),
      async (points, bucket, length) => {
        const { lines, chosen } = await looked(points, bucket, length, new Sample(100, 1));
        assert.deepEqual(lines, expected(points, bucket));
        const ids = chosen.map(({ key, versionId }) => `${key} ${versionId}`);
        assert.equal(new Set(ids).size, ids.length, "none is read twice");
        const found = lines.filter((line) => line.endsWith("found"));
        const named = found.map((line) => line.split(" ").slice(1, 3).join(" "));
        assert.deepEqual(new Set(ids), new Set(named));
      },
    ),
    runs(500),
  );
});

Deno.test("a share is chosen by seed, and a larger share holds a smaller one", () => {
  const entries = Array.from({ length: 10_000 }, (_, i) => entry({ key: `key ${i}` }));
  const batch = batchOf(entries);
  const chosen = (percent: number, seed: number) => {
    const sample = new Sample(percent, seed);
    return entries.keys().filter((row) => sample.holds(batch, row)).toArray();
  };
  assert.deepEqual(chosen(5, 1), chosen(5, 1));
  assert.notDeepEqual(chosen(5, 1), chosen(5, 2));
  const tenth = new Set(chosen(10, 3));
  assert(chosen(5, 3).every((row) => tenth.has(row)));
  assert(Math.abs(tenth.size - 1000) < 150, `${tenth.size}`);
  assert.equal(chosen(100, 4).length, entries.length);
  assert(chosen(0.1, 5).length < 40);
});
