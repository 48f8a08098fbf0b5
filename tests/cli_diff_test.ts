import assert from "node:assert/strict";
import { CommandWorld } from "./command_world.ts";
import { documentedLines } from "./command.ts";

const HOUR = 3_600_000;

/** Two snapshots, between which a key came, one went and one grew, and a bucket that went on. */
async function changedWorld(): Promise<{ world: CommandWorld; first: string; second: string }> {
  const world = await CommandWorld.create();
  const now = Date.now();
  const put = (key: string, body: string | number, age: number) =>
    world.server.seed(world.bucket, [{ key, body, lastModified: now - age * HOUR }]);
  put("a/1", "one", 5);
  put("a/same", "x", 5);
  put("b\n2", 3000, 5);
  const first = await world.snapshot({ at: now - 4 * HOUR });
  put("a/1", "three", 3);
  put("c/3", 5_000_000, 3);
  const second = await world.snapshot({ at: now - 2 * HOUR });
  put("top", "x", 1);
  return { world, first, second };
}

/** The flags of the documented line that compares with a bucket. */
async function bucketFlags(world: CommandWorld): Promise<string[]> {
  const line = (await documentedLines())
    .find(({ args }) => args[0] === "diff" && args.includes("--source"));
  return await Promise.all(line!.allow.map((flag) => world.fill(flag)));
}

Deno.test("diff tells what lies between two snapshots, in words and in JSON", async () => {
  const { world, first, second } = await changedWorld();
  await using _ = world;
  const { code, stdout, stderr } = await world.run(["diff", first, second]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.equal(
    stdout,
    [
      "~        3 B ->        5 B  a/1",
      "+                  4.8 MiB  c/3",
      "1 added, 0 removed, 1 changed: 3 B -> 4.8 MiB",
      "",
    ].join("\n"),
  );
  const back = await world.run(["diff", second, first, "--json"]);
  const [changed, removed, ...rest] = back.stdout.trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  assert.deepEqual(rest, []);
  assert.deepEqual(Object.keys(changed), ["change", "key", "before", "after"]);
  assert.deepEqual(
    Object.keys(changed.before),
    ["versionId", "size", "etag", "lastModified", "storageClass"],
  );
  assert.deepEqual([changed.change, changed.key, changed.after.size], ["changed", "a/1", 3]);
  assert.deepEqual([removed.change, removed.key, removed.after], ["removed", "c/3", null]);
  const same = await world.run(["diff", first, first]);
  assert.deepEqual([same.code, same.stdout], [0, "no differences\n"]);
  assert.equal((await world.run(["diff", first, first, "--json"])).stdout, "");
});

Deno.test("diff of one snapshot compares it with the bucket, and --stat sums up", async () => {
  const { world } = await changedWorld();
  await using _ = world;
  const run = async (...args: string[]) => {
    const source = ["--source", world.url()];
    const options = { allow: await bucketFlags(world) };
    const { code, stdout, stderr } = await world.run(
      ["diff", "latest", ...source, ...args],
      options,
    );
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    return stdout;
  };
  assert.match(await run(), /^\+ {22}1 B {2}top\n1 added, 0 removed, 0 changed: 0 B -> 1 B\n$/);
  assert.equal(await run("--prefix", "a/"), "no differences\n");
  assert.equal(await run("--prefix", "a/", "--stat"), "no differences\n");
  const stat = await world.run(["diff", "latest~1", "latest", "--stat"]);
  assert.equal(
    stat.stdout,
    [
      "      ADDED      REMOVED      CHANGED      BEFORE       AFTER  PREFIX",
      "          0            0            1         3 B         5 B  a/",
      "          1            0            0         0 B     4.8 MiB  c/",
      "",
    ].join("\n"),
  );
  assert.deepEqual(JSON.parse(await run("--stat", "--json")), {
    ...{ prefix: "", added: 1, removed: 0, changed: 0, bytesBefore: 0, bytesAfter: 1 },
  });
});

Deno.test("diff of what is not there is refused with advice", async () => {
  const { world, first } = await changedWorld();
  await using _ = world;
  const cases: readonly [args: string[], code: number, message: RegExp][] = [
    [["diff"], 2, /missing required argument 'snapshot'/],
    [["diff", first], 2, /no bucket is given: name one with --source/],
    [["diff", first, "1999"], 1, /1999/],
    [["diff", first, first, first], 2, /too many arguments/],
  ];
  for (const [args, code, message] of cases) {
    const result = await world.run(args);
    assert.match(result.stderr, message);
    assert.deepEqual([result.code, result.stdout], [code, ""]);
  }
});
