import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { openMemoryStore } from "../backends/memory.ts";
import { diff } from "../lib/diff.ts";
import { snapshotPoint } from "../lib/point.ts";
import { readScope } from "../lib/restore/read_scope.ts";
import { verify } from "../lib/verify.ts";
import { entriesOf } from "./entry_batches.ts";
import { runs } from "./seed.ts";
import { entriesAt, histories, HISTORY_KEYS, putHistory } from "./snapshot_histories.ts";

Deno.test("snapshots with patches are compared by what they hold", async () => {
  await fc.assert(
    fc.asyncProperty(histories(5), fc.nat(), fc.nat(), async (moments, first, second) => {
      await using store = openMemoryStore();
      const manifests = await putHistory(store, moments);
      const [a, b] = [first % moments.length, second % moments.length];
      const found = await Array.fromAsync(
        diff({ store, from: manifests[a]!.id, to: manifests[b]!.id }),
      );
      const expected = HISTORY_KEYS.flatMap((key, i) => {
        const before = moments[a]!.held[i], after = moments[b]!.held[i];
        if (before === after) return [];
        return `${!before ? "added" : !after ? "removed" : "changed"} ${key}`;
      });
      assert.deepEqual(found.map(({ change, key }) => `${change} ${key}`), expected);
    }),
    runs(60),
  );
});

Deno.test("snapshots with patches are verified, and all of their files are known", async () => {
  await fc.assert(
    fc.asyncProperty(histories(4), async (moments) => {
      await using store = openMemoryStore();
      const manifests = await putHistory(store, moments);
      const report = await verify({ store });
      assert.deepEqual(report.leftovers, []);
      assert.deepEqual(
        report.points.map(({ id, state, objects }) => [id, state, objects]).sort(),
        manifests.map(({ id }, n) => [id, "ok", entriesAt(moments[n]!).length]).sort(),
      );
    }),
    runs(30),
  );
});

Deno.test("keys that are named are found in parts with patches", async () => {
  await fc.assert(
    fc.asyncProperty(
      histories(4),
      fc.subarray([...HISTORY_KEYS], { maxLength: 2 }),
      async (moments, names) => {
        await using store = openMemoryStore();
        const manifest = (await putHistory(store, moments)).at(-1)!;
        const point = snapshotPoint(manifest, { expired: false, pinned: false });
        const found = await entriesOf(readScope({ store, point, scope: "", names }));
        const wanted = entriesAt(moments.at(-1)!).filter(({ key }) => names.includes(key));
        assert.deepEqual(found.filter(({ key }) => names.includes(key)), wanted);
      },
    ),
    runs(60),
  );
});
