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
  assert.match(plan.stdout, /1 {2}to bring back by removing delete markers\n/);
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
