/** Every command gets by with just the permissions that are documented, and needs each of them. */
import assert from "node:assert/strict";
import { type PermissionName, PERMISSIONS } from "../cli/init/permissions.ts";
import { type Policy, policyFor, policyOfRole } from "../cli/init/policy.ts";
import { deleteSnapshots } from "../lib/delete_snapshots.ts";
import { listSnapshots } from "../lib/list_snapshots.ts";
import { pinSnapshot, unpinSnapshot } from "../lib/pin_snapshots.ts";
import { readSnapshot } from "../lib/read_snapshot.ts";
import { describeRemedy } from "../lib/s3/s3_remedies.ts";
import { parseBucketUrl } from "../lib/s3/bucket_url.ts";
import { snapshot } from "../lib/snapshot.ts";
import { verify } from "../lib/verify.ts";
import { POINT_CASES } from "./permissions/point_cases.ts";
import { assertJustEnough, grantsOf, type Tried } from "./permissions/grants.ts";
import type { PermissionCase } from "./permissions/permission_case.ts";
import { delay, PermissionWorld, ROLE } from "./permissions/permission_world.ts";
import { REPLICA_CASES } from "./permissions/replica_cases.ts";
import { VERIFY_CASES } from "./permissions/verify_cases.ts";
import { RESTORE_CASES } from "./permissions/restore_cases.ts";

const CASES = [...POINT_CASES, ...VERIFY_CASES, ...REPLICA_CASES, ...RESTORE_CASES];
/** Where the store is that is an S3 prefix. */
const STORE = "points/here";
/** Longer than what goes to an S3 store in one request. */
const LONG = 9 * 1024 ** 2;

function locationOf(path: string) {
  return parseBucketUrl(`s3://${path}?region=us-east-1`);
}

function policyOf(names: readonly PermissionName[], replicated: boolean, store?: string): Policy {
  return policyFor(names, {
    source: locationOf("source"),
    replica: replicated ? locationOf("replica") : undefined,
    store: store === undefined ? undefined : locationOf(store),
    role: ROLE,
  });
}

/** What comes of something with a policy; with all permissions unless one is given. */
async function tryOut(
  { prepare, run }: Pick<PermissionCase, "prepare" | "run">,
  world: PermissionWorld,
  policy?: Policy,
  { onS3 = false } = {},
): Promise<Tried> {
  world.begin(policy);
  if (onS3) world.store = world.openStore("owner");
  await prepare(world);
  if (onS3) world.store = world.openStore("limited");
  const outcome = await run(world).then(JSON.stringify, (error) => `${error}`);
  const refused = world.refusals.map(({ action }) => action);
  return { outcome, refused, advice: adviceOf(world) };
}

/** What errors say of permissions. A batch is denied key by key, in an answer of its own. */
function adviceOf({ emulator }: PermissionWorld): string {
  const denied = emulator.requests.all.filter(({ operation, status }) =>
    status === 403 || operation === "DeleteObjects"
  );
  const told = denied.map(({ operation, bucket }) =>
    describeRemedy("AccessDenied", { operation, bucket }, undefined)
  );
  return [...new Set(told)].join("\n");
}

function namesOf({ command, names = [command as PermissionName] }: PermissionCase) {
  return names;
}

for (const each of CASES) {
  const { command, besides = [], replicated, expect } = each;
  Deno.test(`permissions: ${command} needs these, and no others`, async () => {
    await using world = await PermissionWorld.create(replicated);
    const { outcome } = await tryOut(each, world);
    assert(expect(outcome), `with all permissions: ${outcome}`);
    const base = grantsOf(policyOf(besides, replicated)).map((grant) => JSON.stringify(grant));
    const policy = policyOf([...besides, ...namesOf(each)], replicated);
    const added = grantsOf(policy).filter((grant) => !base.includes(JSON.stringify(grant)));
    await assertJustEnough(policy, added, outcome, (policy) => tryOut(each, world, policy));
    const withStore = policyOf([...besides, ...namesOf(each)], replicated, STORE);
    const onS3 = (policy: Policy) => tryOut(each, world, policy, { onS3: true });
    await assertJustEnough(withStore, [], outcome, onS3);
  });
}

