import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { restore, type RestoreOptions } from "../lib/restore.ts";
import { snapshot } from "../lib/snapshot.ts";
import { hookStore } from "./hooked_store.ts";
import { testServer } from "./s3_server.ts";
import { TestBucket } from "./test_bucket.ts";

const delay = () => Promise.resolve();
const MIB = 1024 * 1024;

/** A replica, a target, and a restore during which somebody else writes to the target. */
async function contested(hint: string) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await testServer());
  const make = async (name: string) =>
    stack.use(await TestBucket.create(server, server.bucketName(`${hint}-${name}`)));
  const replica = await make("replica"), target = await make("target");
  const store = stack.use(openMemoryStore());
  return {
    replica,
    target,
    snapshot: () => snapshot({ bucket: replica.handle, store, delay }),
    /** `meddle` runs after the plan has seen the target, and before its first change. */
    restore: (meddle: () => Promise<void>, more: Partial<RestoreOptions> = {}) => {
      let isPlanned = false;
      const hooked = hookStore(store, {
        async after({ operation, name }) {
          if (operation !== "put" || !name.endsWith("/manifest.json") || isPlanned) return;
          isPlanned = true;
          await meddle();
        },
      });
      const buckets = { replica: replica.handle, target: target.handle };
      return restore({ store: hooked, snapshot: "latest", ...buckets, delay, ...more });
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function bodies(bucket: TestBucket): Promise<Record<string, string>> {
  return Object.fromEntries([...await bucket.contents()].map(([key, { body }]) => [key, body]));
}

Deno.test("a key that changes after the plan has seen it is reported and left", async () => {
  await using given = await contested("changed");
  const { replica, target } = given;
  const keys = ["appears", "changes", "same1", "same2", "vanishes"];
  for (const key of keys) await replica.put(key, "old");
  await given.snapshot();
  for (const key of ["changes", "same1", "same2", "vanishes"]) await target.put(key, "new");
  const meddle = async () => {
    await target.put("appears", "newer");
    await target.put("changes", "newer");
    await target.remove("vanishes");
  };
  const report = await given.restore(meddle);
  assert.deepEqual(
    report.failed.map(({ key, code }) => `${key} ${code}`).sort(),
    ["appears TargetChanged", "changes TargetChanged", "vanishes TargetChanged"],
  );
  assert.equal(report.copied, 2);
  assert.deepEqual(await bodies(target), {
    appears: "newer",
    changes: "newer",
    same1: "old",
    same2: "old",
  });
});

Deno.test("what changed is overwritten when that is wanted, and stays as history", async () => {
  await using given = await contested("force");
  const { replica, target } = given;
  for (const key of ["appears", "changes"]) await replica.put(key, "old");
  await given.snapshot();
  await target.put("changes", "new");
  const meddle = async () => {
    await target.put("appears", "newer");
    await target.put("changes", "newer");
  };
  const report = await given.restore(meddle, { overwriteChanged: true });
  assert.deepEqual([report.copied, report.failed], [2, []]);
  assert.deepEqual(await bodies(target), { appears: "old", changes: "old" });
  assert.equal((await target.versions()).length, 2 + 3);
});

Deno.test("a large object does not replace what was written while it was copied", async () => {
  await using given = await contested("parts");
  const { replica, target } = given;
  await replica.putInParts("large", [new Uint8Array(5 * MIB).fill(1), new Uint8Array(9)]);
  await given.snapshot();
  const report = await given.restore(() => target.put("large", "newer").then(() => {}));
  assert.deepEqual(report.failed.map(({ code }) => code), ["TargetChanged"]);
  assert.deepEqual(await bodies(target), { large: "newer" });
});

Deno.test("a key that was overwritten since is not hidden below a delete marker", async () => {
  await using given = await contested("delete");
  const { replica, target } = given;
  await replica.put("kept", "old");
  await given.snapshot();
  const surplus = ["a", "b", "c", "d", "e"];
  for (const key of surplus) await target.put(key, "stray");
  const meddle = async () => {
    await target.put("a", "newer");
    await target.put("d", "newer");
    await target.remove("e");
  };
  const { deleted, failed } = await given.restore(meddle, { delete: true });
  assert.deepEqual(failed.map(({ key, code }) => `${key} ${code}`).sort(), [
    "a TargetChanged",
    "d TargetChanged",
  ]);
  assert.equal(deleted, 3);
  assert.deepEqual(await bodies(target), { kept: "old", a: "newer", d: "newer" });

  const forced = await given.restore(() => target.put("a", "newest").then(() => {}), {
    delete: true,
    overwriteChanged: true,
  });
  assert.deepEqual([forced.deleted, forced.failed], [2, []]);
});
