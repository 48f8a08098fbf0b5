import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import type { Entry, ObjectVersion } from "../lib/model/entry.ts";
import { compareKeys } from "../lib/model/key_order.ts";
import { selectCurrent } from "../lib/select_current.ts";
import { batchesOf, entriesOf, entry, version, versionsOf } from "./entry_batches.ts";
import { runs } from "./seed.ts";

Deno.test("the newest version that is not after the moment is selected", async () => {
  const listing = [
    version({ key: "a", versionId: "a3", lastModified: 30, isLatest: true }),
    version({ key: "a", versionId: "a2", lastModified: 20 }),
    version({ key: "a", versionId: "a1", lastModified: 10 }),
    version({ key: "b", versionId: "b1", lastModified: 21, isLatest: true }),
  ];
  const selected = await entriesOf(selectCurrent(batchesOf([listing]), 20));
  assert.deepEqual(selected, [entry({ key: "a", versionId: "a2", lastModified: 20 })]);
});

Deno.test("a key that was deleted at the moment is left out, whatever came later", async () => {
  const listing = [
    version({ key: "a", versionId: "a3", lastModified: 30, isLatest: true }),
    version({ key: "a", versionId: "a2", lastModified: 20, isDeleteMarker: true, size: 0 }),
    version({ key: "a", versionId: "a1", lastModified: 10 }),
  ];
  assert.deepEqual(await entriesOf(selectCurrent(batchesOf([listing]), 25)), []);
});

Deno.test("of versions dated alike the server's order decides", async () => {
  const listing = [
    version({ key: "a", versionId: "second", lastModified: 20, isLatest: true }),
    version({ key: "a", versionId: "first", lastModified: 20 }),
  ];
  const selected = await entriesOf(selectCurrent(batchesOf([listing]), 20));
  assert.deepEqual(selected.map((found) => found.versionId), ["second"]);
});

Deno.test("what comes out is neither flagged nor empty", async () => {
  const groups = [
    [version({ key: "a", isLatest: true })],
    [],
    [version({ key: "b", lastModified: 99, isLatest: true })],
  ];
  for await (const batch of selectCurrent(batchesOf(groups), 50)) {
    assert.equal(batch.length, 1);
    assert.deepEqual([...batch.flags], [0]);
  }
});

Deno.test("any listing, split anywhere, gives what a search key by key gives", async () => {
  await fc.assert(
    fc.asyncProperty(listings(), cuts(), fc.nat(12), async (listing, at, asOf) => {
      const selected = await versionsOf(selectCurrent(batchesOf(split(listing, at)), asOf));
      assert.deepEqual(selected, searched(listing, asOf).map((found) => version(found)));
    }),
    runs(300),
  );
});

/** Keys in order, each with versions newest first; dates repeat and need not descend. */
function listings(): fc.Arbitrary<ObjectVersion[]> {
  const versions = fc.array(
    fc.record({ lastModified: fc.nat(10), isDeleteMarker: fc.boolean(), size: fc.nat(9) }),
    { minLength: 1, maxLength: 6 },
  );
  const keys = fc.uniqueArray(fc.string({ unit: "binary", minLength: 1, maxLength: 3 }), {
    maxLength: 8,
  });
  return keys.chain((all) =>
    fc.tuple(...all.toSorted(compareKeys).map((key) => versions.map((rows) => ({ key, rows }))))
  ).map((history) =>
    history.flatMap(({ key, rows }) =>
      rows.map((row, i) => version({ key, ...row, versionId: `v${i}`, isLatest: i === 0 }))
    )
  );
}

function cuts(): fc.Arbitrary<number[]> {
  return fc.array(fc.nat(40), { maxLength: 6 });
}

function split<Item>(items: readonly Item[], at: readonly number[]): Item[][] {
  const bounds = [0, ...at.toSorted((a, b) => a - b), items.length];
  return bounds.slice(1).map((end, i) => items.slice(bounds[i], end));
}

function searched(listing: readonly ObjectVersion[], asOf: number): Entry[] {
  const keys = [...new Set(listing.map((found) => found.key))];
  return keys.flatMap((key) => {
    const { isDeleteMarker, isLatest: _, ...found } = listing.find((candidate) =>
      candidate.key === key && candidate.lastModified <= asOf
    ) ?? { isDeleteMarker: true, isLatest: false };
    return isDeleteMarker ? [] : [found as Entry];
  });
}
