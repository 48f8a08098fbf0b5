import assert from "node:assert/strict";
import { openStore } from "../backends/open_store.ts";
import { acquireLock } from "../lib/lock.ts";
import { CommandWorld } from "./command_world.ts";

const HOUR = 3_600_000;

Deno.test("a pinned snapshot stays until it is unpinned", async () => {
  await using world = await CommandWorld.create();
  const ago = (hours: number) => Date.now() - hours * HOUR;
  world.server.seed(world.bucket, [{ key: "a", body: "one", lastModified: ago(9) }]);
  const first = await world.snapshot({ at: ago(8) });
  const second = await world.snapshot({ at: ago(2) });
  const expired = async () => {
    const { stdout, stderr } = await world.run(["gc", "--keep-last", "1", "--dry-run", "--json"]);
    return JSON.parse(stdout || stderr).expired;
  };
  assert.deepEqual(await expired(), [first]);
  const pinned = await world.run(["pin", first.slice(0, 13)]);
  assert.deepEqual(
    pinned,
    { code: 0, stdout: `${first} is pinned\n`, stderr: "" },
  );
  assert.deepEqual(await expired(), []);
  const refused = await world.run(["delete", first]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /is pinned, so nothing was deleted: unpin it first\n$/);
  const unpinned = await world.run(["unpin", first, "--json"]);
  assert.deepEqual(JSON.parse(unpinned.stdout), { id: first, pinned: false });
  assert.deepEqual(await expired(), [first]);

  const taken = await world.run(["snapshot", "--pin", "--json", "--at", "1h"]);
  const third = JSON.parse(taken.stdout).id;
  const { stdout } = await world.run(["gc", "--keep-last", "1", "--dry-run", "--json"]);
  assert.deepEqual(JSON.parse(stdout).expired, [first, second]);
  assert.deepEqual(JSON.parse(stdout).kept.map(({ id }: { id: string }) => id), [third]);
});

Deno.test("a locked store is told, left alone, and unlocked by the one who knows better", async () => {
  await using world = await CommandWorld.create();
  assert.match((await world.run(["unlock"])).stdout, /^The store is not locked\.\n$/);
  await using store = await openStore(world.store);
  const held = await acquireLock(store, {
    purpose: "gc of s3://photos",
    owner: "process 7",
    now: () => Promise.resolve(Date.now()),
  });
  const refused = await world.run(["snapshot", "--json", "-q"]);
  assert.equal(refused.code, 1);
  const { error } = JSON.parse(refused.stderr);
  assert.equal(error.code, "LockHeld");
  assert.match(error.message, /is locked by process 7 for gc of s3:\/\/photos/);
  assert.equal((await world.run(["snapshot", "--no-lock"])).code, 0);

  const told = await world.run(["unlock", "--dry-run"]);
  assert.match(
    told.stdout,
    /^The store is locked by process 7 for gc of s3:\/\/photos, since \S+, /,
  );
  const write = [`--allow-write=${world.store}`];
  const unasked = await world.run(["unlock"], { allow: write });
  assert.equal(unasked.code, 2, "who cannot be asked has to say it");
  assert.match(unasked.stderr, /is locked by process 7 .* if it is for certain, say so with --yes/);
  assert.equal((await world.run(["snapshot", "-q"])).code, 1, "it is locked still");
  const ended = await world.run(["unlock", "--json", "--yes"], { allow: write });
  assert.equal(ended.code, 0, ended.stderr);
  const { dryRun, state, holder } = JSON.parse(ended.stdout);
  assert.deepEqual([dryRun, state, holder.owner], [false, "held", "process 7"]);
  assert.equal((await world.run(["snapshot"])).code, 0);
  await Promise.allSettled([held[Symbol.asyncDispose]()]);
});
