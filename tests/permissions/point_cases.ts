/** What is needed to take points, to keep and drop them, and to compare with them. */
import { checkAccess } from "../../cli/init/check_access.ts";
import { deleteSnapshots } from "../../lib/delete_snapshots.ts";
import { diff } from "../../lib/diff.ts";
import { gc, type GcReport } from "../../lib/gc.ts";
import { pinSnapshot, unpinSnapshot } from "../../lib/pin_snapshots.ts";
import { snapshot } from "../../lib/snapshot.ts";
import { unlock } from "../../lib/unlock.ts";
import type { PermissionCase } from "./permission_case.ts";
import { delay, type PermissionWorld } from "./permission_world.ts";

const HOUR = 3_600_000;

/** Of a bucket that was overwritten again and again, with points in between. */
async function overwritten(world: PermissionWorld): Promise<void> {
  const write = (body: string, age: number) =>
    world.seed(world.holder, { key: "a", body, lastModified: Date.now() - age * HOUR });
  for (const age of [9, 7, 5, 3]) {
    write(`unnoticed ${age}`, age + 0.5);
    write(`${age}`, age);
    const { holder: bucket } = world.owner;
    await snapshot({ bucket, store: world.store, at: Date.now() - (age - 1) * HOUR });
  }
}

function freed({ versionsDeleted, failed, expired }: GcReport): unknown {
  return { versionsDeleted, failed: failed.map(({ code }) => code), expired: expired.length };
}

/** By line of the list. */
export const POINT_CASES: readonly PermissionCase[] = [
  {
    command: "init",
    replicated: true,
    prepare: () => Promise.resolve(),
    async run({ limited: { source, holder: replica }, store }) {
      const openStore = () => Promise.resolve(store);
      const { signal } = new AbortController();
      const checks = checkAccess({ source, replica, openStore, probeName: "probe", signal });
      return await Array.fromAsync(checks, ({ problem }) => problem === undefined);
    },
    expect: (outcome) => outcome === "[true,true,true,true,true]",
  },
  {
    command: "snapshot",
    replicated: true,
    prepare(world) {
      world.seed(world.holder, { key: "a", body: "a" });
      return Promise.resolve();
    },
    async run({ limited: { holder: bucket }, store }) {
      const { objects } = await snapshot({ bucket, store, delay, pin: true });
      return objects;
    },
    expect: (outcome) => outcome === "1",
  },
  {
    command: "pin, unpin, unlock",
    replicated: true,
    prepare: (world) => world.point(),
    async run({ limited: { holder: bucket }, store }) {
      const options = { snapshot: "latest", bucket, store };
      await pinSnapshot(options);
      await unpinSnapshot(options);
      return await unlock({ bucket, store });
    },
    expect: (outcome) => outcome === '{"state":"free"}',
  },
  {
    command: "gc, delete",
    replicated: true,
    prepare: overwritten,
    async run({ limited: { holder: bucket }, store }) {
      const removed = await deleteSnapshots({ snapshots: ["latest~3"], bucket, store });
      const policy = { keepLast: 2 };
      return [removed, await gc({ bucket, store, policy, unreferenced: 0 })].map(freed);
    },
    expect: (outcome) =>
      outcome === '[{"versionsDeleted":1,"failed":[],"expired":1},' +
          '{"versionsDeleted":5,"failed":[],"expired":1}]',
  },
  {
    command: "diff",
    replicated: true,
    async prepare(world) {
      const { source, holder } = world.owner;
      for (const bucket of [source, holder]) await world.point(bucket);
      for (const { name } of [source, holder]) world.seed(name, { key: "new" });
    },
    async run({ limited: { source, holder }, store }) {
      const count = async (...buckets: (typeof source)[]) =>
        (await Array.fromAsync(diff({ store, from: "latest", buckets }))).length;
      return [await count(holder, source), await count(source, holder)];
    },
    expect: (outcome) => outcome === "[1,1]",
  },
];
