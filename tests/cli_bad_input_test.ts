import assert from "node:assert/strict";
import { join } from "node:path";
import { runCommand } from "./command.ts";
import { CommandWorld, type WorldRunOptions } from "./command_world.ts";

/** A world with one snapshot, and a bucket that has changed since. */
async function changedSince(): Promise<{ world: CommandWorld; id: string }> {
  const world = await CommandWorld.create({
    otherRegions: ["eu-west-1"],
    credentials: {
      test: { secretAccessKey: "testtest" },
      reader: { secretAccessKey: "secret", deny: [{ action: "s3:ListBucketVersions" }] },
    },
  });
  world.server.seed(world.bucket, [{ key: "a", body: "one" }]);
  const id = await world.snapshot();
  world.server.seed(world.bucket, [{ key: "a", body: "two" }]);
  return { world, id };
}

/** Run what must fail with `code` and `message`, and change nothing. */
async function assertRefused(
  world: CommandWorld,
  args: readonly string[],
  { code = 1, message, ...options }: WorldRunOptions & { code?: number; message: RegExp },
): Promise<void> {
  const before = await world.state();
  const result = await world.run([...args, "-q"], options);
  assert.match(result.stderr, message);
  assert.match(result.stderr, /^backup-my-bucket: error: \S.*\n$/);
  assert.deepEqual({ code: result.code, stdout: result.stdout }, { code, stdout: "" });
  assert.deepEqual(await world.state(), before);
}

Deno.test("buckets that cannot be used are refused, and nothing is changed", async () => {
  const { world } = await changedSince();
  await using _ = world;
  world.server.createBucket("unversioned");
  world.server.createBucket("suspended", { versioning: "Suspended" });
  world.server.createBucket("far", { versioning: "Enabled", region: "eu-west-1" });
  const cases: readonly (readonly [string, RegExp, Record<string, string>?])[] = [
    [world.url("nosuch"), /nosuch.*No such bucket at http:\/\/127\.0\.0\.1:\d+: check its name/],
    [
      world.url("unversioned"),
      /unversioned is not versioned.*aws s3api put-bucket-versioning --bucket unversioned/,
    ],
    [world.url("suspended"), /suspended has its versioning suspended.*put-bucket-versioning/],
    [world.url("far"), /far.*another region: its URL must say region=eu-west-1/],
    [
      world.url(),
      /the permission for s3:ListBucketVersions/,
      { AWS_ACCESS_KEY_ID: "reader", AWS_SECRET_ACCESS_KEY: "secret" },
    ],
    [
      world.url(),
      /does not know this access key/,
      { AWS_ACCESS_KEY_ID: "nobody", AWS_SECRET_ACCESS_KEY: "x" },
    ],
  ];
  for (const [source, message, env = {}] of cases) {
    await assertRefused(world, ["snapshot"], { source, message, env });
  }
  await assertRefused(world, ["gc", "--keep-last", "1"], {
    source: world.url("unversioned"),
    message: /unversioned is not versioned/,
  });
});

Deno.test("an endpoint where nobody listens is named", async () => {
  const { world } = await changedSince();
  await using _ = world;
  // A port that was free a moment ago may be another test's server by now.
  await assertRefused(world, ["snapshot"], {
    source: "s3://photos?region=us-east-1&endpoint=http://127.0.0.1:1",
    allow: ["--allow-net=127.0.0.1:1"],
    message: /Check that a server listens at http:\/\/127\.0\.0\.1:1\b/,
  });
});

Deno.test("a host that Deno does not allow is told with its flag", async () => {
  const { world } = await changedSince();
  await using _ = world;
  await assertRefused(world, ["snapshot"], {
    source: "s3://photos?region=us-east-1&endpoint=http://127.0.0.1:9",
    message: /run again with --allow-net=127\.0\.0\.1:9\n$/,
  });
});

Deno.test("snapshots that are not there, or not the only one, are told", async () => {
  const { world, id } = await changedSince();
  await using _ = world;
  await world.snapshot();
  const cases: readonly (readonly [string, RegExp])[] = [
    ["19990101", /no snapshot/i],
    ["latest~7", /latest~7/],
    ["20", /2 snapshots in .* begin with "20"/],
    [`${id}x`, /no snapshot/i],
  ];
  for (const [reference, message] of cases) {
    for (const command of ["ls", "restore", "delete"]) {
      await assertRefused(world, [command, reference], { message });
    }
  }
});

