import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import type { Entry, ObjectVersion } from "../lib/model/entry.ts";
import { textAt } from "../lib/model/entry_batch.ts";
import { withListedFacts } from "../lib/restore/listed_facts.ts";
import { stripKeys } from "../lib/restore/strip_keys.ts";
import { WorkerPool } from "../lib/restore/worker_pool.ts";
import { batchesOf, batchOf, entriesOf, entry, version } from "./entry_batches.ts";
import { runs } from "./seed.ts";

Deno.test("entries get what the listing says of their versions, and only of theirs", async () => {
  const keys = ["a", "b", "c", "d", "e"];
  const recorded = fc.subarray(keys).chain((chosen) =>
    fc.tuple(
      ...chosen.map((key) =>
        fc.record({ versionId: fc.constantFrom("v0", "v1", "v2"), size: fc.nat(1) })
          .map((given) => entry({ key, etag: "", lastModified: 5, ...given }))
      ),
    )
  );
  const listed = fc.subarray(keys).chain((chosen) =>
    fc.tuple(
      ...chosen.map((key) =>
        fc.uniqueArray(fc.constantFrom("v0", "v1", "v2"), { minLength: 1 }).map((ids) =>
          ids.map((versionId) => version({ key, versionId, size: 1, storageClass: "GLACIER" }))
        )
      ),
    )
  ).map((groups) => groups.flat());
  await fc.assert(
    fc.asyncProperty(recorded, listed, fc.integer({ min: 1, max: 3 }), async (entries, all, n) => {
      const found = await entriesOf(withListedFacts(cut(entries, n), cut(all, n)));
      assert.deepEqual(found, entries.map((recordedAs) => searched(recordedAs, all)));
    }),
    runs(300),
  );
});

function cut(items: readonly (Entry | ObjectVersion)[], length: number) {
  const groups = [];
  for (let from = 0; from < items.length; from += length) {
    groups.push(items.slice(from, from + length));
  }
  return batchesOf(groups);
}

function searched(recordedAs: Entry, listing: readonly ObjectVersion[]): Entry {
  const found = listing.find(({ key, versionId, size }) =>
    key === recordedAs.key && versionId === recordedAs.versionId && size === recordedAs.size
  );
  if (!found) return recordedAs;
  const { isDeleteMarker: _, isLatest: __, ...facts } = found;
  return facts;
}

Deno.test("keys lose their common beginning, in any part of a batch", () => {
  const batch = batchOf(["é/a", "é/b", "é/", "é/😀"].map((key) => entry({ key })));
  const stripped = stripKeys(batch, new TextEncoder().encode("é/").length);
  const keys = Array.from({ length: stripped.length }, (_, i) => textAt(stripped.keys, i));
  assert.deepEqual(keys, ["a", "b", "", "😀"]);
  assert.equal(textAt(batch.keys, 0), "é/a");
});

Deno.test("a pool runs as many tasks as it may, and waits for all", async () => {
  const pool = new WorkerPool(3);
  let running = 0, most = 0, ended = 0;
  for (let i = 0; i < 20; i++) {
    await pool.start(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, i % 3));
      running--;
      ended++;
    });
  }
  await pool.finish();
  assert.deepEqual([most, running, ended], [3, 0, 20]);
});

Deno.test("a pool stops at the first task that throws, once the others have ended", async () => {
  const pool = new WorkerPool(2);
  let ended = false;
  await pool.start(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    ended = true;
  });
  await pool.start(() => Promise.reject(new Error("broken")));
  await assert.rejects(
    (async () => {
      for (;;) await pool.start(() => Promise.resolve());
    })(),
    /broken/,
  );
  await assert.rejects(pool.finish(), /broken/);
  assert.equal(ended, true);
});
