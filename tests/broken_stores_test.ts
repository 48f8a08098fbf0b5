/** The conformance suite is itself checked: each of these stores does one thing wrong. */
import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { type ConformanceCheck, type SnapshotStore, storeConformance } from "../testing.ts";
import { type Defect, override } from "./broken_stores/defect.ts";
import { otherDefects } from "./broken_stores/other_defects.ts";
import { putDefects } from "./broken_stores/put_defects.ts";
import { readDefects } from "./broken_stores/read_defects.ts";

const DEFECTS: readonly Defect[] = [...putDefects, ...readDefects, ...otherDefects];

function suiteFor(
  spoil: (store: SnapshotStore) => SnapshotStore,
  createOnly = true,
): ConformanceCheck[] {
  return storeConformance({
    open: () => Promise.resolve(spoil(openMemoryStore(`memory:${crypto.randomUUID()}`))),
    openAgain: ({ url }) => Promise.resolve(spoil(openMemoryStore(url))),
    capabilities: { createOnly },
  });
}

function checkNames(createOnly: boolean): string[] {
  return suiteFor((store) => store, createOnly).map((check) => check.name);
}

for (const { what, caughtBy, createOnly, spoil } of DEFECTS) {
  Deno.test(`the suite catches a store that ${what}`, async () => {
    const check = suiteFor(spoil, createOnly).find(({ name }) => name === caughtBy);
    assert.ok(check, `there is no check "${caughtBy}"`);
    await assert.rejects(check.run());
  });
}

Deno.test("every check of the suite catches some defect", () => {
  const caught = new Set(DEFECTS.map(({ caughtBy }) => caughtBy));
  const checks = new Set([...checkNames(true), ...checkNames(false)]);
  assert.deepEqual([...checks.difference(caught)], []);
});

Deno.test("the suite calls a check that never ends a hang", async () => {
  const never = new Promise<never>(() => {});
  const checks = storeConformance({
    open: () => Promise.resolve(override(openMemoryStore(), { delete: () => never })),
    hangAfter: 20,
  });
  const check = checks.find(({ name }) => name === "deletes a missing name without complaint");
  await assert.rejects(check!.run(), /hangs: it took more than 20 ms/);
});

Deno.test("the suite leaves out only what a capability excuses", () => {
  const open = () => Promise.resolve(openMemoryStore());
  const without = storeConformance({ open, capabilities: { createOnly: false } });
  const names = new Set(without.map(({ name }) => name));
  const excused = checkNames(true).filter((name) => !names.has(name));
  assert.deepEqual(excused, [
    "shows what was put to another handle, and after it was closed",
    "creates a new name, and refuses one that is taken, with AlreadyExists",
    "refuses to create a name that was taken while the body was read",
    "lets one of 20 racing creators win",
    "lets one of 20 creators win that race through two handles",
    "leaves a name free whose creation failed, and one that was deleted",
    "creates a large body whole, or refuses it with Unsupported",
  ]);
  assert.equal(without.length, new Set(names).size, "two checks have one name");
});
