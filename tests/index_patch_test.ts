import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { openMemoryStore } from "../backends/memory.ts";
import { ManyMerge } from "../lib/index/many_merge.ts";
import { readEntries, readManifest } from "../lib/index/snapshot_reader.ts";
import type { Entry } from "../lib/model/entry.ts";
import { entryAt } from "../lib/model/entry_batch.ts";
import { compareKeys } from "../lib/model/key_order.ts";
import { entriesOf } from "./entry_batches.ts";
import { partSources } from "./part_sources.ts";
import { runs } from "./seed.ts";
import { entriesAt, histories, HISTORY_KEYS, putHistory } from "./snapshot_histories.ts";

Deno.test("snapshots written as changes hold what was listed, whatever the history", async () => {
  let patches = 0, shared = 0;
  await fc.assert(
    fc.asyncProperty(
      histories(6),
      fc.constantFrom("", ...HISTORY_KEYS),
      fc.option(fc.constantFrom(...HISTORY_KEYS), { nil: undefined }),
      async (moments, prefix, after) => {
        await using store = openMemoryStore();
        const manifests = await putHistory(store, moments);
        for (const [n, manifest] of manifests.entries()) {
          const all = entriesAt(moments[n]!);
          assert.deepEqual(await readManifest(store, manifest.id), manifest);
          assert.equal(manifest.format, manifest.parts.some(({ patch }) => patch) ? 2 : 1);
          assert.deepEqual(manifest.totals, {
            objects: all.length,
            bytes: all.reduce((sum, { size }) => sum + size, 0),
          });
          assert.deepEqual(await entriesOf(readEntries(store, manifest)), all);
          const some = all.filter(({ key }) =>
            key.startsWith(prefix) && (after === undefined || compareKeys(key, after) > 0)
          );
          const options = after === undefined ? { prefix } : { prefix, after };
          assert.deepEqual(await entriesOf(readEntries(store, manifest, options)), some);
          const files = new Set(manifests[n - 1]?.parts.map(({ sha256 }) => sha256));
          for (const { sha256, patch } of manifest.parts) {
            if (patch) patches++;
            if (files.has(sha256)) shared++;
          }
        }
      },
    ),
    runs(100),
  );
  assert.ok(patches > 50 && shared > 50, `${patches} patches, ${shared} parts used again`);
});

Deno.test("a merge of such snapshots finds every entry with all that have it", async () => {
  await fc.assert(
    fc.asyncProperty(histories(6), async (moments) => {
      await using store = openMemoryStore();
      const manifests = await putHistory(store, moments);
      await using merge = new ManyMerge(partSources(store, manifests));
      const found: string[] = [];
      while (await merge.load()) {
        while (merge.next()) {
          assert.ok(merge.count > 0);
          const keys = new Set<string>();
          for (let n = 0; n < merge.count; n++) {
            const { batch, row } = merge.cursorAt(n);
            const each = entryAt(batch, row);
            keys.add(each.key);
            for (const owner of merge.ownersAt(n)) found.push(nameOf(owner, each));
          }
          assert.equal(keys.size, 1);
        }
      }
      const expected = moments.flatMap((moment, owner) =>
        entriesAt(moment).map((each) => nameOf(owner, each))
      );
      assert.deepEqual(found.sort(), expected.sort());
    }),
    runs(100),
  );
});

function nameOf(owner: number, { key, versionId, lastModified }: Entry): string {
  return JSON.stringify([owner, key, versionId, lastModified]);
}
