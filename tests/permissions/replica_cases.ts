/** What is needed to fill a replica, and to take it for the source. */
import { failover } from "../../lib/failover.ts";
import { snapshot } from "../../lib/snapshot.ts";
import { sync } from "../../lib/sync.ts";
import { outcomeOf, type PermissionCase } from "./permission_case.ts";
import { delay, type PermissionWorld } from "./permission_world.ts";

const TAGS = [["team", "a"]] as const;
const IN_PARTS = { body: "uploaded in parts", partSize: 8 };

async function mirrored(world: PermissionWorld): Promise<void> {
  await world.replicate();
  world.seed("source", { key: "a", body: "a" }, { key: "b", body: "b" });
  await world.emulator.replication.idle();
}

async function failingOver(
  { limited, emulator }: PermissionWorld,
  apply: boolean,
): Promise<unknown> {
  const { source, holder: replica } = limited;
  const { objects, replication, applied } = await failover({ source, replica, apply, delay });
  const replicates = (name: string) => emulator.buckets.get(name)!.replication !== undefined;
  return { objects, replication, applied, now: ["source", "replica"].map(replicates) };
}

async function syncing(world: PermissionWorld, acl = false): Promise<unknown> {
  const { source, holder: replica } = world.limited;
  const report = await sync({ source, replica, store: world.store, acl, delay });
  return outcomeOf(report, world.contents("replica"));
}

/** By line of the list. */
export const REPLICA_CASES: readonly PermissionCase[] = [
  {
    command: "sync",
    replicated: true,
    prepare(world) {
      world.seed(
        "source",
        { key: "cut", ...IN_PARTS },
        { key: "missing", body: "m" },
        { key: "parts", ...IN_PARTS, tags: TAGS },
        { key: "tagged", body: "t", tags: TAGS },
      );
      world.seed("replica", { key: "tagged", body: "old" }, { key: "gone", body: "g" });
      // S3 replicated it, and somebody overwrote it there.
      world.seed("replica", { key: "own", body: "o", tags: TAGS });
      world.mirror("own");
      world.seed("replica", { key: "own", body: "other" });
      world.emulator.faults.add({
        kind: "internal-error",
        operation: "UploadPartCopy",
        key: "cut",
      });
      return Promise.resolve();
    },
    run: (world) => syncing(world),
    expect: (outcome) =>
      /"copied":4,.*"deleted":1,.*"failures":\["cut InternalError"\]/.test(outcome),
  },
  {
    command: "snapshot --sync",
    names: [],
    besides: ["snapshot", "sync"],
    replicated: true,
    prepare(world) {
      world.seed("source", { key: "a", body: "a" });
      return Promise.resolve();
    },
    async run(world) {
      const synced = await syncing(world);
      const { holder: bucket } = world.limited;
      return { synced, objects: (await snapshot({ bucket, store: world.store, delay })).objects };
    },
    expect: (outcome) => outcome.includes('"copied":1') && outcome.includes('"objects":1'),
  },
  {
    command: "sync --acl",
    besides: ["sync"],
    replicated: true,
    prepare(world) {
      const grants = [{ permission: "READ", by: "id", grantee: "somebody" }] as const;
      world.seed("source", { key: "far", grants });
      world.seed("replica", { key: "own", grants });
      world.mirror("own");
      world.seed("replica", { key: "own", body: "other" });
      return Promise.resolve();
    },
    run: (world) => syncing(world, true),
    expect: (outcome) => outcome.includes('"copied":2') && outcome.includes('"grants":1'),
  },
  {
    command: "failover",
    replicated: true,
    prepare: mirrored,
    run: (world) => failingOver(world, false),
    expect: (outcome) => outcome.includes('"objects":2') && outcome.includes('"Role"'),
  },
  {
    command: "failover --apply",
    besides: ["failover"],
    replicated: true,
    prepare: mirrored,
    run: (world) => failingOver(world, true),
    expect: (outcome) => outcome.includes('"now":[false,true]'),
  },
];
