import assert from "node:assert/strict";
import { listVersions } from "../lib/s3/list_versions.ts";
import { CommandWorld } from "./command_world.ts";
import { openEmulated } from "./emulated_bucket.ts";
import { versionsOf } from "./entry_batches.ts";

/** What a bucket lists, one word a version: `a`, or `-a` for a delete marker of it. */
async function listed(world: CommandWorld, bucket: string): Promise<string[]> {
  await using handle = openEmulated(world.server, bucket);
  const versions = await versionsOf(listVersions(handle));
  return versions.map(({ key, isDeleteMarker }) => isDeleteMarker ? `-${key}` : key);
}

Deno.test("restore --undelete brings a source and its replica back together", async () => {
  await using world = await CommandWorld.create();
  world.server.createBucket("copies", { versioning: "Enabled" });
  const both = [world.bucket, "copies"];
  for (const bucket of both) world.server.seed(bucket, [{ key: "a", body: "x" }]);
  const replica = ["--replica", world.url("copies")];
  assert.equal((await world.run(["snapshot", "-q", ...replica])).code, 0);
  for (const bucket of both) world.server.seed(bucket, [{ key: "a", deleteMarker: true }]);

  const plan = await world.run(["restore", "latest", "--undelete", "--dry-run", ...replica]);
  assert.match(plan.stdout, /1 {2}to bring back by removing delete markers, \d+ B\n/);
  assert.match(plan.stdout, /1 {2}whose delete markers are to go from the replica, too\n/);
  const { code, stdout, stderr } = await world.run(
    ["restore", "latest", "--undelete", "--json", "-q", ...replica],
  );
  assert.equal(code, 0, stderr);
  const { undeleted, undeletedInReplica, copied } = JSON.parse(stdout);
  assert.deepEqual({ undeleted, undeletedInReplica, copied }, {
    ...{ undeleted: 1, undeletedInReplica: 1, copied: 0 },
  });
  for (const bucket of both) assert.deepEqual(await listed(world, bucket), ["a"]);

  const elsewhere = await world.run([
    "restore",
    "latest",
    "--undelete",
    "--to",
    world.url("copies"),
  ]);
  assert.deepEqual([elsewhere.code, elsewhere.stdout], [2, ""]);
  assert.match(elsewhere.stderr, /--undelete .* does not go with --to/);
});

const HOUR = 3_600_000;

/** A bucket in which, of three objects, one was overwritten and one deleted two hours ago. */
async function changedTwoHoursAgo(): Promise<{ world: CommandWorld; before: string }> {
  const world = await CommandWorld.create();
  const now = Date.now();
  const then = { lastModified: now - 4 * HOUR }, later = { lastModified: now - 2 * HOUR };
  world.server.seed(world.bucket, [
    ...["a", "b", "c"].map((key) => ({ key, body: "old", ...then })),
    { key: "a", body: "newer", ...later },
    { key: "b", deleteMarker: true, ...later },
    { key: "stray", body: "x", ...later },
  ]);
  return { world, before: new Date(now - 3 * HOUR).toISOString() };
}

Deno.test("restore --at needs no snapshot, and says what brings the same back again", async () => {
  const { world, before } = await changedTwoHoursAgo();
  await using _ = world;
  const plan = await world.run(["restore", "--at", "3h", "--delete", "--dry-run"]);
  assert.equal(plan.code, 0, plan.stderr);
  const [, at] = /^Restoring --at (\S+Z) to s3:\S+ would do this for 3 objects:\n/
    .exec(plan.stdout)!;
  assert(Math.abs(Date.parse(at!) - Date.parse(before)) < 60_000);
  const { code, stdout, stderr } = await world.run(["restore", "--at", at!, "--delete", "--json"]);
  assert.equal(code, 0, stderr);
  const { snapshot, copied, undeleted, deleted, safetySnapshot, ...report } = JSON.parse(stdout);
  assert.deepEqual(
    { snapshot, at: report.at, copied, undeleted, deleted },
    { snapshot: null, at, copied: 1, undeleted: 1, deleted: 1 },
  );
  const again = await world.run(["restore", "--at", at!, "--delete"]);
  assert.match(again.stdout, /^Restored --at .*\n +3 {2}right already\n$/);
  const undo = await world.run(["restore", safetySnapshot, "--delete"]);
  assert.equal(undo.code, 0, undo.stderr);
  assert.deepEqual(await currentIn(world), ["a", "c", "stray"]);
});

Deno.test("restore --at does without a store when nothing is to be undone", async () => {
  const { world } = await changedTwoHoursAgo();
  await using _ = world;
  const args = ["restore", "--at", "3h"];
  const refused = await world.run(args, { store: null });
  assert.deepEqual([refused.code, refused.stdout], [2, ""]);
  assert.match(refused.stderr, /no store is given/);
  assert.equal((await world.run([...args, "--dry-run"], { store: null })).code, 0);
  const done = await world.run([...args, "--no-safety-snapshot"], { store: null });
  assert.equal(done.code, 0, done.stderr);
  assert.deepEqual(await currentIn(world), ["a", "b", "c", "stray"]);
});

Deno.test("a wrong --at is refused with advice", async () => {
  const { world } = await changedTwoHoursAgo();
  await using _ = world;
  const before = await world.state();
  const future = new Date(Date.now() + HOUR).toISOString();
  const cases: readonly [args: string[], message: RegExp][] = [
    [[], /what is to be restored\? Name a snapshot \(see list-snapshots\), or a time with --at/],
    [["latest", "--at", "3h"], /a snapshot and --at exclude each other/],
    [["--at", "yesterday"], /"yesterday" is neither a time such as 2026-11-23.* nor an age/],
    [["--at", future], /cannot be told: by its server's clock it is/],
    [["--at", "3h", "--allow-other-replica"], /does not go with --at/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await world.run(["restore", ...args]);
    assert.match(stderr, message);
    assert.deepEqual([code, stdout], [2, ""]);
  }
  assert.deepEqual(await world.state(), before);
});

/** The keys that the bucket has now. */
async function currentIn(world: CommandWorld): Promise<string[]> {
  await using handle = openEmulated(world.server, world.bucket);
  const versions = await versionsOf(listVersions(handle));
  return versions.filter(({ isLatest, isDeleteMarker }) => isLatest && !isDeleteMarker)
    .map(({ key }) => key);
}
