/** The main job of the command, however it was got hold of. */
import assert from "node:assert/strict";
import type { CommandResult } from "./command.ts";
import type { CommandWorld } from "./command_world.ts";

const HOUR = 3_600_000;

/** Runs a command line under the permissions that are documented for its first word. */
export type RunCommand = (command: string, args: readonly string[]) => Promise<CommandResult>;

/** Take a point, change the bucket, restore it, and collect. Asserts that each step worked. */
export async function doMainJob(world: CommandWorld, run: RunCommand): Promise<void> {
  const where = ["--source", world.url(), "--store", world.store, "--json"];
  const report = async (command: string, ...args: string[]) => {
    const { code, stdout, stderr } = await run(command, [...args, ...where]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const put = (body: string, age: number) =>
    world.server.seed(world.bucket, [{ key: "a", body, lastModified: Date.now() - age }]);
  put("one", 2 * HOUR);
  const { id, objects } = await report("snapshot", "--at", "1h");
  assert.equal(objects, 1);
  put("two", HOUR / 2);
  assert.equal((await report("restore", id)).copied, 1);
  const newer = await report("snapshot");
  const { expired, kept } = await report("gc", "--keep-last", "1");
  assert.deepEqual(expired, [id]);
  assert(kept.some((point: { id: string }) => point.id === newer.id));
}
