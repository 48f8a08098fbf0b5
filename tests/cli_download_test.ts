import assert from "node:assert/strict";
import { join } from "node:path";
import { CommandWorld } from "./command_world.ts";
import { resultOf } from "./command.ts";

const HOUR = 3_600_000;

/** A bucket with a snapshot, overwritten since. */
async function overwritten(): Promise<CommandWorld> {
  const world = await CommandWorld.create();
  const seed = (body: string, age: number) =>
    world.server.seed(
      world.bucket,
      ["a/1", "a/2", "../b"].map((key) => ({ key, body, lastModified: Date.now() - age * HOUR })),
    );
  seed("old", 3);
  await world.snapshot({ at: Date.now() - 2 * HOUR });
  seed("new", 1);
  return world;
}

Deno.test("a snapshot is downloaded under the documented permissions, and changes no bucket", async () => {
  await using world = await overwritten();
  const directory = join(world.dir, "out");
  const allow = [`--allow-read=${directory}`, `--allow-write=${directory}`];
  const before = await world.state();
  const words = ["restore", "latest", "--to-dir", directory];
  const plan = await world.run([...words, "--dry-run"], { allow });
  assert.equal(plan.code, 0, plan.stderr);
  assert.match(plan.stdout, /would do this for 3 objects:\n +3 {2}to copy, 9 B\n/);
  const done = await world.run([...words, "--json"], { allow });
  assert.equal(done.code, 0, done.stderr);
  const report = JSON.parse(done.stdout);
  assert.deepEqual(
    [report.target, report.copied, report.deleted, report.safetySnapshot, report.failed],
    [directory, 3, 0, null, []],
  );
  assert.equal(await Deno.readTextFile(join(directory, "a", "1")), "old");
  assert.equal(await Deno.readTextFile(join(directory, ".%2E", "b")), "old");
  const again = await world.run(words, { allow });
  assert.match(again.stdout, /3 {2}right already\n/);
  assert.doesNotMatch(again.stdout, /undo/);
  assert.deepEqual(await world.state(), before);
  for (const left of allow) {
    const { code, stderr } = await world.run(words, {
      allow: allow.filter((flag) => flag !== left),
    });
    assert.equal(code, 1, left);
    assert.match(stderr, /run again with --allow-/);
  }
});

Deno.test("what was current at a time is downloaded without a snapshot", async () => {
  await using world = await overwritten();
  const directory = join(world.dir, "out");
  const allow = [`--allow-read=${directory}`, `--allow-write=${directory}`];
  const words = ["restore", "--at", "2h", "--to-dir", directory, "--prefix", "a/"];
  const { code, stderr } = await world.run(words, { allow });
  assert.equal(code, 0, stderr);
  assert.equal(await Deno.readTextFile(join(directory, "a", "2")), "old");
});

Deno.test("a download of which every key failed does not say that nothing was to do", async () => {
  await using world = await overwritten();
  const directory = join(world.dir, "out");
  await Deno.mkdir(join(directory, "a", "1"), { recursive: true });
  const words = ["restore", "latest", "--to-dir", directory, "--key", "a/1"];
  const { code, stdout } = await world.run(words, {
    allow: [`--allow-read=${directory}`, `--allow-write=${directory}`],
  });
  assert.equal(code, 3);
  assert.match(stdout, /: 1 object in .*\n1 key failed:\n {2}a\/1: InTheWay: /);
});

Deno.test("options that change a bucket do not go with --to-dir", async () => {
  await using world = await overwritten();
  for (
    const other of [
      ...["--delete", "--no-safety-snapshot", "--no-lock", "--acl", "--to=s3://b"],
      ...["--stream", "--max-copy-size=5242880", "--encryption=AES256"],
    ]
  ) {
    const { code, stderr } = await world.run(["restore", "latest", "--to-dir", "/x", other]);
    assert.equal(code, 2, other);
    assert.match(stderr, /'--to-dir <directory>' cannot be used with option/);
  }
});

Deno.test("an interrupted download leaves whole files only, and says how to go on", async () => {
  await using world = await CommandWorld.create({
    latency: ({ operation }) => operation === "GetObject" ? 100 : 0,
  });
  const keys = Array.from({ length: 200 }, (_, i) => `key-${i}`);
  const lastModified = Date.now() - HOUR;
  world.server.seed(world.bucket, keys.map((key) => ({ key, body: "body", lastModified })));
  await world.snapshot();
  const directory = join(world.dir, "out");
  const allow = [`--allow-read=${directory}`, `--allow-write=${directory}`];
  const words = ["restore", "latest", "--to-dir", directory, "--concurrency=4"];
  const child = await world.start(words, { allow });
  while (world.server.requests.of("GetObject").length < 8) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  child.kill("SIGINT");
  const { code, stderr } = await resultOf(child);
  assert.equal(code, 130, stderr);
  assert.match(stderr, /what was not whole was removed. Restore \S+ again to do the rest/);
  const names = (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name);
  assert(names.length < keys.length && names.every((name) => name.startsWith("key-")), `${names}`);
  const rest = await world.run([...words, "--json"], { allow });
  assert.equal(JSON.parse(rest.stdout).unchanged, names.length);
});
