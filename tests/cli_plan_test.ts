import assert from "node:assert/strict";
import { CommandWorld } from "./command_world.ts";

const HOUR = 3_600_000;

Deno.test("a dry run tells requests and time, and with -v every key in order", async () => {
  await using world = await CommandWorld.create();
  const at = (age: number) => Date.now() - age * HOUR;
  const seed = (key: string, body: string, age: number) =>
    world.server.seed(world.bucket, [{ key, body, lastModified: at(age) }]);
  for (const key of ["b\n", "a", "c"]) seed(key, "old", 3);
  await world.snapshot({ at: at(2) });
  for (const key of ["b\n", "a", "stray"]) seed(key, "new", 1);
  const words = ["restore", "latest", "--dry-run", "--delete", "-v"];

  const { code, stdout, stderr } = await world.run(words);
  assert.equal(code, 0, stderr);
  const [lines, rest] = stdout.split(/^Restoring /m);
  assert.deepEqual(lines!.split("\n"), [
    "copy-from-target              3 B  a",
    "copy-from-target              3 B  b\\n",
    "delete                        3 B  stray",
    "",
  ]);
  assert.match(rest!, / +1 {2}right already, 3 B\n +2 {2}to copy, 6 B, from the target's own/);
  assert.match(
    rest!,
    /\nRequests, about: 2 ListObjectVersions, (2 HeadObject, 2 CopyObject, 1 DeleteObjects|1 DeleteObjects, 2 HeadObject, 2 CopyObject)\nTime, about: \S+ s with 32 requests at once, of 150 ms each and 85 MB\/s for what each copies, after two listings like this one\n$/,
  );

  const { keys, plan, dryRun, copied } = JSON.parse((await world.run([...words, "--json"])).stdout);
  assert.deepEqual(keys.map((each: { key: string; action: string }) => [each.key, each.action]), [
    ["a", "copy-from-target"],
    ["b\n", "copy-from-target"],
    ["stray", "delete"],
  ]);
  assert.deepEqual([dryRun, copied, plan.bytes.copiedFromTarget], [true, 2, 6]);

  const nothing = await world.run([...words, "--json", "--key", "c"]);
  assert.deepEqual(JSON.parse(nothing.stdout).keys, []);
});

Deno.test("a thaw says when to restore again", async () => {
  await using world = await CommandWorld.create();
  const at = (age: number) => Date.now() - age * HOUR;
  const seed = (body: string, age: number) => {
    const common = { body, lastModified: at(age) };
    world.server.seed(world.bucket, [
      { key: "a", storageClass: "GLACIER", ...common },
      { key: "b", storageClass: "DEEP_ARCHIVE", ...common },
    ]);
  };
  seed("old", 3);
  await world.snapshot({ at: at(2) });
  seed("newer", 1);
  const { code, stdout, stderr } = await world.run(["restore", "latest", "--thaw", "bulk"]);
  assert.equal(code, 3, "what waits in an archive is not restored");
  assert.match(
    stdout,
    /2 {2}archived, 1, 3 B in (GLACIER|DEEP_ARCHIVE); 1, 3 B in (GLACIER|DEEP_ARCHIVE): have to be thawed/,
    stderr,
  );
  assert.match(stdout, /2 {2}being thawed: restore again in about 48 hours\n/);
});
