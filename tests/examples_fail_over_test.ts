/** examples/fail_over.ts, with buckets on the embedded S3 that it replicates. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  putReplication,
  readReplication,
  replicationConfiguration,
} from "../lib/s3/replication.ts";
import { resultOf } from "./command.ts";
import { CommandWorld } from "./command_world.ts";
import type { EmulatorOptions } from "./emulator/emulator.ts";
import { openEmulated } from "./emulated_bucket.ts";
import { assertNoFlagSuperfluous, runExample, startExample } from "./examples/example.ts";

const NAME = "fail_over";
const REPLICA = "photos-replica";
const ROLE = "arn:aws:iam::123456789012:role/replication";

/** A replica that holds all, unless it is behind. */
async function replicatedWorld(
  { behind = false, ...options }: EmulatorOptions & { readonly behind?: boolean } = {},
) {
  const world = await CommandWorld.create(options);
  const { server, bucket } = world;
  server.createBucket(REPLICA, { versioning: "Enabled" });
  const seeded = behind ? [bucket] : [bucket, REPLICA];
  for (const name of seeded) server.seed(name, [{ key: "a", body: "x" }]);
  await using source = openEmulated(server, bucket);
  await using replica = openEmulated(server, REPLICA);
  const to = replica.location;
  await putReplication(source, replicationConfiguration({ role: ROLE, to, prefix: "" }));
  const roles = { source: world.url(), replica: world.url(REPLICA) };
  const path = join(world.dir, "roles.json");
  await Deno.writeTextFile(path, JSON.stringify(roles));
  return { world, roles, path, run: { values: { $ROLES: path } } };
}

async function read(path: string): Promise<unknown> {
  return JSON.parse(await Deno.readTextFile(path));
}

Deno.test("a replica that holds everything becomes the source, and the rest is reported", async () => {
  const { world, roles, path, run } = await replicatedWorld();
  await using _ = world;
  await assertNoFlagSuperfluous(world, NAME, run);
  assert.deepEqual(await read(path), roles);
  const checked = await runExample(world, NAME, { ...run, more: ["--check"] });
  assert.equal(checked.code, 0, checked.stderr);
  assert.match(checked.stdout, /photos-replica\S* can become the source/);
  assert.deepEqual(await read(path), roles);

  const { code, stdout, stderr } = await runExample(world, NAME, run);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^The replica holds all of 1 objects, and 0 more\.\n/);
  assert.match(stdout, /photos-replica\S* is the source, \S+photos\?\S* its replica\.\n/);
  assert.match(stdout, /Replication to put on the new source: \{\n/);
  assert.deepEqual(await read(path), { source: roles.replica, replica: roles.source });
});

Deno.test("with --apply, S3 replicates in the other direction", async () => {
  const { world, run } = await replicatedWorld();
  await using _ = world;
  const { code, stdout, stderr } = await runExample(world, NAME, { ...run, more: ["--apply"] });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /\nS3 replicates in this direction now\.\n$/);
  await using source = openEmulated(world.server, world.bucket);
  await using replica = openEmulated(world.server, REPLICA);
  assert.equal(await readReplication(source), undefined);
  assert.equal((await readReplication(replica))?.Role, ROLE);
});

Deno.test("a replica that is behind stays one, unless the source is lost", async () => {
  const { world, roles, path, run } = await replicatedWorld({ behind: true });
  await using _ = world;
  const { code, stderr } = await runExample(world, NAME, { ...run, more: ["--apply"] });
  assert.equal(code, 1);
  assert.match(stderr, /lacks 1 of 1 objects/);
  assert.deepEqual(await read(path), roles);
  await using source = openEmulated(world.server, world.bucket);
  assert.equal((await readReplication(source))?.Role, ROLE);

  const lost = await runExample(world, NAME, { ...run, more: ["--source-lost"] });
  assert.equal(lost.code, 0, lost.stderr);
  assert.match(lost.stdout, /^Nothing was compared/);
  assert.deepEqual(await read(path), { source: roles.replica, replica: roles.source });
});

Deno.test("a wrong file, option or number of arguments is told", async () => {
  const { world, path, run } = await replicatedWorld();
  await using _ = world;
  for (
    const [args, message] of [
      [[], /^usage: /],
      [["$ROLES", "--force"], /--force/],
      [["$ROLES", "again"], /^usage: /],
    ] as const
  ) {
    const { code, stderr } = await runExample(world, NAME, { ...run, args });
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
  for (const text of ["", `{ "source": "s3://a" }`, `{ "source": "a", "replica": "s3://b" }`]) {
    await Deno.writeTextFile(path, text);
    const { code, stderr } = await runExample(world, NAME, run);
    assert.equal(code, 2, stderr);
    assert.equal(await Deno.readTextFile(path), text);
  }
});

Deno.test("interrupted while it compares, it leaves the roles as they were", async () => {
  const { world, path, run } = await replicatedWorld({
    latency: ({ operation }) => operation === "ListObjectVersions" ? 100 : 0,
  });
  await using _ = world;
  world.server.createSyntheticBucket("many", { keys: 600_000 });
  const text = JSON.stringify({ source: world.url("many"), replica: world.url(REPLICA) });
  await Deno.writeTextFile(path, text);
  const child = await startExample(world, NAME, run);
  while (world.server.requests.of("ListObjectVersions").length < 5) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  child.kill("SIGINT");
  const { code, stderr } = await resultOf(child);
  assert.deepEqual({ code, stderr }, { code: 130, stderr: "interrupted\n" });
  assert.equal(await Deno.readTextFile(path), text);
});
