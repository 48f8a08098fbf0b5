/** `init`: from nothing to a configuration that works, and what else a new installation needs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { awsDocuments } from "../cli/init/policies.ts";
import { cronLine, systemdUnits } from "../cli/init/schedule.ts";
import { askAnswers } from "../cli/init/ask_answers.ts";
import { UsageError } from "../cli/errors.ts";
import { checkAccess } from "../cli/init/check_access.ts";
import { openMemoryStore } from "../backends/memory.ts";
import { openBucket } from "../lib/s3/bucket.ts";
import { denoDir, runCommand } from "./command.ts";
import { startEmulator } from "./emulator/emulator.ts";
import { hookStore } from "./hooked_store.ts";
import { CommandWorld } from "./command_world.ts";

/** Runs `init`, or what comes after it, in the world's directory. */
async function runIn(world: CommandWorld, args: readonly string[]) {
  return await runCommand(args, {
    allow: ["--allow-all"],
    cwd: world.dir,
    env: environmentOf(world),
  });
}

function environmentOf({ dir, server }: CommandWorld): Record<string, string> {
  const { accessKeyId, secretAccessKey } = server;
  return {
    HOME: dir,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
}

Deno.test("init writes a configuration that the next command works with", async () => {
  await using world = await CommandWorld.create();
  const made = await runIn(world, ["init", "--source", world.url(), "--store", "here"]);
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stderr, /^ok {6}.* keeps versions$/m);
  assert.match(made.stdout, /^Wrote .*backup-my-bucket\.jsonc$/m);
  const taken = await runIn(world, ["snapshot", "--json"]);
  assert.equal(taken.code, 0, taken.stderr);
  const collected = await runIn(world, ["gc", "--json"]);
  assert.equal(collected.code, 0, collected.stderr);
  assert.deepEqual(
    JSON.parse(collected.stdout).kept.map(({ id }: { id: string }) => id),
    [JSON.parse(taken.stdout).id],
  );
});

/** What a scheduler gives a program: no HOME either, as systemd does without `User=`. */
async function scheduledEnvironment(world: CommandWorld): Promise<Record<string, string>> {
  const { HOME: _, ...keys } = environmentOf(world);
  return { ...keys, PATH: "/usr/bin:/bin", DENO_DIR: await denoDir() };
}

/** Run a program from the root directory, with nothing but this environment. */
async function runBare(program: string, args: readonly string[], env: Record<string, string>) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    clearEnv: true,
    cwd: "/",
    env,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** The words of a line in a unit, as systemd takes them apart. */
function wordsOfUnit(line: string): string[] {
  return [...line.matchAll(/"((?:\\.|[^"\\])*)"|(\S+)/g)].map(([, inQuotes, plain]) =>
    (plain ?? inQuotes!.replace(/\\(.)/g, "$1")).replaceAll("%%", "%").replaceAll("$$", "$")
  );
}

/** The values that a unit gives to a setting. */
function settingsOf(unit: string, name: string): string[][] {
  return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, line]) =>
    wordsOfUnit(line!)
  );
}

Deno.test("the service for systemd does a night's work on this machine, without HOME", async () => {
  await using world = await CommandWorld.create();
  const config = join(world.dir, "it's 100% $HOME.jsonc");
  const args = ["init", "--json", "--source", world.url(), "--store", "here", "--config", config];
  const { code, stdout, stderr } = await runIn(world, args);
  assert.equal(code, 0, stderr);
  const { systemd }: { systemd: Record<string, string> } = JSON.parse(stdout);
  const service = systemd["backup-my-bucket-photos.service"]!;
  const lines = settingsOf(service, "ExecStart");
  assert.equal(lines.length, 2);
  const env = await scheduledEnvironment(world);
  for (const [program, ...words] of lines) {
    assert.deepEqual(await runBare(program!, words, env), { code: 0, output: "" });
  }
  const { stdout: list } = await runIn(world, ["list-snapshots", "--json", "--config", config]);
  assert.equal(JSON.parse(list).length, 1);
});