Deno.test("a damaged manifest or part is named, with what is wrong, and nothing restored", async () => {
  const { world, id } = await changedSince();
  await using _ = world;
  const part = join(world.store, id, "part-00000");
  const bytes = await Deno.readFile(part);
  await Deno.writeFile(part, bytes.subarray(0, bytes.length - 3));
  for (const command of ["restore", "ls"]) {
    await assertRefused(world, [command, id], { message: /part-00000/ });
  }
  const manifest = join(world.store, id, "manifest.json");
  const text = await Deno.readTextFile(manifest);
  await Deno.writeTextFile(manifest, text.slice(0, text.length / 2));
  for (const args of [["restore", id], ["ls", id], ["gc", "--keep-last", "1"]]) {
    await assertRefused(world, args, { message: /manifest\.json/ });
  }
  const listed = await world.run(["list-snapshots"]);
  assert.equal(listed.code, 1);
  assert.match(listed.stdout, new RegExp(`${id} .* corrupt\n$`));
  assert.match(listed.stderr, /error {3}\S+: .*manifest\.json/);
  const mark = join(world.store, id, "pinned");
  await Deno.writeTextFile(mark, "");
  const pinned = await world.run(["list-snapshots"]);
  assert.match(pinned.stdout, new RegExp(`${id} .* corrupt \\(pinned\\)\n$`));
  await Deno.remove(mark);
  // The way out: what is named goes, damaged or not.
  assert.equal((await world.run(["delete", id])).code, 0);
  assert.equal((await world.run(["list-snapshots", "--json"])).stdout, "[]\n");
});

Deno.test("a store that cannot be written is told before anything is done", async () => {
  const { world } = await changedSince();
  await using _ = world;
  const file = join(world.dir, "file");
  await Deno.writeTextFile(file, "");
  await assertRefused(world, ["snapshot"], {
    store: file,
    allow: [`--allow-read=${world.dir}`, `--allow-write=${world.dir}`],
    message: /cannot .*file:\/\/\S+\/file/,
  });
  await assertRefused(world, ["snapshot"], {
    store: join(world.dir, "elsewhere"),
    message: /run again with --allow-(?:read|write)=\S+\n$/,
  });
});

Deno.test("a full disk is told, and ends the command with code 1", async () => {
  await using world = await CommandWorld.create();
  // A device whose every write fails for lack of space; Deno wants every permission for it.
  const { code, stderr } = await runCommand(
    ["snapshot", "--source", world.url(), "--store", "sqlite:///dev/full", "-q"],
    {
      allow: ["--allow-all"],
      env: { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "testtest" },
    },
  );
  assert.equal(code, 1);
  assert.match(stderr, /sqlite:\/\/\/dev\/full: .*full; free some space there/);
});

Deno.test("a configuration that is wrong is told with its place", async () => {
  await using world = await CommandWorld.create();
  const config = join(world.dir, "config.jsonc");
  await Deno.writeTextFile(config, `{\n  "sets": { "a": { "sorce": "s3://photos" } }\n}`);
  const options = { store: null, source: null, allow: [`--allow-read=${config}`], code: 2 };
  await assertRefused(world, ["list-snapshots", "-c", config], {
    ...options,
    message: /config\.jsonc:2:20: sets\.a\.sorce is unknown: did you mean source\?\n$/,
  });
  await assertRefused(world, ["list-snapshots", "-c", `${config}x`], {
    ...options,
    allow: [`--allow-read=${config}x`],
    message: /cannot read the configuration \S+x: there is no such file\n$/,
  });
  await assertRefused(world, ["list-snapshots", "-c", config], {
    ...options,
    allow: [],
    code: 1,
    message: /run again with --allow-read=\S+config\.jsonc\n$/,
  });
});

Deno.test("--verbose tells what is behind an error", async () => {
  const { world } = await changedSince();
  await using _ = world;
  const { code, stderr } = await world.run(["snapshot", "-v"], { source: world.url("nosuch") });
  assert.equal(code, 1);
  assert.match(stderr, /debug {3}no configuration file\n/);
  assert.match(stderr, /No such bucket at .*\ncaused by NoSuchBucket: .*\n$/);
});
