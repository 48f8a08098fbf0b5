import assert from "node:assert/strict";
import { join } from "node:path";
import { deleteVersions } from "../lib/s3/delete_versions.ts";
import { type CommandResult, documentedFlags, resultOf } from "./command.ts";
import { CommandWorld } from "./command_world.ts";
import { openEmulated } from "./emulated_bucket.ts";

const HOUR = 3_600_000;
const KEYS = Array.from({ length: 30 }, (_, i) => `logs/${i}`);

/** Start it with a bucket, under the permissions that are documented for reading bucket and store. */
async function start(world: CommandWorld, ...args: string[]): Promise<Deno.ChildProcess> {
  const flags = await Promise.all(
    (await documentedFlags("unlock")).map((flag) => world.fill(flag)),
  );
  const allow = flags.filter((flag) => !flag.startsWith("--allow-read"));
  return await world.start(["verify", "--source", world.url(), ...args], { allow });
}

async function verify(world: CommandWorld, ...args: string[]): Promise<CommandResult> {
  return await resultOf(await start(world, ...args));
}

/** Two points of a bucket, the older of which lacks the versions of two keys, by a lifecycle rule. */
async function spoiltWorld() {
  const world = await CommandWorld.create();
  const ago = (hours: number) => Date.now() - hours * HOUR;
  const seed = (body: string, hours: number) =>
    world.server.seed(
      world.bucket,
      KEYS.map((key) => ({ key, body, lastModified: ago(hours) })),
    );
  const versions = seed("one", 90);
  const spoilt = await world.snapshot({ at: ago(80) });
  seed("two", 70);
  const whole = await world.snapshot({ at: ago(60) });
  await using bucket = openEmulated(world.server, world.bucket);
  const gone = [3, 7].map((i) => ({ key: KEYS[i]!, versionId: versions[i]! }));
  await deleteVersions(bucket, gone);
  world.server.buckets.get(world.bucket)!.lifecycle = new TextEncoder().encode(
    `<LifecycleConfiguration><Rule><ID>tidy</ID><Status>Enabled</Status><Filter><Prefix>logs/</Prefix>
    </Filter><NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays>
    </NoncurrentVersionExpiration></Rule></LifecycleConfiguration>`,
  );
  return { world, whole, spoilt, gone };
}

