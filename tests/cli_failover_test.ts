import assert from "node:assert/strict";
import { join } from "node:path";
import { swapRoles } from "../lib/config/swap_roles.ts";
import { runCommand } from "./command.ts";
import { CommandWorld } from "./command_world.ts";
import { S3Proxy } from "./s3_proxy.ts";

const ROLE = "arn:aws:iam::123456789012:role/replication";

/** A configuration whose replica holds what the source does, with a comment in each line. */
async function configured(): Promise<{ world: CommandWorld; config: string; text: string }> {
  const world = await CommandWorld.create();
  world.server.createBucket("copy", { versioning: "Enabled" });
  const config = join(world.dir, "config.jsonc");
  const text = `{ // ours
  "sets": { "photos": {
    "source": "${world.url()}", // written to
    "replica": "${world.url("copy")}", // kept
    "store": "${world.store}",
  } },
}
`;
  await Deno.writeTextFile(config, text, { mode: 0o600 });
  return { world, config, text };
}

async function run({ server }: CommandWorld, args: readonly string[]) {
  const { accessKeyId, secretAccessKey } = server;
  const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  return await runCommand(args, { allow: ["--allow-all"], env });
}

Deno.test("failover swaps the roles in the configuration, and nothing else there", async () => {
  const { world, config, text } = await configured();
  await using _ = world;
  for (const bucket of ["photos", "copy"]) world.server.seed(bucket, [{ key: "a", body: "x" }]);
  const dry = await run(world, ["failover", "--dry-run", "--config", config]);
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stdout, /holds all of 1 object\.\nWould make it/);
  assert.equal(await Deno.readTextFile(config), text);

  const done = await run(world, ["failover", "--config", config]);
  assert.equal(done.code, 0, done.stderr);
  const [source, replica] = [world.url(), world.url("copy")];
  const swapped = text.replace(source, "*").replace(replica, source).replace("*", replica);
  assert.equal(await Deno.readTextFile(config), swapped);
  assert.equal((await Deno.stat(config)).mode! & 0o777, 0o600);
  const files = await Array.fromAsync(Deno.readDir(world.dir), ({ name }) => name);
  assert.deepEqual(files.sort(), ["config.jsonc", "store"]);
});

Deno.test("what is no role is not sent to S3", async () => {
  const { world, config, text } = await configured();
  await using _ = world;
  const args = ["failover", "--apply", "--config", config, "--role"];
  for (
    const role of ["nonsense", "arn:aws:iam::123456789012:user/me", ROLE.replace("role/", "role")]
  ) {
    const { code, stderr } = await run(world, [...args, role]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /is no ARN of a role: use arn:aws:iam::ACCOUNT:role\/NAME/);
  }
  assert.equal(world.server.requests.all.length, 0);
  assert.equal(await Deno.readTextFile(config), text);
});

Deno.test("a replica that lacks something keeps its role", async () => {
  const { world, config, text } = await configured();
  await using _ = world;
  world.server.seed(world.bucket, [{ key: "a", body: "x" }]);
  const { code, stderr } = await run(world, ["failover", "--json", "--config", config]);
  assert.equal(code, 1);
  assert.equal(JSON.parse(stderr).error.code, "ReplicaBehind");
  assert.match(stderr, /lacks 1 of 1 objects/);
  assert.equal(await Deno.readTextFile(config), text);
});

/** Run while somebody writes to the configuration, once the comparison has begun. */
async function runDuring(
  world: CommandWorld,
  args: readonly string[],
  edit: () => Promise<void>,
  at = /[?&]versions/,
) {
  let isEdited = false;
  const proxy = await S3Proxy.start(world.server.url.replace(/\/$/, ""));
  await using _ = proxy;
  proxy.hooks = {
    before: async ({ method, path }) => {
      if (isEdited || !at.test(`${method} ${path}`)) return;
      isEdited = true;
      await edit();
    },
  };
  const config = args[args.indexOf("--config") + 1]!;
  const text = (await Deno.readTextFile(config)).replaceAll(world.server.url, `${proxy.endpoint}/`);
  await Deno.writeTextFile(config, text);
  const result = await run(world, args);
  assert(isEdited);
  return { ...result, text };
}

