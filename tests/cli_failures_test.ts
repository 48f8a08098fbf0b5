import assert from "node:assert/strict";
import { join } from "node:path";
import { MAX_FAILURES_TOLD } from "../lib/model/max_failures_told.ts";
import { deleteVersions } from "../lib/s3/delete_versions.ts";
import { resultOf } from "./command.ts";
import { CommandWorld } from "./command_world.ts";
import type { EmulatorOptions } from "./emulator/emulator.ts";
import { openEmulated } from "./emulated_bucket.ts";

const HOUR = 3_600_000;
const LOST = ["a/1", "a/2"];
const CHANGED = ["a/3", "b/1", "b/2", "b/3"];

/** A snapshot of which two versions are gone for good, and of which the other keys were changed. */
async function damaged(options?: EmulatorOptions): Promise<CommandWorld> {
  const world = await CommandWorld.create(options);
  const seed = (keys: readonly string[], body: string, age: number) =>
    world.server.seed(
      world.bucket,
      keys.map((key) => ({ key, body, lastModified: Date.now() - age * HOUR })),
    );
  const ids = seed(LOST, "old", 3);
  seed(CHANGED, "old", 3);
  await world.snapshot({ at: Date.now() - 2 * HOUR });
  seed(CHANGED, "new", 1);
  await using bucket = openEmulated(world.server, world.bucket);
  await deleteVersions(bucket, LOST.map((key, i) => ({ key, versionId: ids[i]! })));
  return world;
}

interface Failed {
  readonly key: string;
  readonly code: string;
}

/** The one document of a run that had failures, which come first. */
function documentOf(stdout: string) {
  assert.match(stdout, /^\{"failed":\[\{"key":.*\}\n$/);
  const { failed, ...rest } = JSON.parse(stdout);
  return { ...rest, failed: failed.map(({ key, code }: Failed) => `${key} ${code}`) };
}

const TOLD = LOST.map((key) => `${key} NoSuchVersion`);

Deno.test("failures are printed as they come, and the report ends their document", async () => {
  await using world = await damaged();
  for (const more of [["--dry-run"], []]) {
    const { code, stdout } = await world.run(["restore", "latest", "--json", ...more]);
    const { failed, failedCount, copied, dryRun } = documentOf(stdout);
    assert.deepEqual([code, failed, failedCount, copied], [3, TOLD, 2, 4]);
    assert.equal(dryRun, more.length > 0);
  }
  const words = await world.run(["restore", "latest", "--dry-run"]);
  assert.match(words.stdout, /2 keys failed:\n {2}a\/1: NoSuchVersion: /);
  const keys = await world.run(["restore", "latest", "--dry-run", "--json", "-v"]);
  const { failed, failedLeftOut } = JSON.parse(keys.stdout);
  assert.deepEqual([failed.length, failedLeftOut], [2, 0]);
});

Deno.test("a dry run with its keys says how many failures are left out, and names them all", async () => {
  await using world = await damaged();
  const keys = join(world.dir, "keys");
  const count = MAX_FAILURES_TOLD + 5;
  await Deno.writeTextFile(keys, Array.from({ length: count }, (_, i) => `no/${i}\n`).join(""));
  const words = ["restore", "latest", "--dry-run", "--json", "-v", `--keys-from=${keys}`];
  const { code, stdout, stderr } = await world.run(words, { allow: [`--allow-read=${keys}`] });
  assert.equal(code, 3, stderr);
  const { keys: told, failed, failedCount, failedLeftOut } = JSON.parse(stdout);
  assert.deepEqual([failed.length, failedCount, failedLeftOut], [MAX_FAILURES_TOLD, count, 5]);
  const absent = told.filter(({ action }: { action: string }) => action === "not-in-snapshot");
  assert.equal(absent.length, count);
});

Deno.test("a download and a sync print their failures so, too", async () => {
  await using world = await damaged();
  const dir = join(world.dir, "files");
  const allow = [`--allow-read=${dir}`, `--allow-write=${dir}`];
  const down = await world.run(["restore", "latest", "--json", "--to-dir", dir], { allow });
  assert.notEqual(down.stdout, "", down.stderr);
  const { failed, copied } = documentOf(down.stdout);
  assert.deepEqual([down.code, failed.sort(), copied], [3, TOLD, 4]);

  world.server.createBucket("photos-replica", { versioning: "Enabled" });
  world.server.faults.add({
    kind: "internal-error",
    operation: "CopyObject",
    key: "b/1",
    bucket: "photos-replica",
    times: 99,
  });
  const replica = ["--replica", world.url("photos-replica")];
  const synced = await world.run(["sync", "--json", ...replica], { store: null });
  assert.notEqual(synced.stdout, "", synced.stderr);
  const report = documentOf(synced.stdout);
  assert.deepEqual([synced.code, report.failed, report.copied], [3, ["b/1 InternalError"], 3]);
});

Deno.test("the document is whole when the restore fails later", async () => {
  await using world = await damaged();
  world.server.faults.add({
    kind: "internal-error",
    operation: "ListObjectVersions",
    when: ({ query }) => query["prefix"] === "b/",
    times: 99,
  });
  const words = [
    "restore",
    "latest",
    "--json",
    "--prefix=a/",
    "--prefix=b/",
    "--no-safety-snapshot",
  ];
  const { code, stdout, stderr } = await world.run(words);
  const { failed, copied, error } = documentOf(stdout);
  assert.deepEqual([code, failed, copied], [1, TOLD, 1]);
  assert.deepEqual(error, JSON.parse(stderr).error);
  assert.equal(error.code, "InternalError");

  const nothing = await world.run(words);
  const { error: again, ...rest } = documentOf(nothing.stdout);
  assert.deepEqual([nothing.code, rest, again.code], [1, { failed: TOLD }, "InternalError"]);
});

Deno.test("the document is whole when the restore is stopped", async () => {
  await using world = await damaged({
    latency: ({ operation }) => operation === "CopyObject" ? 300 : 0,
  });
  const words = ["restore", "latest", "--json", "--concurrency=1", "--no-safety-snapshot"];
  const child = await world.start(words);
  while (world.server.requests.count("CopyObject") === 0) {
    await new Promise((go) => setTimeout(go, 5));
  }
  child.kill("SIGINT");
  const { code, stdout } = await resultOf(child);
  const { failed, interrupted, copied } = documentOf(stdout);
  assert.deepEqual([code, failed, interrupted], [130, TOLD, true]);
  assert(copied < CHANGED.length);
});
