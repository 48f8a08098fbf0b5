/** What those who are not there learn of a run: cron's mail, Prometheus, a dead man's switch. */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { parseMetrics, renderMetrics, withRunOf } from "../cli/monitoring/metrics.ts";
import { parsePingUrl, ping } from "../cli/monitoring/ping.ts";
import { CommandWorld, type WorldRunOptions } from "./command_world.ts";

const RUN = {
  command: "snapshot",
  set: "photos",
  exitCode: 0,
  endedAt: 1795396500.25,
  duration: 1.5,
  outcome: { objects: 3, bytes: 4096, failures: 0 },
};

Deno.test("metrics are written in the text format of Prometheus", () => {
  const lines = renderMetrics(withRunOf(new Map(), { ...RUN, set: 'a"b\\c\nd' })).split("\n");
  assert.deepEqual(lines.slice(0, 3), [
    "# HELP backup_my_bucket_last_run_timestamp_seconds When the command last ended, in seconds " +
    "since 1970.",
    "# TYPE backup_my_bucket_last_run_timestamp_seconds gauge",
    'backup_my_bucket_last_run_timestamp_seconds{command="snapshot",set="a\\"b\\\\c\\nd"} ' +
    "1795396500.25",
  ]);
  assert.equal(lines.filter((line) => line.startsWith("backup_my_bucket_")).length, 7);
  assert.equal(lines.at(-1), "");
});

Deno.test("commands and sets share a file, and a failure leaves the last success", () => {
  const read = (text: string) => parseMetrics(text, "x.prom");
  let text = renderMetrics(withRunOf(new Map(), RUN));
  text = renderMetrics(withRunOf(read(text), { ...RUN, command: "gc", endedAt: 2 }));
  const failed = { ...RUN, exitCode: 1, endedAt: 1795400000, outcome: undefined };
  text = renderMetrics(withRunOf(read(text), failed));
  const values = read(text);
  const labels = '{command="snapshot",set="photos"}';
  assert.equal(values.get("last_success_timestamp_seconds")?.get(labels), "1795396500.25");
  assert.equal(values.get("last_run_timestamp_seconds")?.get(labels), "1795400000");
  assert.equal(values.get("last_exit_code")?.get(labels), "1");
  assert.equal(values.get("last_objects")?.get(labels), "0");
  assert.equal(
    values.get("last_success_timestamp_seconds")?.get('{command="gc",set="photos"}'),
    "2",
  );
});