Deno.test("verify without a bucket reads the store's files, and says what it did not look at", async () => {
  await using world = await CommandWorld.create();
  const empty = await world.run(["verify"]);
  assert.equal(empty.code, 1, "a wrong path must not pass for a sound store");
  assert.match(empty.stdout, /^There are no snapshots in file:\S+: nothing can be restored\.\n$/);
  const id = await world.snapshot();
  const { code, stdout, stderr } = await world.run(["verify"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, new RegExp(`^ID +STATE +OBJECTS +SIZE\n${id}  ok +0 +0 B\nThe files of 1 `));
  assert.match(stdout, /whether the bucket still has the versions was not looked at \(--replica/);
});

Deno.test("verify --replica ends with 1, and names what is missing and the rule behind it", async () => {
  const { world: created, whole, spoilt, gone } = await spoiltWorld();
  await using world = created;
  const { code, stdout, stderr } = await verify(world, "--replica");
  assert.deepEqual({ code, stderr }, { code: 1, stderr: "" });
  assert.match(stdout, new RegExp(`\n${spoilt}  incomplete +30 +90 B +2 +0 +0 +0\n`));
  assert.match(stdout, new RegExp(`\n${whole}  ok +30 +90 B +0 +0 +0 +0\n`));
  assert.match(stdout, /\n2 versions cannot be restored:\n/);
  for (const { key, versionId } of gone) {
    const line =
      `  ${key} version ${versionId}: it is not in bucket photos; needed by ${spoilt}\n` +
      `    perhaps taken by the lifecycle rule "tidy", which deletes noncurrent versions below ` +
      `"logs/" after 2 days\n`;
    assert(stdout.includes(line), stdout);
  }
  assert.match(stdout, /\n1 of 2 points cannot be restored in full \(/);
  const quiet = (...args: string[]) => verify(world, "--quiet", "--replica", ...args);
  assert.match((await quiet()).stdout, /1 of 2 points cannot/, "cron is to mail it");
  assert.deepEqual(await quiet(whole), { code: 0, stdout: "", stderr: "" });
});

Deno.test("--replica may stand alone, before a snapshot, or name the bucket", async () => {
  const { world: created, whole } = await spoiltWorld();
  await using world = created;
  for (
    const args of [
      ["latest", "--replica"],
      ["--replica", "latest"],
      ["--replica", world.url(), whole],
      [whole, `--replica=${world.url()}`],
      ["latest", "--data", "100"],
    ]
  ) {
    const { code, stdout, stderr } = await verify(world, "--json", ...args);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    const { points } = JSON.parse(stdout);
    assert.deepEqual(points.map(({ id, missing }: Record<string, unknown>) => [id, missing]), [
      [whole, 0],
    ]);
  }
  const other = await world.run(["snapshot", "--replica", "--json"]);
  assert.deepEqual(
    [other.code, JSON.parse(other.stderr).error],
    [2, { code: "Usage", message: "option '--replica <bucket>' argument missing" }],
  );
});

Deno.test("--data tells what it read, by the same seed the same", async () => {
  await using world = await CommandWorld.create();
  const encryption = { "x-amz-server-side-encryption": "aws:kms" };
  world.server.seed(world.bucket, [
    ...KEYS.map((key) => ({ key, body: "text" })),
    { key: "cold", body: "text", storageClass: "GLACIER" },
    { key: "secret", body: "text", encryption },
  ]);
  await world.snapshot();
  const all = await verify(world, "--data", "100", "--seed", "7");
  assert.equal(all.code, 0, all.stderr);
  const lines = all.stdout.split("\n").slice(2, 6);
  assert.deepEqual(lines, [
    "32 versions read, 124 B (100 %, seed 7):",
    "  30 right by their ETags",
    "  1 not checked: archived",
    "  1 not checked: encrypted, and without a checksum",
  ]);
  const some = async (seed: string) => {
    const { stdout } = await verify(world, "--data", "40.5", "--seed", seed, "--json");
    return JSON.parse(stdout).data;
  };
  const [one, again, other] = [await some("1"), await some("1"), await some("2")];
  assert.deepEqual(one, again);
  assert(one.chosen > 0 && one.chosen < 32, `${one.chosen}`);
  assert.equal(other.percent, 40.5);
});

Deno.test("bytes that changed in the bucket, and files in the store, end verify with 1", async () => {
  await using world = await CommandWorld.create();
  const body = new TextEncoder().encode("some text");
  world.server.seed(world.bucket, [{ key: "text", body }]);
  const id = await world.snapshot();
  body[0]! ^= 1;
  const wrong = await verify(world, "--data", "100", "--json");
  assert.equal(wrong.code, 1);
  const { ok, points, lost } = JSON.parse(wrong.stdout);
  assert.deepEqual([ok, points[0].state, points[0].unreadable], [false, "incomplete", 1]);
  assert.equal(lost[0].code, "WrongBytes");
  await Deno.writeTextFile(join(world.store, id, "part-00000"), "no part");
  const damaged = await world.run(["verify"]);
  assert.equal(damaged.code, 1);
  assert.match(damaged.stdout, new RegExp(`\n${id}: cannot read \\S+/${id}/part-00000: it is cut`));
});

Deno.test("verify refuses what it cannot be asked", async () => {
  await using world = await CommandWorld.create();
  for (
    const [args, what] of [
      [["--data", "0"], /Use a number above 0, up to 100/],
      [["--data", "101"], /Use a number above 0, up to 100/],
      [["--data", "all"], /Use a number above 0, up to 100/],
      [["--data", "1", "--seed", "4294967296"], /from 0 to 4294967295/],
      [["--replica", "s3://photos?nonsense=1"], /nonsense/],
    ] as const
  ) {
    const { code, stdout, stderr } = await verify(world, ...args);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" }, stderr);
    assert.match(stderr, what);
  }
  const unknown = await verify(world, "--replica", "nope");
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /no snapshot "nope"/);
  const nowhere = await world.run(["verify", "--replica"]);
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /no bucket is given/);
});

Deno.test("a lifecycle that must not be read is told once, and is no failure of its own", async () => {
  await using world = await CommandWorld.create({
    credentials: {
      test: { secretAccessKey: "testtest", deny: [{ action: "s3:GetLifecycleConfiguration" }] },
    },
  });
  const [versionId] = world.server.seed(world.bucket, [{ key: "a", body: "text" }]);
  await world.snapshot();
  await using bucket = openEmulated(world.server, world.bucket);
  await deleteVersions(bucket, [{ key: "a", versionId: versionId! }]);
  const { code, stdout } = await verify(world, "--replica");
  assert.equal(code, 1);
  assert.match(
    stdout,
    /\nWhether a lifecycle rule took what is missing nobody can tell: .*s3:GetLifecycleConfiguration/,
  );
});

Deno.test("an interrupted verify says so, and changes nothing", async () => {
  await using world = await CommandWorld.create({
    latency: ({ operation }) => operation === "GetObject" ? 200 : 0,
  });
  world.server.seed(world.bucket, KEYS.map((key) => ({ key, body: "text" })));
  await world.snapshot();
  const before = await world.state();
  const child = await start(world, "--data", "100", "--concurrency", "1");
  while (world.server.requests.count("GetObject") < 2) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  child.kill("SIGINT");
  const { code, stdout, stderr } = await resultOf(child);
  assert.deepEqual({ code, stdout }, { code: 130, stdout: "" });
  assert.match(stderr, /stopped by SIGINT while reading, after \d+ objects?\. Nothing is known of/);
  assert.deepEqual(await world.state(), before);
});
