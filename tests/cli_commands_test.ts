import assert from "node:assert/strict";
import { join } from "node:path";
import type { EmulatorOptions } from "./emulator/emulator.ts";
import { CommandWorld } from "./command_world.ts";

const ID = /^\d{8}T\d{6}Z-[0-9a-z]{4}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{3})?Z$/;

/** A result of a JSON document that must be the only thing on stdout. */
function json(stdout: string) {
  assert.equal(stdout.split("\n").length, 2, stdout);
  return JSON.parse(stdout);
}

/** A world whose bucket holds three objects. */
async function threeObjects(options?: EmulatorOptions): Promise<CommandWorld> {
  const world = await CommandWorld.create(options);
  world.server.seed(world.bucket, [
    { key: "a/1", body: "one" },
    { key: "a/2\nline", body: "second" },
    { key: "b/3", body: 3000 },
  ]);
  return world;
}

Deno.test("snapshot tells what it stored, in words and in JSON", async () => {
  await using world = await threeObjects();
  const words = await world.run(["snapshot", "--label", "first"]);
  assert.equal(words.code, 0, words.stderr);
  assert.match(
    words.stdout,
    /^\d{8}T\d{6}Z-\w{4}: 3 objects, 2\.9 KiB of s3:\/\/photos\S+ as of \S+ \S+Z, stored in \S+ s\n$/,
  );
  assert.match(
    words.stderr,
    /^\S+Z info {4}taking a snapshot of s3:\/\/photos\S+ into file:\S+\n$/,
  );

  const { stdout, stderr } = await world.run(["snapshot", "--json", "-q"]);
  assert.equal(stderr, "");
  const report = json(stdout);
  const { id, asOf, durationMs, ...rest } = report;
  assert.match(id, ID);
  assert.match(asOf, TIME);
  assert(durationMs > 0);
  assert.deepEqual(rest, { bucket: world.url(), objects: 3, bytes: 3009, parts: 1 });
  assert.deepEqual(
    Object.keys(report),
    ["id", "asOf", "bucket", "objects", "bytes", "parts", "durationMs"],
  );
});

Deno.test("snapshot --at shows an earlier moment, as a time or an age", async () => {
  await using world = await CommandWorld.create();
  const hour = 3_600_000, now = Date.now();
  world.server.seed(world.bucket, [
    { key: "old", body: "x", lastModified: now - 5 * hour },
    { key: "new", body: "x", lastModified: now - 2 * hour },
  ]);
  for (const at of ["3h", new Date(now - 3 * hour).toISOString()]) {
    const { stdout, stderr } = await world.run(["snapshot", "--at", at, "--json"]);
    const { objects, asOf } = json(stdout || `"${stderr}"\n`);
    assert.equal(objects, 1);
    assert(Math.abs(Date.parse(asOf) - (now - 3 * hour)) < 60_000);
  }
  const future = await world.run(["snapshot", "--at", new Date(now + hour).toISOString()]);
  assert.deepEqual([future.code, future.stdout], [2, ""]);
  assert.match(future.stderr, /cannot be told/);
});

