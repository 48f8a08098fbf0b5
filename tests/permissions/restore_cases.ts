/** What restores need. */
import { download, type DownloadOptions } from "../../lib/download.ts";
import { listSnapshots } from "../../lib/list_snapshots.ts";
import { restore, type RestoreOptions } from "../../lib/restore.ts";
import { legacyText, legacyVersion, putLegacy } from "../legacy_files.ts";
import { changed, RESTORED } from "./changed_bucket.ts";
import { outcomeOf, type PermissionCase } from "./permission_case.ts";
import { delay, type PermissionWorld } from "./permission_world.ts";

const HOUR = 3_600_000;
const GRANTS = [
  { permission: "READ", by: "id", grantee: "somebody" },
] as const;

/** Restores the newest point, unless told otherwise. */
function restoring(more: Partial<RestoreOptions> = { snapshot: "latest" }) {
  return async (world: PermissionWorld) => {
    const { source: target, holder: replica } = world.limited;
    const report = await restore({ ...more, store: world.store, target, replica, delay });
    return outcomeOf(report, world.contents("source"));
  };
}

async function downloading(
  { limited: { holder: replica }, store }: PermissionWorld,
  what: Pick<DownloadOptions, "snapshot" | "at">,
): Promise<unknown> {
  const directory = await Deno.makeTempDir();
  try {
    return outcomeOf(await download({ ...what, store, replica, directory, delay }), null);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** An object of two hours ago. */
function ofTwoHoursAgo(world: PermissionWorld): Promise<void> {
  world.seed(world.holder, { key: "a", body: "a", lastModified: Date.now() - 2 * HOUR });
  return Promise.resolve();
}

const REPLICATED = { besides: ["restore"], replicated: true } as const;

/** By line of the list. */
export const RESTORE_CASES: readonly PermissionCase[] = [
  {
    command: "restore",
    replicated: true,
    prepare: changed,
    run: restoring(),
    expect: (outcome) => RESTORED.test(outcome),
  },
  {
    command: "restore without a replica",
    names: ["restore", "restore without a replica"],
    replicated: false,
    async prepare(world) {
      world.seed("source", { key: "deleted", body: "d" });
      await changed(world);
      world.seed("source", { key: "deleted", deleteMarker: true });
    },
    run: restoring(),
    expect: (outcome) => RESTORED.test(outcome) && outcome.includes('"undeleted":1'),
  },
  {
    ...REPLICATED,
    command: "restore --delete",
    async prepare(world) {
      world.seed(world.holder, { key: "kept", body: "k" });
      await world.point();
      world.seed("source", { key: "extra", body: "e" });
    },
    run: restoring({ snapshot: "latest", delete: true }),
    expect: (outcome) => outcome.includes('"deleted":1'),
  },
  {
    ...REPLICATED,
    command: "restore --undelete",
    async prepare(world) {
      await world.replicate();
      world.seed("source", { key: "deleted", body: "d" });
      await world.emulator.replication.idle();
      await world.point();
      world.seed("source", { key: "deleted", deleteMarker: true });
      await world.emulator.replication.idle();
    },
    run: restoring({ snapshot: "latest", undelete: true }),
    expect: (outcome) => outcome.includes('"undeleted":1,"undeletedInReplica":1'),
  },
  {
    ...REPLICATED,
    command: "restore --at",
    prepare: ofTwoHoursAgo,
    run: (world) => restoring({ at: Date.now() - HOUR })(world),
    expect: (outcome) => outcome.includes('"copied":1'),
  },
  {
    ...REPLICATED,
    command: "restore of a file of 2015",
    async prepare(world) {
      const VersionId = world.seed(world.holder, { key: "a", body: "abc" });
      const text = legacyText([legacyVersion({ Key: "a", VersionId })]);
      await putLegacy(world.store, "20150605152158-0500CDT", text);
    },
    run: restoring({ snapshot: "20150605152158-0500CDT" }),
    expect: (outcome) => outcome.includes('"copied":1'),
  },
  {
    ...REPLICATED,
    command: "restore --acl",
    async prepare(world) {
      for (const key of ["far", "own"]) world.seed(world.holder, { key, grants: GRANTS });
      world.mirror("own");
      await world.point();
      world.seed("source", { key: "own", body: "new" });
    },
    run: restoring({ snapshot: "latest", acl: true }),
    expect: (outcome) => outcome.includes('"copied":2') && outcome.includes('"grants":1'),
  },
  {
    ...REPLICATED,
    command: "restore --thaw",
    async prepare(world) {
      const { holder, source } = world.owner;
      // One that the replica holds, and one that an earlier restore hid in the source.
      for (const { name } of [holder, source]) {
        world.seed(name, { key: name, storageClass: "GLACIER" });
      }
      await world.point();
      await world.point(source, "20200101T000000Z-aaaa");
      world.seed("source", { key: "source", body: "new" });
    },
    async run(world) {
      const outcomes: unknown[] = [];
      for (const { id } of await Array.fromAsync(listSnapshots(world))) {
        outcomes.push(await restoring({ snapshot: id, thaw: "bulk" })(world));
      }
      return outcomes;
    },
    expect: (outcome) => outcome.split('"archived":1,"thawing":1,"failures":[]').length === 3,
  },
  {
    command: "restore --to-dir",
    replicated: true,
    prepare: changed,
    run: (world) => downloading(world, { snapshot: "latest" }),
    expect: (outcome) => /"copied":6.*"failures":\["lost NoSuchVersion"\]/.test(outcome),
  },
  {
    command: "restore --to-dir --at",
    names: [],
    besides: ["restore --to-dir", "restore --at"],
    replicated: true,
    prepare: ofTwoHoursAgo,
    run: (world) => downloading(world, { at: Date.now() - HOUR }),
    expect: (outcome) => outcome.includes('"copied":1'),
  },
  {
    ...REPLICATED,
    command: "restore --stream",
    names: [],
    prepare: changed,
    run: restoring({ snapshot: "latest", stream: true }),
    expect: (outcome) => outcome.includes('"failures":["lost NoSuchVersion"]'),
  },
];
