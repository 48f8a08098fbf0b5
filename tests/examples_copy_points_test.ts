/** examples/copy_points.ts, between two directories as its comment says, and to S3. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openStore } from "../backends/open_store.ts";
import { verify } from "../lib/verify.ts";
import { resultOf } from "./command.ts";
import { CommandWorld } from "./command_world.ts";
import { entry } from "./entry_batches.ts";
import { assertNoFlagSuperfluous, runExample, startExample } from "./examples/example.ts";
import { putSnapshot } from "./stored_snapshots.ts";

const NAME = "copy_points";

/** The world's store holds so many points. */
async function filledWorld(points: number) {
  const world = await CommandWorld.create();
  const second = join(world.dir, "second");
  await Deno.mkdir(second);
  await using store = await openStore(world.store);
  const ids = Array.from({ length: points }, (_, i) => `20261101T00${1000 + i}Z-abcd`);
  for (const id of ids) await putSnapshot(store, id, [entry({ key: "a" }), entry({ key: "b" })]);
  return { world, second, ids, run: { values: { $SECOND: second } } };
}

async function statesIn(url: string): Promise<string[]> {
  await using store = await openStore(url);
  return (await verify({ store })).points.map(({ id, state }) => `${id} ${state}`).sort();
}

Deno.test("points are copied from one directory to another, and then only new ones", async () => {
  const { world, second, ids, run } = await filledWorld(2);
  await using _ = world;
  await assertNoFlagSuperfluous(world, NAME, run);
  const { code, stdout, stderr } = await runExample(world, NAME, run);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  for (const id of ids) assert.match(stdout, new RegExp(`^${id}: copied, \\d+ bytes$`, "m"));
  assert.match(stdout, /\n2 copied, 0 there already, 0 failed\n$/);
  assert.deepEqual(await statesIn(second), ids.map((id) => `${id} ok`).sort());
  const again = await runExample(world, NAME, run);
  assert.deepEqual([again.code, again.stdout], [0, "0 copied, 2 there already, 0 failed\n"]);
});

Deno.test("the second store may be of another kind", async () => {
  const { world, ids } = await filledWorld(1);
  await using _ = world;
  const url = `sqlite://${join(world.dir, "second", "points.db")}`;
  const { code, stderr } = await runExample(world, NAME, {
    values: { "/$SECOND": "/", $SECOND: world.dir },
    args: ["$STORE", url],
  });
  assert.equal(code, 0, stderr);
  assert.deepEqual(await statesIn(url), [`${ids[0]} ok`]);
});

Deno.test("a point that cannot be read is named, and the others are copied", async () => {
  const { world, second, ids, run } = await filledWorld(2);
  await using _ = world;
  await Deno.remove(join(world.store, ids[0]!, "part-00000"));
  const { code, stdout, stderr } = await runExample(world, NAME, run);
  assert.equal(code, 3);
  assert.match(stderr, new RegExp(`^${ids[0]}: NOT COPIED: .*part-00000`));
  assert.match(stdout, /\n1 copied, 0 there already, 1 failed\n$/);
  assert.deepEqual(await statesIn(second), [`${ids[1]} ok`]);
});

Deno.test("what the first store has dropped is told", async () => {
  const { world, ids, run } = await filledWorld(2);
  await using _ = world;
  await runExample(world, NAME, run);
  await Deno.remove(join(world.store, ids[0]!), { recursive: true });
  const { code, stdout } = await runExample(world, NAME, run);
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(`^${ids[0]}: gone from .*/store, still in .*/second$`, "m"));
});

Deno.test("an empty store, one store twice, a wrong kind and a wrong number are wrong", async () => {
  const { world, second, run } = await filledWorld(0);
  await using _ = world;
  for (
    const [args, message] of [
      [["$STORE", "$SECOND"], /holds no point to copy/],
      [["$STORE", "$STORE"], /is both stores/],
      [["gs://bucket", "$SECOND"], /no driver opens "gs:" stores/],
      [["$STORE"], /^usage: copy_points.ts FROM TO/],
    ] as const
  ) {
    const { code, stderr } = await runExample(world, NAME, { ...run, args });
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
  assert.deepEqual(await statesIn(second), []);
  const missing = await runExample(world, NAME, { ...run, args: ["$STORE/missing", "$SECOND"] });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /store\/missing/);
});

Deno.test("interrupted, it leaves whole points, and the next run finishes", async () => {
  const { world, second, ids, run } = await filledWorld(100);
  await using _ = world;
  const child = await startExample(world, NAME, run);
  const reader = child.stdout.getReader();
  await reader.read();
  child.kill("SIGINT");
  reader.releaseLock();
  const { code, stderr } = await resultOf(child);
  assert.equal(code, 130, stderr);
  assert.match(stderr, /^interrupted\nWhat is copied is whole/);
  const states = await statesIn(second);
  assert(states.length > 0 && states.length < ids.length && states.every((s) => s.endsWith(" ok")));
  assert.equal((await runExample(world, NAME, run)).code, 0);
  assert.equal((await statesIn(second)).length, ids.length);
});