Deno.test("a URL that cannot be pinged, or has credentials, is refused without showing them", () => {
  assert.throws(() => parsePingUrl("ftp://x"), /use http:\/\/ or https:\/\//);
  assert.throws(
    () => parsePingUrl("https://me:geheim@hc.example/x"),
    (error: Error) =>
      /hc\.example has credentials/.test(error.message) && !/geheim/.test(`${error}`),
  );
});

Deno.test("a ping that fails is tried again, and its secret path is not told", async () => {
  let tries = 0;
  const answer = () => {
    tries++;
    return Promise.resolve(new Response("", { status: 500 }));
  };
  const problem = await ping(new URL("https://hc.example/secret"), answer, () => Promise.resolve());
  assert.equal(problem, "the ping of hc.example was not heard: HTTP 500");
  assert.equal(tries, 3);
});

/** Counts the requests of a dead man's switch. */
function listen(): AsyncDisposable & { readonly url: string; readonly paths: string[] } {
  const paths: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    paths.push(new URL(request.url).pathname);
    return new Response();
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/switch`,
    paths,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("quiet and done, a command prints nothing, and tells those who watch", async () => {
  await using world = await CommandWorld.create();
  await using watcher = listen();
  world.server.seed(world.bucket, [{ key: "a", body: "12345" }]);
  const metrics = join(world.dir, "backup.prom");
  const watch = ["--metrics", metrics, "--ping", watcher.url];
  const allow = [
    `--allow-net=${new URL(watcher.url).host}`,
    `--allow-read=${world.dir}`,
    `--allow-write=${world.dir}`,
  ];
  const { code, stdout, stderr } = await world.run(["snapshot", "--quiet", ...watch], { allow });
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
  assert.deepEqual(watcher.paths, ["/switch"]);
  const written = await Deno.readTextFile(metrics);
  assert.match(written, /^backup_my_bucket_last_objects\{command="snapshot",set=""\} 1$/m);
  assert.match(written, /^backup_my_bucket_last_bytes\{command="snapshot",set=""\} 5$/m);

  const dry = await world.run(["gc", "--keep-last", "1", "--dry-run", "-q", ...watch], { allow });
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stdout, /1 snapshot kept/);
  assert.equal(await Deno.readTextFile(metrics), written, "a dry run is no run");
  assert.equal(watcher.paths.length, 1);

  const failed = await world.run(["restore", "nothing", "-q", ...watch], { allow });
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /^backup-my-bucket: error: .*\n$/);
  assert.match(
    await Deno.readTextFile(metrics),
    /^backup_my_bucket_last_exit_code\{command="restore",set=""\} 1$/m,
  );
  assert.equal(watcher.paths.length, 1, "silence is the alarm");
});

Deno.test("a file that is not ours is left alone, before anything is done", async () => {
  await using world = await CommandWorld.create();
  const file = join(world.dir, "passwd");
  await Deno.writeTextFile(file, "root:x:0:0\n");
  const { code, stderr } = await world.run(["snapshot", "--metrics", file], {
    allow: [`--allow-read=${world.dir}`, `--allow-write=${world.dir}`],
  });
  assert.equal(code, 2);
  assert.match(stderr, /is no file of our metrics/);
  assert.equal(await Deno.readTextFile(file), "root:x:0:0\n");
  assert.equal(world.server.requests.all.length, 0);
});

Deno.test("metrics that cannot be written fail the command, and say which permission", async () => {
  await using world = await CommandWorld.create();
  const { code, stderr } = await world.run(["snapshot", "-q", "--metrics", "/nonexistent/x.prom"], {
    allow: ["--allow-read=/nonexistent"],
  });
  assert.equal(code, 1);
  assert.match(stderr, /--allow-write/);
});

Deno.test("metrics that cannot be written are told before any work", async () => {
  await using world = await CommandWorld.create();
  await using watcher = listen();
  await Deno.writeTextFile(join(world.dir, "file"), "");
  const allow = [
    `--allow-read=${world.dir}`,
    `--allow-write=${world.dir}`,
    `--allow-net=${new URL(watcher.url).host}`,
  ];
  const run = (name: string) => {
    const metrics = join(world.dir, name);
    return world.run(["snapshot", "--json", "--metrics", metrics, "--ping", watcher.url], {
      allow,
    });
  };
  const reasons = {
    "gone/x.prom": "its directory does not exist",
    "file/x.prom": "what it lies in is no directory",
    "store": "it is a directory",
  };
  for (const [name, reason] of Object.entries(reasons)) {
    const { code, stdout, stderr } = await run(name);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" }, stderr);
    const { error } = JSON.parse(stderr);
    assert.equal(error.code, "MetricsNotWritable");
    assert(
      error.message.startsWith(`cannot write metrics to ${join(world.dir, name)}: ${reason}. `),
      error.message,
    );
  }
  assert.equal(world.server.requests.all.length, 0);
  assert.deepEqual(watcher.paths, []);
  const left = await Array.fromAsync(Deno.readDir(world.dir), ({ name }) => name);
  assert.deepEqual(left.sort(), ["file", "store"]);
});

/** Metrics in a directory that goes while a command is at work. */
async function vanishingMetrics(world: CommandWorld, path = join(world.dir, "gone")) {
  await Deno.mkdir(path, { recursive: true });
  world.server.faults.add({
    kind: "slowdown",
    when: () => {
      // Nothing in it: what tried it has tidied up.
      if (isThere(path)) Deno.removeSync(path);
      return false;
    },
  });
  return join(path, "x.prom");
}

function isThere(path: string): boolean {
  return Array.from(Deno.readDirSync(join(path, "..")), ({ name }) => name)
    .includes(basename(path));
}

Deno.test("metrics that cannot be written after all do not silence the dead man's switch", async () => {
  await using world = await CommandWorld.create();
  await using watcher = listen();
  const metrics = await vanishingMetrics(world);
  const allow = [
    `--allow-read=${world.dir}`,
    `--allow-write=${world.dir}`,
    `--allow-net=${new URL(watcher.url).host}`,
  ];
  const { code, stdout, stderr } = await world.run(
    ["snapshot", "--json", "-q", "--metrics", metrics, "--ping", watcher.url],
    { allow },
  );
  assert.equal(code, 1);
  assert.equal(JSON.parse(stdout).objects, 0);
  const { error } = JSON.parse(stderr);
  assert.equal(error.code, "MetricsNotWritten");
  assert.match(
    error.message,
    /^cannot write metrics to .*: its directory does not exist\. The snapshot itself succeeded\. /,
  );
  assert.deepEqual(watcher.paths, ["/switch"]);
});

Deno.test("metrics that cannot be written do not hide why the command failed", async () => {
  await using world = await CommandWorld.create();
  const allow = [`--allow-read=${world.dir}`, `--allow-write=${world.dir}`];
  const run = async (args: readonly string[], more: WorldRunOptions = {}) =>
    await world.run([...args, "--metrics", await vanishingMetrics(world)], { allow, ...more });
  const { code, stderr } = await run(["snapshot", "-q"], { source: world.url("no-such-bucket") });
  assert.equal(code, 1);
  const [first, second, ...rest] = stderr.trimEnd().split("\n");
  assert.match(first!, /^backup-my-bucket: error: .*no-such-bucket/);
  assert.match(
    second!,
    /^backup-my-bucket: error: cannot write metrics to .*gone.x\.prom: .*--metrics$/,
  );
  assert.deepEqual(rest, []);

  const wrong = await run(["gc", "-q", "--keep-last", "1", "--json"], {
    source: world.url("gone"),
  });
  const { error } = JSON.parse(wrong.stderr);
  assert.equal(error.code, "NoSuchBucket", wrong.stderr);
  assert.deepEqual(error.also.map(({ code }: { code: string }) => code), ["MetricsNotWritten"]);
});

Deno.test("what failed in part stays so when the metrics cannot be written", async () => {
  await using world = await CommandWorld.create();
  world.server.createBucket("copy", { versioning: "Enabled" });
  world.server.seed(world.bucket, [{ key: "cold", body: "x", storageClass: "GLACIER" }]);
  const metrics = await vanishingMetrics(world);
  const { code, stdout, stderr } = await world.run(
    ["sync", "--replica", world.url("copy"), "--metrics", metrics],
    { allow: [`--allow-read=${world.dir}`, `--allow-write=${world.dir}`], store: null },
  );
  assert.equal(code, 3);
  assert.match(stdout, /1 {2}archived/);
  assert.match(stderr, /^backup-my-bucket: error: cannot write metrics to .*\n$/);
});