Deno.test("list-snapshots shows a table, or rows of JSON", async () => {
  await using world = await threeObjects();
  assert.equal(
    (await world.run(["list-snapshots"])).stdout.slice(0, 23),
    "There are no snapshots ",
  );
  const id = await world.snapshot({ label: "before\tthe move" });
  await Deno.writeTextFile(
    join(world.store, "20150605152158-0500CDT"),
    JSON.stringify({
      Timestamp: "2015-06-05T15:21:58-05:00",
      Contents: [{ Key: "k", LastModified: "2015-06-04T01:19:56-05:00", Size: 7, VersionId: "v" }],
    }),
  );
  const { code, stdout, stderr } = await world.run(["list-snapshots"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  const [head, legacy, row, end] = stdout.split("\n");
  assert.match(head!, /^ID +AS OF +AGE +OBJECTS +SIZE +STATE +LABEL$/);
  assert.match(
    legacy!,
    /^20150605152158-0500CDT +2015-06-05 20:21:58Z +\d+ y +1 +7 B +ok \(2015\)$/,
  );
  assert.match(
    row!,
    new RegExp(`^${id} +\\S+ \\S+Z +\\d+ s +3 +2\\.9 KiB +ok +before\\\\tthe move$`),
  );
  assert.equal(end, "");

  const rows = json((await world.run(["list-snapshots", "--json"])).stdout);
  assert.deepEqual(
    rows.map((row: Record<string, unknown>) => [row.id, row.objects, row.bytes, row.label]),
    [["20150605152158-0500CDT", 1, 7, null], [id, 3, 3009, "before\tthe move"]],
  );
  for (const key of ["id", "asOf", "createdAt", "bucket", "objects", "bytes", "label", "state"]) {
    assert(key in rows[1], key);
  }
  assert.match(rows[1].createdAt, TIME);
  assert.equal(rows[1].bucket, world.url());
});

Deno.test("ls shows entries as lines, or as lines of JSON", async () => {
  await using world = await threeObjects();
  await world.snapshot();
  const { code, stdout } = await world.run(["ls", "latest", "--prefix", "a/"]);
  assert.equal(code, 0);
  const lines = stdout.split("\n");
  assert.match(lines[0]!, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {9}3 B {2}a\/1$/);
  assert.match(lines[1]!, / {9}6 B {2}a\/2\\nline$/);
  assert.equal(lines.length, 3);

  const entries = (await world.run(["ls", "latest", "--json"])).stdout.trim().split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(entries.map(({ key }) => key), ["a/1", "a/2\nline", "b/3"]);
  assert.deepEqual(
    Object.keys(entries[0]),
    ["key", "versionId", "size", "etag", "lastModified", "storageClass"],
  );
  assert.match(entries[0].lastModified, TIME);
});

Deno.test("ls stops without a word when nobody reads any more", async () => {
  await using world = await CommandWorld.create();
  world.server.createSyntheticBucket("many", { keys: 20_000 });
  const source = world.url("many");
  assert.equal((await world.run(["snapshot"], { source })).code, 0);
  const child = await world.start(["ls", "latest"]);
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const [stderr, { code }] = await Promise.all([
    new Response(child.stderr).text(),
    child.status,
  ]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
});

Deno.test("restore, dry and for good, tells what it does; doing it again does nothing", async () => {
  await using world = await threeObjects();
  const id = await world.snapshot();
  world.server.seed(world.bucket, [
    { key: "a/1", body: "overwritten" },
    { key: "b/3", deleteMarker: true },
    { key: "stray", body: "x" },
  ]);
  const before = await world.state();
  const dry = await world.run(["restore", "latest", "--delete", "--dry-run"]);
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stdout, /would do this for 3 objects:\n/);
  assert.match(
    dry.stdout,
    / 1 {2}right already, \d B\n +1 {2}to copy, 3 B, from the target's own history\n/,
  );
  assert.match(dry.stdout, / 1 {2}not in the snapshot: to delete, 1 B\n/);
  assert.deepEqual(await world.state(), before);

  const { code, stdout, stderr } = await world.run([
    "restore",
    id.slice(0, 12),
    "--delete",
    "--json",
  ]);
  assert.equal(code, 0, stderr);
  const report = json(stdout);
  const { safetySnapshot, durationMs } = report;
  assert.match(safetySnapshot, ID);
  assert(durationMs > 0);
  const expected = {
    snapshot: id,
    target: world.url(),
    dryRun: false,
    objects: 3,
    unchanged: 1,
    copied: 1,
    undeleted: 1,
    deleted: 1,
    extra: 0,
    archived: 0,
    failed: [],
    bytesCopied: 3,
  };
  // More may be told; what is promised keeps its name and shape.
  const promised = Object.keys(expected).map((key) => [key, report[key]]);
  assert.deepEqual(Object.fromEntries(promised), expected);
  const again = await world.run(["restore", id]);
  assert.match(again.stdout, /3 objects in \S+ s\n +3 {2}right already\n$/);

  const undone = await world.run(["restore", safetySnapshot, "--delete"]);
  assert.match(undone.stdout, /To undo it: backup-my-bucket restore \S+ --delete --source /);
});

Deno.test("restore --to writes below a prefix of another bucket, --prefix limits it", async () => {
  await using world = await threeObjects();
  world.server.createBucket("other", { versioning: "Enabled" });
  await world.snapshot();
  const { code, stdout, stderr } = await world.run(
    ["restore", "latest", "--prefix", "a/", "--prefix", "c/", "--json", "--to"]
      .concat(world.url("other").replace("s3://other", "s3://other/back")),
  );
  assert.equal(code, 0, stderr);
  assert.equal(json(stdout).copied, 2);
  const copied = world.server.requests.of("CopyObject").map(({ bucket, key }) =>
    `${bucket}/${key}`
  );
  assert.deepEqual(copied.sort(), ["other/back/a/1", "other/back/a/2\nline"]);
});

Deno.test("what undoes a restore to another bucket names that bucket, and can be pasted", async () => {
  await using world = await threeObjects();
  world.server.createBucket("other", { versioning: "Enabled" });
  await world.snapshot();
  const other = world.url("other");
  const done = await world.run(
    ["restore", "latest", "--to", other.replace("s3://other", "s3://other/back")],
  );
  const undo = /To undo it: backup-my-bucket (.*)\n$/.exec(done.stdout)?.[1];
  assert.match(undo ?? done.stdout, /^restore \S+ --delete --source \S+ --store \S+ --to '\S+'$/);
  const words = undo!.split(" ").map((word) => word.replace(/^'(.*)'$/, "$1"));
  assert.equal(words.at(-1), other);
  const undone = await world.run(words);
  assert.match(undone.stdout, /3 {2}not in the snapshot: deleted\n/, undone.stderr);
});

Deno.test("a restore that finds nothing to do says so", async () => {
  await using world = await threeObjects();
  await world.snapshot();
  const nowhere = ["--prefix=nowhere/", "--allow-empty"];
  const { stdout } = await world.run(["restore", "latest", ...nowhere, "--dry-run"]);
  assert.match(stdout, /would do this for 0 objects:\n {2}nothing to do\n$/);
});

Deno.test("with a replica, its versions are what is snapshotted and copied back", async () => {
  await using world = await threeObjects();
  world.server.createBucket("replica", { versioning: "Enabled" });
  world.server.seed("replica", [{ key: "a", body: "kept" }]);
  const replica = ["--replica", world.url("replica")];
  const taken = await world.run(["snapshot", "--json", ...replica]);
  assert.equal(json(taken.stdout).bucket, world.url("replica"));
  const { code, stdout, stderr } = await world.run(["restore", "latest", "--json", ...replica]);
  assert.equal(code, 0, stderr);
  const { target, copied, extra } = json(stdout);
  assert.deepEqual([target, copied, extra], [world.url(), 1, 3]);
  const [copy] = world.server.requests.of("CopyObject");
  assert.match(copy!.headers["x-amz-copy-source"]!, /^\/?replica\/a\?versionId=/);
});

Deno.test("a key that fails is named, stops no other, and ends the command with code 3", async () => {
  const deny = [{ action: "s3:PutObject", prefix: "b/" }];
  await using world = await threeObjects({
    credentials: { test: { secretAccessKey: "testtest", deny } },
  });
  const id = await world.snapshot();
  world.server.seed(world.bucket, [{ key: "a/1", body: "x" }, { key: "b/3", body: "x" }]);
  const { code, stdout } = await world.run(["restore", id, "--json", "--no-safety-snapshot"]);
  const { failed, copied } = json(stdout);
  assert.deepEqual([code, copied, failed.length], [3, 1, 1]);
  assert.deepEqual(Object.keys(failed[0]).sort(), ["code", "key", "message", "versionId"]);
  assert.equal(failed[0].key, "b/3");
  const words = await world.run(["restore", id, "--no-safety-snapshot"]);
  assert.equal(words.code, 3);
  assert.match(words.stdout, /1 key failed:\n {2}b\/3: AccessDenied: .*\n/);
});

Deno.test("gc and delete tell what stays, what goes and why", async () => {
  await using world = await threeObjects();
  const first = await world.snapshot();
  world.server.seed(world.bucket, [{ key: "a/1", body: "again" }]);
  const second = await world.snapshot();

  const before = await world.state();
  const dry = await world.run(["gc", "--keep-last", "1", "--dry-run"]);
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stdout, /^ID +VERDICT +FREES ALONE +SIZE +BECAUSE\n/);
  assert.match(dry.stdout, new RegExp(`${first} +to delete +1 +3 B  \\S`));
  assert.match(dry.stdout, /1 snapshot kept, 1 to delete with 1 version, 3 B\n$/);
  assert.deepEqual(await world.state(), before);

  const { code, stdout, stderr } = await world.run(["gc", "--keep-last", "1", "--json"]);
  assert.equal(code, 0, stderr);
  const report = json(stdout);
  assert.deepEqual(report.expired, [first]);
  assert.deepEqual(report.kept.map(({ id }: { id: string }) => id), [second]);
  assert(report.kept[0].reasons.length > 0);
  const { dryRun, versionsDeleted, bytesFreed, failed } = report;
  assert.deepEqual([dryRun, versionsDeleted, bytesFreed, failed], [false, 1, 3, []]);
  assert(report.durationMs >= 0);

  const deleted = await world.run(["delete", second, "--json"]);
  assert.equal(deleted.code, 0, deleted.stderr);
  assert.deepEqual(json(deleted.stdout).expired, [second]);
  assert.deepEqual(json((await world.run(["list-snapshots", "--json"])).stdout), []);
});

Deno.test("gc tells what no snapshot names, and deletes it where that is asked for", async () => {
  await using world = await CommandWorld.create();
  const HOUR = 3_600_000, now = Date.now();
  const write = (age: number, body: string) =>
    world.server.seed(world.bucket, [{ key: "a/1", body, lastModified: now - age * HOUR }]);
  write(9, "named"), await world.snapshot({ at: now - 8 * HOUR });
  write(7, "in between"), write(6, "named, too"), await world.snapshot({ at: now - 5 * HOUR });
  write(4, "of late"), write(3, "current");
  const run = (...args: string[]) => world.run(["gc", "--keep-last", "9", ...args]);

  const before = await world.state();
  const dry = await run("--dry-run");
  assert.match(
    dry.stdout,
    /\nNo snapshot names 2 noncurrent versions and delete markers, 17 B\ngc --unreferenced could delete 1 of them, 10 B, not current since .*Z\n2 snapshots kept, 0 to delete with 0 versions, 0 B\n$/,
  );
  assert.doesNotMatch((await run("--dry-run", "--no-unreferenced")).stdout, /No snapshot names/);
  assert.doesNotMatch((await run()).stdout, /No snapshot names/);
  const asked = await run("--dry-run", "--unreferenced", "3h");
  assert.match(
    asked.stdout,
    /17 B\nDue: 1 of them, 10 B, not current since .*Z\n2 snapshots kept, 0 to delete; in all 1 version, 10 B\n$/,
  );
  assert.deepEqual(await world.state(), before);

  const { code, stdout, stderr } = await run("--unreferenced", "3h", "--json");
  assert.equal(code, 0, stderr);
  const report = json(stdout);
  assert.equal(report.versionsDeleted, 1);
  assert.equal(report.failedCount, 0);
  assert.deepEqual(report.unreferenced.due, { versions: 1, bytes: 10 });
  const again = await run("--unreferenced", "3h");
  assert.match(again.stdout, /^[^]*No snapshot names 1 noncurrent version or delete marker, 7 B\n/);
});

Deno.test("gc takes its rules from a configuration file, and options go before it", async () => {
  await using world = await threeObjects();
  await world.snapshot();
  await world.snapshot();
  const config = join(world.dir, "config.jsonc");
  await Deno.writeTextFile(
    config,
    JSON.stringify({
      sets: {
        photos: { source: world.url(), store: "store", retention: { keepLast: 1 } },
        films: {},
      },
    }),
  );
  const options = { store: null, source: null, allow: [`--allow-read=${world.dir}`] };
  const kept = async (...args: string[]) => {
    const all = ["gc", "--dry-run", "--json", "-c", config, "-s", "photos", ...args];
    const { stdout, stderr } = await world.run(all, options);
    assert.equal(stderr.replace(/^\S+ info .*\n/gm, ""), "");
    return json(stdout).kept.length;
  };
  assert.equal(await kept(), 1);
  assert.equal(await kept("--keep-last", "2"), 2);
});

Deno.test("the file of 2015 drives snapshot and gc, with its keys and nothing of them shown", async () => {
  await using world = await threeObjects();
  const config = join(world.dir, "backup.conf");
  const BackupSet = {
    SnapshotsDir: "store",
    CompressSnapshots: true,
    MinimumRedundancy: 1,
    RetentionPolicy: 30,
    MasterBucket: "photos",
    MasterRegion: "us-east-1",
    SlaveBucket: "photos",
    SlaveRegion: "us-east-1",
    AccessKey: world.server.accessKeyId,
    SecretKey: world.server.secretAccessKey,
  };
  await Deno.writeTextFile(config, JSON.stringify({ LogLevel: 2, AwsLogLevel: 1, BackupSet }));
  const options = {
    store: null,
    // It has no place for an endpoint, and in 2015 none was needed.
    source: world.url(),
    allow: [`--allow-read=${world.dir}`],
    env: { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
  };
  const args = ["--replica", world.url(), "-c", config, "-v"];
  const taken = await world.run(["snapshot", ...args], options);
  assert.equal(taken.code, 0, taken.stderr);
  assert.match(taken.stderr, /warning .*backup\.conf:1:15: AwsLogLevel has no effect any more/);
  const collected = await world.run(["gc", ...args], options);
  assert.equal(collected.code, 0, collected.stderr);
  assert.match(collected.stdout, /1 snapshot kept, 0 deleted with 0 versions, 0 B\n$/);
  for (const text of [taken.stdout, taken.stderr, collected.stdout, collected.stderr]) {
    assert(!text.includes(world.server.secretAccessKey));
  }
});

Deno.test("BACKUP_MY_BUCKET_ variables count where they may be read", async () => {
  await using world = await threeObjects();
  await world.snapshot();
  const env = { BACKUP_MY_BUCKET_STORE: world.store };
  const allow = ["--allow-env=BACKUP_MY_BUCKET_*"];
  const allowed = await world.run(["list-snapshots", "--json"], { store: null, env, allow });
  assert.equal(json(allowed.stdout || "{}\n").length, 1, allowed.stderr);
  const refused = await world.run(["list-snapshots"], { store: null, env });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /Deno does not allow to read: --allow-env=BACKUP_MY_BUCKET_\*/);
});

Deno.test("a store in SQLite works as documented", async () => {
  await using world = await threeObjects();
  const path = join(world.dir, "photos.db");
  const options = {
    store: `sqlite://${path}`,
    allow: [`--allow-read=${world.dir}`, `--allow-write=${path}`],
  };
  const taken = await world.run(["snapshot", "--json"], options);
  assert.equal(taken.code, 0, taken.stderr);
  const listed = await world.run(["list-snapshots", "--json"], options);
  assert.equal(json(listed.stdout)[0].id, json(taken.stdout).id);
});

Deno.test("a store in S3 works as documented", async () => {
  await using world = await threeObjects();
  world.server.createBucket("snapshots");
  const options = { store: world.url("snapshots").replace("?", "/photos?") };
  const taken = await world.run(["snapshot", "--json"], options);
  assert.equal(taken.code, 0, taken.stderr);
  const allow = await Promise.all(
    ["--allow-net=$S3", "--allow-env=$SDK"].map((flag) => world.fill(flag)),
  );
  const listed = await world.run(["list-snapshots", "--json"], { ...options, allow });
  assert.equal(json(listed.stdout)[0].id, json(taken.stdout).id);
});
