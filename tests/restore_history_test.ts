import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import type { ObjectVersion } from "../lib/model/entry.ts";
import { entryAt } from "../lib/model/entry_batch.ts";
import type { PlanRules } from "../lib/restore/plan_draft.ts";
import { planHistory } from "../lib/restore/plan_history.ts";
import { planKeys } from "../lib/restore/plan_keys.ts";
import type { RestoreBatch } from "../lib/restore/restore_batch.ts";
import { selectCurrent } from "../lib/select_current.ts";
import { batchesOf, version } from "./entry_batches.ts";
import { runs } from "./seed.ts";

/** A plan as one, however it was cut. */
async function joined(batches: AsyncIterable<RestoreBatch>): Promise<unknown> {
  const todo: unknown[] = [];
  const sums = { objects: 0, unchanged: 0, undeleted: 0, extra: 0 };
  for await (const batch of batches) {
    for (let row = 0; row < batch.entries.length; row++) {
      todo.push([batch.actions[row], entryAt(batch.entries, row)]);
    }
    sums.objects += batch.objects;
    sums.unchanged += batch.unchanged;
    sums.undeleted += batch.undeleted;
    sums.extra += batch.extra;
  }
  return { todo, ...sums };
}

function cut<Item>(items: readonly Item[], length: number): Item[][] {
  return items.flatMap((_, i) => i % length === 0 ? [items.slice(i, i + length), []] : []);
}

/** Histories of a few keys as a server lists them: newest first, dated as they were written. */
function listings(): fc.Arbitrary<ObjectVersion[]> {
  const step = fc.record({
    body: fc.option(fc.constantFrom("x", "y"), { nil: undefined, freq: 2 }),
    pause: fc.integer({ min: 0, max: 2 }),
  });
  return fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { maxLength: 6 })
    .map((keys) =>
      keys.flatMap((steps, number) => {
        let time = 0;
        const versions = steps.map(({ body, pause }, i) =>
          version({
            key: `k${number}`,
            versionId: `v${i}`,
            lastModified: time += pause,
            etag: body ?? "",
            size: body === undefined ? 0 : 1,
            isDeleteMarker: body === undefined,
            isLatest: i === steps.length - 1,
          })
        );
        return versions.reverse();
      })
    );
}

Deno.test("one listing gives the plan that a merge of two gives, however it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      listings(),
      fc.integer({ min: -1, max: 9 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 4 }),
      async (versions, asOf, isDeleting, length) => {
        const rules: PlanRules = { delete: isDeleting, inPlace: true, undelete: true };
        const entries = selectCurrent(batchesOf([versions]), asOf);
        assert.deepEqual(
          await joined(planHistory(batchesOf(cut(versions, length)), asOf, rules)),
          await joined(planKeys(entries, batchesOf([versions]), rules)),
        );
      },
    ),
    runs(300),
  );
});

Deno.test("a key that had nothing at the moment is surplus only if it has something now", async () => {
  const versions = [
    version({ key: "a", versionId: "a2", lastModified: 5, isLatest: true }),
    version({ key: "a", versionId: "a1", lastModified: 2, isDeleteMarker: true }),
    version({ key: "a", versionId: "a0", lastModified: 1 }),
    version({ key: "b", versionId: "b1", lastModified: 5, isDeleteMarker: true, isLatest: true }),
    version({ key: "c", versionId: "c1", lastModified: 5, isLatest: true }),
  ];
  const rules = { delete: false, inPlace: true, undelete: true };
  assert.deepEqual(
    await joined(planHistory(batchesOf([versions]), 3, rules)),
    { todo: [], objects: 0, unchanged: 0, undeleted: 0, extra: 2 },
  );
});