Deno.test("what somebody writes into the configuration meanwhile is kept", async () => {
  const { world, config } = await configured();
  await using _ = world;
  const args = ["failover", "--config", config];
  const edit = async () => {
    const text = await Deno.readTextFile(config);
    await Deno.writeTextFile(config, text.replace("// ours", "// ours, and mine"));
  };
  const { code, stderr } = await runDuring(world, args, edit);
  assert.equal(code, 0, stderr);
  const written = await Deno.readTextFile(config);
  assert.match(written, /ours, and mine/);
  assert.match(written, /"source": "s3:\/\/copy\b.*written to/);
});

Deno.test("roles that somebody changes meanwhile are left, and S3 is told nothing", async () => {
  const { world, config } = await configured();
  await using _ = world;
  const args = ["failover", "--apply", "--role", ROLE, "--config", config];
  let edited = "";
  const edit = async () => {
    edited = (await Deno.readTextFile(config)).replace("s3://copy", "s3://elsewhere");
    await Deno.writeTextFile(config, edited);
  };
  const { code, stderr } = await runDuring(world, args, edit);
  assert.equal(code, 2);
  assert.match(stderr, /was changed meanwhile: .* its replica s3:\/\/elsewhere.*were left so/);
  assert.equal(await Deno.readTextFile(config), edited);
  assert.equal(world.server.requests.of("PutBucketReplication").length, 0);
});

Deno.test("a file that cannot be written once S3 was told says what is left to do", async () => {
  const { world, config } = await configured();
  await using _ = world;
  const args = ["failover", "--apply", "--role", ROLE, "--config", config];
  const edit = () => Deno.writeTextFile(config, "{ half");
  const { code, stderr } = await runDuring(world, args, edit, /^PUT \/copy.*[?&]replication/);
  assert.equal(code, 2);
  assert.match(stderr, /cannot swap the roles in .*S3 was told already .*by hand that s3:\/\/copy/);
  assert.equal(await Deno.readTextFile(config), "{ half");
});

Deno.test("what was not asked of a source that is lost, is said", async () => {
  const { world, config } = await configured();
  await using _ = world;
  const args = ["failover", "--source-lost", "--dry-run", "--config", config];
  const { code, stdout, stderr } = await run(world, args);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Nothing was asked of s3:\/\/photos.*is versioned and has no lifecycle/);
  const json = await run(world, [...args, "--json"]);
  assert.deepEqual(JSON.parse(json.stdout).lifecycle, null);
});

Deno.test("without a file, or with another bucket than the file's, it says what to do", async () => {
  const { world, config } = await configured();
  await using _ = world;
  const [source, replica] = ["--source", "--replica"].map((flag, i) => [
    flag,
    world.url(i === 0 ? "photos" : "copy"),
  ]);
  const none = await run(world, ["failover", ...source!, ...replica!]);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /changes a configuration file, and there is none/);
  const other = await run(world, ["failover", "--config", config, "--source", world.url("x-y")]);
  assert.equal(other.code, 2);
  assert.match(other.stderr, /leave out --source and BACKUP_MY_BUCKET_SOURCE/);
});

Deno.test("a set without a replica, and a file of 2015, have no roles to swap", () => {
  const alone = `{ "sets": { "a": { "source": "s3://photos", "store": "/s" } } }`;
  assert.throws(() => swapRoles("f", alone, "a"), /has no source and replica/);
  const old = JSON.stringify({
    BackupSet: { SnapshotsDir: "/s", MasterBucket: "photos", SlaveBucket: "copy" },
  });
  assert.throws(() => swapRoles("f", old, "a"), /is a configuration of 2015/);
});