Deno.test("permissions: every line that is about buckets was tried", () => {
  const tried: readonly string[] = CASES.flatMap(namesOf);
  const all = Object.entries(PERMISSIONS)
    .filter(([, needs]) => "holder" in needs || "source" in needs);
  assert.deepEqual(all.map(([name]) => name).filter((name) => !tried.includes(name)), []);
});

/** Names, and what is done with a store that is an S3 prefix. */
const STORES: readonly (readonly [readonly PermissionName[], PermissionCase["run"]])[] = [
  [["list-snapshots, ls, stats", "verify"], async (world) => {
    const { store } = world;
    const rows = await Array.fromAsync(listSnapshots({ store }), ({ state }) => state);
    const entries = await Array.fromAsync(readSnapshot({ store, snapshot: "latest" }));
    return { rows, keys: entries.map(({ key }) => key), ok: (await verify({ store })).ok };
  }],
  [["snapshot", "gc, delete", "pin, unpin, unlock"], async (world) => {
    const { limited: { source: bucket }, store } = world;
    const { objects } = await snapshot({ bucket, store, delay });
    await pinSnapshot({ snapshot: "latest~1", bucket, store });
    await unpinSnapshot({ snapshot: "latest~1", bucket, store });
    const { expired } = await deleteSnapshots({ snapshots: ["latest~1"], bucket, store });
    await assert.rejects(store.put("long", breakingOff()), /enough/);
    const { keys, uploads } = world.emulator.buckets.get("points")!;
    const files = [...keys.keysFrom("")].length;
    return { objects, expired: expired.length, files, uploads: uploads.size };
  }],
];

/** A body that fails when more of it is there than goes in one request. */
function breakingOff(): ReadableStream<Uint8Array<ArrayBuffer>> {
  let length = 0;
  return new ReadableStream({
    pull(controller) {
      if (length >= 2 * LONG) return controller.error(new Error("enough"));
      length += LONG;
      controller.enqueue(new Uint8Array(LONG));
    },
  });
}

for (const [names, run] of STORES) {
  Deno.test(`permissions: ${names.join(", ")} need these of an S3 store, and no others`, async () => {
    await using world = await PermissionWorld.create(false);
    const each = {
      async prepare(world: PermissionWorld) {
        world.seed("source", { key: "a" });
        await world.point();
      },
      run,
    };
    const onS3 = (policy?: Policy) => tryOut(each, world, policy, { onS3: true });
    const { outcome } = await onS3();
    const policy = policyOf(names, false, STORE);
    const ofStore = grantsOf(policy).filter(({ resource }) => resource.includes("points"));
    await assertJustEnough(policy, ofStore, outcome, onS3);
  });
}

Deno.test("permissions: the replication role needs these, and no others", async () => {
  const replicate = async (role?: Policy): Promise<Tried> => {
    await using world = await PermissionWorld.create(true, role);
    await world.replicate();
    world.seed("source", { key: "a", tags: [["team", "a"]] });
    world.seed("source", { key: "deleted" }, { key: "deleted", deleteMarker: true });
    await world.emulator.replication.idle();
    const markers = [...world.emulator.buckets.get("replica")!.keys.keysFrom("deleted")]
      .flatMap(({ versions }) => versions.map(({ kind }) => kind));
    const outcome = JSON.stringify([world.contents("replica"), markers]);
    return { outcome, refused: world.emulator.refusals.map(({ action }) => action) };
  };
  const { outcome } = await replicate();
  const policy = policyOfRole(locationOf("source"), locationOf("replica"));
  await assertJustEnough(policy, grantsOf(policy), outcome, replicate);
});
