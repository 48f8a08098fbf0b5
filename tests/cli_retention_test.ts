/** What the retention rules and marks of points look like to who runs the command. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openStore } from "../backends/open_store.ts";
import { openBucket } from "../lib/s3/bucket.ts";
import { CommandWorld } from "./command_world.ts";
import { putSnapshot } from "./stored_snapshots.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A point is written by hand: of a bucket, of a moment, for a purpose. */
async function putPoint(
  world: CommandWorld,
  asOf: number,
  info: Record<string, unknown> = {},
): Promise<string> {
  await using bucket = openBucket(world.url());
  await using store = await openStore(world.store);
  const iso = new Date(asOf).toISOString();
  const id = `${iso.slice(0, 19).replace(/[-:]/g, "")}Z-aaaa`;
  await putSnapshot(store, id, [], {
    ...{ asOf: iso, createdAt: iso, bucket: bucket.identity(), ...info },
  });
  return id;
}

async function gc(world: CommandWorld, ...args: string[]) {
  const { code, stdout, stderr } = await world.run(["gc", "--dry-run", "--json", ...args]);
  assert.equal(code, 0, stderr);
  const { expired, kept } = JSON.parse(stdout);
  return { expired, kept: kept.map(({ id }: { id: string }) => id) };
}

Deno.test("a label that pins is taken with the snapshot, shown, and obeyed", async () => {
  await using world = await CommandWorld.create();
  world.server.seed(world.bucket, [{ key: "a", body: "x", lastModified: Date.now() - 9 * HOUR }]);
  const taken = await world.run([
    ...["snapshot", "--label", "before the move", "--pin", "--at", "8h", "--json"],
  ]);
  const { id } = JSON.parse(taken.stdout);
  const newest = await world.snapshot();
  const { stdout } = await world.run(["list-snapshots"]);
  assert.match(
    stdout,
    new RegExp(`${id} .* ok \\(pinned\\)  before the move\\n${newest} .* ok\\n`),
  );
  assert.deepEqual(await gc(world, "--keep-last", "1"), { expired: [], kept: [id, newest] });
});

Deno.test("--time-zone says where days begin; without it, in UTC", async () => {
  await using world = await CommandWorld.create();
  // One day in Greenwich, two in Tokyo, where it is nine hours later.
  const noon = Math.floor(Date.now() / DAY) * DAY - 3 * DAY + 12 * HOUR;
  const early = await putPoint(world, noon);
  const late = await putPoint(world, noon + 6 * HOUR);
  const daily = ["--keep-daily", "2"];
  assert.deepEqual((await gc(world, ...daily)).expired, [early]);
  assert.deepEqual((await gc(world, ...daily, "--time-zone", "UTC")).expired, [early]);
  assert.deepEqual(await gc(world, ...daily, "--time-zone", "Asia/Tokyo"), {
    expired: [],
    kept: [early, late],
  });
});

Deno.test("safety snapshots stay for seven days, or as many as --safety-days says", async () => {
  await using world = await CommandWorld.create();
  const now = Date.now();
  const old = await putPoint(world, now - 8 * DAY, { safetyFor: "x", label: "old" });
  const young = await putPoint(world, now - 6 * DAY, { safetyFor: "x", label: "young" });
  const regular = await putPoint(world, now - 9 * DAY);
  const last = ["--keep-last", "1"];
  assert.deepEqual(await gc(world, ...last), { expired: [old], kept: [regular, young] });
  assert.deepEqual((await gc(world, ...last, "--safety-days", "9")).expired, []);
  assert.deepEqual((await gc(world, ...last, "--safety-days", "0")).expired, [old, young]);
  assert.match((await world.run(["list-snapshots"])).stdout, / ok \(safety\) +young\n/);
});

Deno.test("points of other buckets, of the future and of 2015 are told apart", async () => {
  await using world = await CommandWorld.create();
  const now = Date.now();
  const other = await putPoint(world, now - 3 * DAY, { bucket: { name: "other" } });
  const first = await putPoint(world, now - 2 * DAY);
  const newest = await putPoint(world, now - DAY);
  const future = await putPoint(world, now + 300 * DAY);
  const legacy = "20150605152158-0500CDT";
  await Deno.writeTextFile(
    join(world.store, legacy),
    JSON.stringify({ Timestamp: "2015-06-05T15:21:58-05:00", Contents: [] }),
  );
  const apart = await gc(world, "--keep-last", "1");
  assert.deepEqual(apart, { expired: [first], kept: [newest, future] }, "nobody knows whose it is");
  await Deno.remove(join(world.store, other), { recursive: true });
  assert.deepEqual(await gc(world, "--keep-last", "1"), {
    expired: [legacy, first],
    kept: [newest, future],
  });
});