Deno.test("the line for cron does a night's work on this machine, with cron's environment", async () => {
  await using world = await CommandWorld.create();
  // A percent sign means something to cron, a space and a quote to the shell.
  const config = join(world.dir, "it's 100% ours.jsonc");
  const args = ["init", "--json", "--source", world.url(), "--store", "here", "--config", config];
  const { code, stdout, stderr } = await runIn(world, args);
  assert.equal(code, 0, stderr);
  const { cron }: { cron: string } = JSON.parse(stdout);
  const [, minute, command] = /^(\d+) 1 \* \* \* {2}(.*)\n$/.exec(cron) ?? [];
  assert(Number(minute) < 60, cron);
  assert.doesNotMatch(command!, /(?<!\\)%/);
  const line = command!.replaceAll("\\%", "%");
  const night = await runBare("/bin/sh", ["-c", line], await scheduledEnvironment(world));
  assert.deepEqual(night, { code: 0, output: "" });
  const { stdout: list } = await runIn(world, ["list-snapshots", "--json", "--config", config]);
  assert.equal(JSON.parse(list).length, 1);
});

/** Credentials in a profile, in files that only variables name. */
async function profileEnvironment(world: CommandWorld): Promise<Record<string, string>> {
  const { accessKeyId, secretAccessKey } = world.server;
  const [config, credentials] = [join(world.dir, "con fig"), join(world.dir, "credentials")];
  await Deno.writeTextFile(config, "[profile me@nightly]\n");
  await Deno.writeTextFile(
    credentials,
    `[me@nightly]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\n`,
  );
  return {
    AWS_PROFILE: "me@nightly",
    AWS_CONFIG_FILE: config,
    // As it is seen from the directory of init.
    AWS_SHARED_CREDENTIALS_FILE: "credentials",
    NO_PROXY: "127.0.0.1",
  };
}

async function initIn(world: CommandWorld, env: Record<string, string>, args: string[] = []) {
  return await runCommand(
    ["init", "--json", "--source", world.url(), "--store", "here", ...args],
    { allow: ["--allow-all"], cwd: world.dir, env },
  );
}

Deno.test("the printed lines bring the variables that init was run with", async () => {
  await using world = await CommandWorld.create();
  const { code, stdout, stderr } = await initIn(world, await profileEnvironment(world));
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /warning/);
  const { cron, systemd, warnings } = JSON.parse(stdout);
  assert.deepEqual(warnings, []);
  const line = cron.replace(/^\d+ 1 \* \* \* {2}/, "").replaceAll("\\%", "%");
  const empty = { PATH: "/usr/bin:/bin" };
  assert.deepEqual(await runBare("/bin/sh", ["-c", line], empty), { code: 0, output: "" });

  const service = systemd["backup-my-bucket-photos.service"]!;
  const variables = settingsOf(service, "Environment").flat().map((word) => word.split("="));
  const env = { ...empty, ...Object.fromEntries(variables) };
  const [[program, ...words]] = settingsOf(service, "ExecStart") as [[string, ...string[]]];
  assert.deepEqual(await runBare(program, words, env), { code: 0, output: "" });
});

Deno.test("the printed lines go to the endpoints that init was told to use", async () => {
  await using world = await CommandWorld.create();
  const env = { AWS_USE_FIPS_ENDPOINT: "true", AWS_USE_DUALSTACK_ENDPOINT: "true" };
  const { code, stdout, stderr } = await initIn(world, env, ["--no-check"]);
  assert.equal(code, 0, stderr);
  const { systemd } = JSON.parse(stdout);
  const variables = settingsOf(systemd["backup-my-bucket-photos.service"]!, "Environment").flat();
  for (const [name, value] of Object.entries(env)) assert(variables.includes(`${name}=${value}`));
});

