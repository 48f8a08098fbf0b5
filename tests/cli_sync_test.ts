import assert from "node:assert/strict";
import { join } from "node:path";
import { CommandWorld } from "./command_world.ts";

async function withReplica(): Promise<CommandWorld> {
  const world = await CommandWorld.create();
  world.server.createBucket("copy", { versioning: "Enabled" });
  world.server.seed(world.bucket, [{ key: "a", body: "one" }, { key: "b", body: "three" }]);
  return world;
}

async function lockRecords({ store }: CommandWorld): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(join(store, "lock")), ({ name }) => name)).sort();
}

Deno.test("sync tells what it copied, and snapshot --sync does it first", async () => {
  await using world = await withReplica();
  const replica = ["--replica", world.url("copy")];
  const done = await world.run(["sync", ...replica], { store: null });
  assert.equal(done.code, 0, done.stderr);
  assert.match(
    done.stdout,
    /^Synced s3:\/\/copy.* to the source as of .*: 2 objects in .*\n +2 +copied, 8 B\n$/,
  );

  world.server.seed(world.bucket, [{ key: "c", body: "x" }]);
  const { code, stdout, stderr } = await world.run(["snapshot", "--sync", "--json", ...replica]);
  assert.equal(code, 0, stderr);
  const report = JSON.parse(stdout);
  assert.equal(report.objects, 3);
  assert.equal(report.sync.copied, 1);
  assert.match(report.bucket, /^s3:\/\/copy/);
  assert.equal((await lockRecords(world)).at(-1), "00000002.json", "one lock for both");

  const allow = [`--allow-read=${world.store}`, `--allow-write=${world.store}`];
  const locked = await world.run(["sync", ...replica], { allow });
  assert.equal(locked.code, 0, locked.stderr);
  assert.equal((await lockRecords(world)).at(-1), "00000004.json");
  const unlocked = await world.run(["sync", "--no-lock", ...replica], { allow });
  assert.equal(unlocked.code, 0, unlocked.stderr);
  assert.equal((await lockRecords(world)).at(-1), "00000004.json");
});

Deno.test("without a replica, and with an empty source, sync says what to do", async () => {
  await using world = await withReplica();
  const alone = await world.run(["sync"]);
  assert.equal(alone.code, 2);
  assert.match(alone.stderr, /cannot be its own replica: name another bucket/);
  world.server.createBucket("empty", { versioning: "Enabled" });
  const replica = ["--replica", world.url()];
  const options = { source: world.url("empty"), store: null };
  const empty = await world.run(["sync", ...replica], options);
  assert.equal(empty.code, 2, empty.stderr);
  assert.match(empty.stderr, /holds nothing.*--allow-empty/);
  const both = await world.run(["snapshot", "--sync", "--at", "1h", ...replica]);
  assert.equal(both.code, 2);
});

Deno.test("what waits in an archive is no success, of which nobody who watches is told", async () => {
  await using world = await withReplica();
  world.server.seed(world.bucket, [{ key: "cold", body: "x", storageClass: "GLACIER" }]);
  const replica = ["--replica", world.url("copy")];
  const dry = await world.run(["sync", "--dry-run", ...replica], { store: null });
  assert.equal(dry.code, 0, dry.stderr);
  const { code, stdout } = await world.run(["sync", ...replica], { store: null });
  assert.equal(code, 3);
  assert.match(stdout, /1 {2}archived/);
  const taken = await world.run(["snapshot", "--sync", "--json", ...replica]);
  assert.equal(taken.code, 3);
  assert.equal(JSON.parse(taken.stdout).objects, 2);
});