Deno.test("an expired snapshot says so, and is restored only with --force", async () => {
  await using world = await CommandWorld.create();
  world.server.seed(world.bucket, [{ key: "a", body: "x", lastModified: Date.now() - 9 * HOUR }]);
  const id = await world.snapshot({ at: Date.now() - 8 * HOUR });
  world.server.seed(world.bucket, [{ key: "a", body: "later" }]);
  await Deno.writeTextFile(join(world.store, id, "expired"), "");
  assert.match((await world.run(["list-snapshots"])).stdout, new RegExp(`${id} .* expired\\n`));
  const refused = await world.run(["restore", id]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /has expired: gc has begun to delete.*\(--force\)\n$/);
  const forced = await world.run(["restore", id, "--force", "--json"]);
  assert.equal(forced.code, 0, forced.stderr);
  assert.equal(JSON.parse(forced.stdout).copied, 1);
});

Deno.test("gc says that a bucket has no snapshot in the store, and whose there are", async () => {
  await using world = await CommandWorld.create();
  const { port } = new URL(world.server.url);
  const rules = ["gc", "--quiet", "--keep-last", "1"];
  const empty = await world.run(rules);
  assert.deepEqual({ code: empty.code, stderr: empty.stderr }, { code: 0, stderr: "" });
  const moved = { name: world.bucket, endpoint: `http://localhost:${port}` };
  await putPoint(world, Date.now() - 3 * DAY, { bucket: { name: "mail" } });
  await putPoint(world, Date.now() - 2 * DAY, { bucket: moved });
  const { code, stdout, stderr } = await world.run(rules);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "" });
  assert.match(
    stderr,
    /^\S+ warning .*store holds no snapshot of s3:\/\/photos\S*127\S*, so gc.*: 1 of s3:\/\/photos\S*localhost\S*, 1 of s3:\/\/mail;.*\n$/,
  );
  const json = await world.run(["gc", "--dry-run", "--json", "--keep-last", "1"]);
  const { ownPoints, otherBuckets } = JSON.parse(json.stdout);
  assert.equal(ownPoints, 0);
  assert.deepEqual(otherBuckets, [
    { url: `s3://photos?endpoint=http://localhost:${port}`, points: 1 },
    { url: "s3://mail", points: 1 },
  ]);
  // A store may well be that of several buckets: then only another spelling is worth a word.
  await putPoint(world, Date.now() - DAY);
  assert.equal((await world.run(rules)).stderr, "");
  const aloud = await world.run(["gc", "--keep-last", "1"]);
  assert.match(aloud.stderr, / info +.* also holds 1 of s3:\/\/photos\S*localhost/);
  assert.doesNotMatch(aloud.stderr, /mail|warning/);
});

Deno.test("of a moment before the oldest snapshot is said that it may be incomplete", async () => {
  await using world = await CommandWorld.create();
  const now = Date.now();
  world.server.seed(world.bucket, [{ key: "a", body: "x", lastModified: now - 9 * HOUR }]);
  await putPoint(world, now - 9 * DAY, { bucket: { name: "mail" } });
  await putPoint(world, now - 8 * DAY, { safetyFor: "x" });
  const gone = await putPoint(world, now - 7 * DAY);
  await Deno.writeTextFile(join(world.store, gone, "expired"), "");
  const oldest = new Date(now - 8 * HOUR).toISOString();
  const first = await world.run(["snapshot", "--json", "--at", oldest]);
  assert.doesNotMatch(first.stderr, /warning/, "no kept snapshot shows where gc may have been");
  const { id } = JSON.parse(first.stdout);
  const early = new Date(now - 8.5 * HOUR).toISOString();
  for (
    const args of [["restore", "--at", early, "--dry-run"], ["snapshot", "--quiet", "--at", early]]
  ) {
    const { code, stderr } = await world.run(args);
    assert.equal(code, 0, stderr);
    const told = stderr.split("\n").filter((line) => line.includes(" warning "));
    assert.equal(told.length, 1, stderr);
    assert(told[0]!.includes(`${early} is before the oldest snapshot of s3://photos`), told[0]);
    assert.match(told[0]!, new RegExp(`\\(${id}\\): .*gc may have deleted.*incomplete`));
  }
  const fine = await world.run(["restore", "--at", oldest, "--dry-run"]);
  assert.doesNotMatch(fine.stderr, /warning/);
});