Deno.test("keys in the environment are not printed, but init says that the lines lack them", async () => {
  await using world = await CommandWorld.create();
  const secrets = { ...environmentOf(world), HTTPS_PROXY: "http://me:geheim@proxy:3128" };
  const { code, stdout, stderr } = await initIn(world, secrets);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /warning AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, HTTPS_PROXY are set here/,
  );
  assert.match(stderr, /profile=NAME.*EnvironmentFile=/);
  const said = stdout + stderr;
  for (const secret of [world.server.secretAccessKey, "geheim"]) assert(!said.includes(secret));
  const { warnings, systemd } = JSON.parse(stdout);
  assert.equal(warnings.length, 1);
  const service = systemd["backup-my-bucket-photos.service"];
  assert.match(service, /^# EnvironmentFile=/m);

  const named = `${world.url()}&profile=nightly`;
  const passedOver = await initIn(world, environmentOf(world), [
    ...["--no-check", "--source", named, "--config", "other.jsonc"],
  ]);
  assert.deepEqual(JSON.parse(passedOver.stdout).warnings, []);
});

Deno.test("init overwrites nothing", async () => {
  await using world = await CommandWorld.create();
  const file = join(world.dir, "backup-my-bucket.jsonc");
  await Deno.writeTextFile(file, "mine");
  const made = await runIn(world, ["init", "--source", world.url(), "--store", "here"]);
  assert.equal(made.code, 2);
  assert.match(made.stderr, /exists: edit it/);
  assert.equal(await Deno.readTextFile(file), "mine");
});

Deno.test("what does not work is told, and nothing is written", async () => {
  await using world = await CommandWorld.create();
  world.server.createBucket("plain");
  const args = ["init", "--source", world.url("plain"), "--replica", world.url("gone")];
  const made = await runIn(world, [...args, "--store", "here"]);
  assert.equal(made.code, 1);
  assert.match(made.stderr, /^FAILED.*plain is not versioned.*put-bucket-versioning/m);
  assert.match(made.stderr, /^FAILED.*gone.*NoSuchBucket/m);
  assert.match(made.stderr, /Nothing was written/);
  await assert.rejects(
    Deno.lstat(join(world.dir, "backup-my-bucket.jsonc")),
    Deno.errors.NotFound,
  );
  const unchecked = await runIn(world, [...args, "--store", "here", "--no-check", "--dry-run"]);
  assert.equal(unchecked.code, 0, unchecked.stderr);
  assert.match(unchecked.stdout, /^Would write/);
});

Deno.test("a store that would overwrite is found out, and left as it was", async () => {
  await using server = await startEmulator();
  server.createBucket("photos", { versioning: "Enabled" });
  const { url, region, accessKeyId, secretAccessKey } = server;
  const credentials = { accessKeyId, secretAccessKey };
  await using source = openBucket(`s3://photos?region=${region}&endpoint=${url}`, { credentials });
  await using memory = openMemoryStore();
  const store = {
    ...hookStore(memory, {}),
    put: (name: string, body: ReadableStream<Uint8Array>) => memory.put(name, body),
  };
  const { signal } = new AbortController();
  const checks = await Array.fromAsync(checkAccess({
    ...{ source, replica: undefined, probeName: "probe", signal },
    openStore: () => Promise.resolve(store),
  }));
  assert.match(checks.at(-1)!.problem!, /overwrites what it was told to create/);
  assert.deepEqual(await Array.fromAsync(memory.list()), []);
});

Deno.test("a store inside of what is backed up is refused", async () => {
  await using world = await CommandWorld.create();
  const place = (path: string) => world.url().replace("s3://photos", `s3://${path}`);
  const init = (source: string, store: string, more: string[] = []) =>
    runIn(world, [
      "init",
      "--no-check",
      "--dry-run",
      "--source",
      source,
      "--store",
      store,
      ...more,
    ]);
  const inside = await init(world.url(), place("photos/points"));
  assert.equal(inside.code, 2);
  assert.match(inside.stderr, /lies in s3:\/\/photos.* keep it in a bucket of its own/);
  const replica = ["--replica", place("copy/2026/")];
  assert.equal((await init(world.url(), place("copy/2026"), replica)).code, 2);
  assert.equal((await init(world.url(), place("copy/points"), replica)).code, 0);
  assert.equal((await init(place("photos/2026/"), place("photos/points"))).code, 0);
  assert.equal(world.server.requests.all.length, 0);
});

Deno.test("where nobody can be asked, what has no default must be given", async () => {
  await using world = await CommandWorld.create();
  const { code, stderr } = await runIn(world, ["init"]);
  assert.equal(code, 2);
  assert.match(stderr, /init needs --source/);
});

