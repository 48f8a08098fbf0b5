import assert from "node:assert/strict";
import { resultOf } from "./command.ts";
import { CommandWorld } from "./command_world.ts";

/** Milliseconds between two looks at the server's log. */
const LOOK_INTERVAL = 5;

/** Resolves once the server was asked for an operation so often. */
async function asked(world: CommandWorld, operation: string, times: number): Promise<void> {
  while (world.server.requests.of(operation).length < times) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL));
  }
}

/** A bucket that takes a minute to list. */
async function slowBucket(): Promise<CommandWorld> {
  const world = await CommandWorld.create({
    latency: ({ operation }) => operation === "ListObjectVersions" ? 100 : 0,
  });
  world.server.createSyntheticBucket("many", { keys: 600_000 });
  return world;
}

for (const by of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${by} ends a snapshot cleanly: nothing of it stays, and it says so`, async () => {
    await using world = await slowBucket();
    const child = await world.start(["snapshot"], { source: world.url("many") });
    await asked(world, "ListObjectVersions", 5);
    child.kill(by);
    const { code, stdout, stderr } = await resultOf(child);
    assert.deepEqual({ code, stdout }, { code: 130, stdout: "" }, stderr);
    assert.match(stderr, new RegExp(`warning ${by}: stopping cleanly; once more stops at once\n`));
    assert.match(
      stderr,
      new RegExp(
        `error: stopped by ${by} while listing, after \\d[\\d,]* objects. No snapshot was stored\n$`,
      ),
    );
    assert.deepEqual(await world.state(), { writes: 0, files: [] });
  });
}

Deno.test("an interrupted command tells it as JSON where that is wanted", async () => {
  await using world = await slowBucket();
  const child = await world.start(["snapshot", "--json", "-q"], { source: world.url("many") });
  await asked(world, "ListObjectVersions", 2);
  child.kill("SIGINT");
  const { code, stderr } = await resultOf(child);
  assert.equal(code, 130);
  assert.equal(JSON.parse(stderr.split("\n").at(-2)!).error.code, "Interrupted");
});

Deno.test("an interrupted restore finishes what was begun, and tells what is left", async () => {
  await using world = await CommandWorld.create({
    latency: ({ operation }) => operation === "CopyObject" ? 200 : 0,
  });
  const keys = Array.from({ length: 200 }, (_, i) => `key-${i}`);
  const ago = (hours: number) => Date.now() - hours * 3_600_000;
  const seed = (body: string, lastModified: number) =>
    world.server.seed(world.bucket, keys.map((key) => ({ key, body, lastModified })));
  seed("one", ago(3));
  const id = await world.snapshot({ at: ago(2) });
  seed("changed", ago(1));
  const child = await world.start(["restore", id, "--json", "--concurrency", "4"]);
  await asked(world, "CopyObject", 3);
  child.kill("SIGINT");
  const { code, stdout, stderr } = await resultOf(child);
  assert.equal(code, 130, stderr);
  const report = JSON.parse(stdout);
  const copies = world.server.requests.of("CopyObject");
  const done = copies.filter(({ status }) => status === 200);
  assert.equal(report.interrupted, true);
  assert.equal(report.copied, done.length);
  assert(done.length > 0 && done.length < keys.length);
  // The others asked whether the server heeds a condition.
  assert(copies.every(({ status }) => status === 200 || status === 412));
  const { error } = JSON.parse(stderr.split("\n").at(-2)!);
  assert.match(error.message, new RegExp(`Restore ${id} again to do the rest; restore `));

  const { code: codeAgain, stdout: again } = await world.run(["restore", id, "--json"]);
  assert.equal(codeAgain, 0);
  assert.equal(JSON.parse(again).copied, keys.length - report.copied);
});

Deno.test("a restore that was stopped does not say that it restored", async () => {
  await using world = await CommandWorld.create({
    latency: ({ operation }) => operation === "CopyObject" ? 200 : 0,
  });
  const keys = Array.from({ length: 50 }, (_, i) => `key-${i}`);
  const seed = (body: string, hours: number) => {
    const lastModified = Date.now() - hours * 3_600_000;
    world.server.seed(world.bucket, keys.map((key) => ({ key, body, lastModified })));
  };
  seed("one", 3);
  const id = await world.snapshot({ at: Date.now() - 2 * 3_600_000 });
  seed("changed", 1);
  const child = await world.start(["restore", id, "--concurrency", "2"]);
  await asked(world, "CopyObject", 1);
  child.kill("SIGINT");
  const { code, stdout } = await resultOf(child);
  assert.equal(code, 130);
  assert.match(stdout, new RegExp(`^Restoring ${id} to \\S+ was stopped after `));
});

Deno.test("a gc that was stopped says what may have been done; the next run does the rest", async () => {
  await using world = await CommandWorld.create({
    latency: ({ operation }) => operation === "DeleteObjects" ? 300 : 0,
  });
  const seed = (body: string, hours: number) =>
    world.server.seed(world.bucket, [
      { key: "a", body, lastModified: Date.now() - hours * 3_600_000 },
    ]);
  seed("one", 3);
  await world.snapshot({ at: Date.now() - 2 * 3_600_000 });
  seed("two", 1);
  await world.snapshot();
  const child = await world.start(["gc", "--keep-last", "1"]);
  await asked(world, "DeleteObjects", 1);
  child.kill("SIGINT");
  const { code, stdout, stderr } = await resultOf(child);
  assert.deepEqual({ code, stdout }, { code: 130, stdout: "" }, stderr);
  assert.doesNotMatch(stderr, /before anything was done/);
  assert.match(stderr, /to go may be marked as expired, and versions be deleted; the next run /);
  const again = await world.run(["gc", "--keep-last", "1", "--json"]);
  assert.equal(JSON.parse(again.stdout).expired.length, 1, again.stderr);
});

Deno.test("a second signal ends the command at once", async () => {
  await using world = await CommandWorld.create({
    latency: ({ operation }) => operation === "CopyObject" ? 60_000 : 0,
  });
  const ago = (hours: number) => Date.now() - hours * 3_600_000;
  world.server.seed(world.bucket, [{ key: "a", body: "one", lastModified: ago(3) }]);
  const id = await world.snapshot({ at: ago(2) });
  world.server.seed(world.bucket, [{ key: "a", body: "two", lastModified: ago(1) }]);
  const child = await world.start(["restore", id, "--no-safety-snapshot"]);
  await asked(world, "CopyObject", 1);
  const stderr = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  child.kill("SIGINT");
  for (let said = ""; !said.includes("once more");) {
    const { value, done } = await stderr.read();
    assert(!done, said);
    said += value;
  }
  child.kill("SIGINT");
  const [{ code }] = await Promise.all([child.status, stderr.cancel(), child.stdout.cancel()]);
  assert.equal(code, 130);
});
