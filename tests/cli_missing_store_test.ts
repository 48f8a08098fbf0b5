/** A store that was mistyped must not look like an empty one. */
import assert from "node:assert/strict";
import pMap from "npm:p-map@7.1.1";
import { CommandWorld } from "./command_world.ts";

/** Commands that run at once. */
const PROCESSES = 4;
/** All but those that make a store. */
const COMMANDS: readonly (readonly string[])[] = [
  ...[["list-snapshots"], ["stats"], ["ls", "latest"], ["verify"], ["diff", "latest", "latest"]],
  ...[["restore", "latest"], ["gc", "--keep-last", "1"], ["delete", "latest"], ["pin", "latest"]],
  ["unlock", "--dry-run"],
];

Deno.test("a store that is not there is refused, and not made by what needs one", async () => {
  await using world = await CommandWorld.create();
  const allow = [`--allow-read=${world.dir}`, `--allow-write=${world.dir}`];
  const sqlite = `sqlite://${world.dir}/none.db`;
  const runs = COMMANDS.map((args) => ({ args, store: `${world.dir}/none` }));
  await pMap([...runs, { args: ["list-snapshots"], store: sqlite }], async ({ args, store }) => {
    const { code, stdout, stderr } = await world.run([...args, "--json"], { store, allow });
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" }, args[0]);
    const { error } = JSON.parse(stderr);
    assert.equal(error.code, "NotFound", stderr);
    assert.match(error.message, /there is no store .*none.*does not exist\. Check its name/);
  }, { concurrency: PROCESSES });
  assert.deepEqual((await Array.fromAsync(Deno.readDir(world.dir))).map(({ name }) => name), [
    "store",
  ]);
});

Deno.test("the first snapshot makes the store, and a store without snapshots is one", async () => {
  await using world = await CommandWorld.create();
  const { code, stdout } = await world.run(["list-snapshots"]);
  assert.equal(code, 0);
  assert.match(stdout, /^There are no snapshots in file:/);
  const allow = [`--allow-read=${world.dir}`, `--allow-write=${world.dir}`];
  for (const store of [`${world.dir}/new`, `sqlite://${world.dir}/new.db`]) {
    assert.equal((await world.run(["snapshot"], { store, allow })).code, 0);
    assert.equal((await world.run(["list-snapshots"], { store, allow })).code, 0);
  }
});