/** Somebody who types these lines, and what is shown to him. */
function typist(lines: readonly string[]) {
  const rest = [...lines];
  let shown = "";
  return {
    shown: () => shown,
    write: (text: string) => void (shown += text),
    readLine: () => Promise.resolve(rest.shift() ?? null),
  };
}

Deno.test("on a terminal init asks, and asks again when an answer cannot be used", async () => {
  const signal = new AbortController().signal;
  const terminal = typist(["photos", "s3://photos?region=eu-west-1", "", "", "0", "90", ""]);
  const answers = await askAnswers({}, terminal, signal, (set) => `/var/${set}`);
  assert.deepEqual(answers, {
    set: "photos",
    source: "s3://photos?region=eu-west-1",
    replica: undefined,
    store: "/var/photos",
    days: 90,
    minimumRedundancy: 2,
  });
  assert.match(terminal.shown(), /s3:\/\/.*\n.*use a whole number/s);
  await assert.rejects(askAnswers({}, typist([]), signal, () => undefined), UsageError);
});

Deno.test("told yes, init takes the defaults on a terminal, too", async () => {
  await using world = await CommandWorld.create();
  const { code, stdout } = await runCommand(
    ["init", "--yes", "--source", world.url(), "--store", "here"],
    { allow: ["--allow-all"], cwd: world.dir, env: environmentOf(world), terminal: true },
  );
  assert.equal(code, 0, stdout);
  assert.doesNotMatch(stdout, /\]: /);
  assert.match(
    await Deno.readTextFile(join(world.dir, "backup-my-bucket.jsonc")),
    /"days": 30, "minimumRedundancy": 2/,
  );
});

Deno.test("a source is not taken for its own replica", async () => {
  await using world = await CommandWorld.create();
  const replica = `${world.url()}&path-style=true`;
  const args = ["init", "--dry-run", "--source", world.url(), "--store", "here"];
  const { code, stderr } = await runIn(world, [...args, "--replica", replica]);
  assert.equal(code, 2);
  assert.match(stderr, /is the source's own bucket: name another one, or no replica/);
  assert.equal(world.server.requests.all.length, 0);

  const source = "s3://photos?region=eu-west-1";
  const terminal = typist([source, "s3://copy?region=eu-west-1"]);
  const { signal } = new AbortController();
  const given = { source, store: "/s", days: 1, minimumRedundancy: 1 };
  const answers = await askAnswers(given, terminal, signal, () => undefined);
  assert.equal(answers.replica, "s3://copy?region=eu-west-1", "it asks again");
});

Deno.test("a configuration that has no directory is told before anything is tried", async () => {
  await using world = await CommandWorld.create();
  await Deno.writeTextFile(join(world.dir, "file"), "");
  for (
    const [place, reason] of [["gone", /there is no directory/], [
      "file",
      /is no directory/,
    ]] as const
  ) {
    const config = join(world.dir, place, "x.jsonc");
    const args = ["init", "--source", world.url(), "--store", "here", "--config", config];
    const { code, stderr } = await runIn(world, args);
    assert.equal(code, 2);
    assert.match(stderr, /cannot write the configuration .*x\.jsonc: /);
    assert.match(stderr, reason);
  }
  assert.equal(world.server.requests.all.length, 0);
});

const ANSWERS = {
  set: "photos",
  source: "s3://photos/2026/?region=cn-north-1",
  replica: "s3://photos-replica?region=eu-central-1",
  store: "s3://points/here?region=eu-central-1",
  days: 30,
  minimumRedundancy: 2,
};

/** What a policy allows, by resource. */
function allowedBy(document: unknown): Record<string, readonly string[]> {
  const { Statement } = document as {
    Statement: readonly { Resource: string; Action: readonly string[] }[];
  };
  return Object.fromEntries(Statement.map(({ Resource, Action }) => [Resource, Action]));
}

Deno.test("policies allow what a command does, on its buckets and below their prefixes only", () => {
  const documents = awsDocuments(ANSWERS);
  assert.deepEqual(allowedBy(documents["policy for gc and delete"]), {
    "arn:aws:s3:::photos-replica": [
      "s3:GetBucketVersioning",
      "s3:ListBucket",
      "s3:ListBucketVersions",
    ],
    "arn:aws:s3:::photos-replica/*": ["s3:DeleteObjectVersion"],
    "arn:aws:s3:::points": ["s3:ListBucket"],
    "arn:aws:s3:::points/here/*": [
      "s3:AbortMultipartUpload",
      "s3:DeleteObject",
      "s3:GetObject",
      "s3:PutObject",
    ],
  });
  const restore = allowedBy(documents["policy for restore"]);
  assert(restore["arn:aws-cn:s3:::photos/2026/*"]!.includes("s3:PutObject"));
  assert(!restore["arn:aws:s3:::photos-replica/*"]!.includes("s3:PutObject"));
  const role = allowedBy(documents["policy of the replication role"]);
  assert(role["arn:aws:s3:::photos-replica/*"]!.includes("s3:ReplicateDelete"));
});

Deno.test("what applies is printed, options apart, and not the same twice", () => {
  const titles = (replica: string | undefined) =>
    Object.keys(awsDocuments({ ...ANSWERS, replica }))
      .filter((title) => !title.startsWith("lifecycle"));
  const always = [
    "policy for snapshot, pin, unpin and unlock",
    "policy for gc and delete",
    "policy for restore",
    "policy for verify, diff, list-snapshots, ls and stats",
  ];
  const options = "more for options, each in statements of its name";
  assert.deepEqual(titles(undefined), [...always, options]);
  assert.deepEqual(titles(ANSWERS.replica), [
    ...always,
    ...["policy for sync", "policy for failover", options],
    ...["trust of the replication role", "policy of the replication role", "replication of photos"],
  ]);
  const { Statement } = awsDocuments(ANSWERS)[options] as {
    Statement: readonly { Sid: string; Action: readonly string[]; Resource: string }[];
  };
  const sids = Statement.map(({ Sid }) => Sid);
  assert.equal(new Set(sids).size, sids.length);
  assert(sids.every((sid) => /^[A-Za-z0-9]+$/.test(sid)), sids.join());
  assert.deepEqual(Statement.find(({ Sid }) => Sid === "FailoverApply3"), {
    Sid: "FailoverApply3",
    Effect: "Allow",
    Action: ["iam:PassRole"],
    Resource: "arn:aws-cn:iam::ACCOUNT:role/backup-my-bucket-replication",
  });
  const local = JSON.stringify(awsDocuments({ ...ANSWERS, store: "/var/backups" }));
  assert.doesNotMatch(local, /points/);
});

Deno.test("nothing expires the versions of the bucket that holds them", () => {
  const documents = awsDocuments(ANSWERS);
  assert.doesNotMatch(JSON.stringify(documents["lifecycle of photos-replica"]), /Noncurrent/);
  const alone = awsDocuments({ ...ANSWERS, replica: undefined });
  assert.doesNotMatch(JSON.stringify(alone), /Noncurrent/);
});

Deno.test("words are quoted as cron's shell and systemd read them", () => {
  const schedule = {
    program: ["/opt/my tools/bmb"],
    user: "backup",
    environment: { variables: { AWS_PROFILE: "a'b 5%", DENO_CERT: "/$x" }, withheld: [] },
  };
  assert.match(
    cronLine({ ...schedule, config: "/etc/it's.jsonc", set: "a" }),
    /export AWS_PROFILE='a'\\''b 5\\%' DENO_CERT='\/\$x' && '\/opt\/my tools\/bmb' snapshot --quiet --config '\/etc\/it'\\''s\.jsonc'/,
  );
  const units = systemdUnits({ ...schedule, config: "/etc/100%.jsonc", set: "a b" });
  const service = units["backup-my-bucket-a-b.service"]!;
  assert.match(service, /^ExecStart="\/opt\/my tools\/bmb" snapshot .*\/etc\/100%%\.jsonc/m);
  assert.match(service, /^User=backup$/m);
  assert.match(service, /^Environment="AWS_PROFILE=a'b 5%%"\nEnvironment=DENO_CERT=\/\$x$/m);
});
