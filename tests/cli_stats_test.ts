import assert from "node:assert/strict";
import { CommandWorld } from "./command_world.ts";

const HOUR = 3_600_000;

/** Two snapshots, between which one object changed, one came and one went. */
async function twoSnapshots(): Promise<CommandWorld & { readonly ids: readonly string[] }> {
  const world = await CommandWorld.create();
  const now = Date.now();
  const write = (age: number, key: string, body: string) =>
    world.server.seed(world.bucket, [{ key, body, lastModified: now - age * HOUR }]);
  write(9, "a", "x"), write(9, "b", "x".repeat(2000)), write(9, "c", "x".repeat(30));
  const first = await world.snapshot({ at: now - 8 * HOUR });
  write(7, "a", "x".repeat(5)), write(7, "d", "x".repeat(700));
  world.server.seed(world.bucket, [{
    key: "c",
    deleteMarker: true,
    lastModified: now - 7 * HOUR,
  }]);
  const second = await world.snapshot({ at: now - 6 * HOUR });
  return Object.assign(world, { ids: [first, second] });
}

Deno.test("stats shows tables that fit a terminal, and totals", async () => {
  await using world = await twoSnapshots();
  const [first, second] = world.ids;
  const { code, stdout, stderr } = await world.run(["stats"]);
  assert.equal(code, 0, stderr);
  assert.equal(
    stdout,
    `ID                     OBJECTS     SIZE  ONLY IT NAMES  GC FREES
${first}        3  2.0 KiB           31 B         -
${second}        3  2.6 KiB          705 B         -

SINCE THE ONE BEFORE   ADDED   SIZE  CHANGED  SIZE  REMOVED  SIZE
${second}      1  700 B        1   5 B        1  30 B

2 snapshots with 5 versions, 2.7 KiB
4 versions, 736 B named by one snapshot only
`,
  );
  assert(stdout.split("\n").every((line) => line.length <= 80));
});

Deno.test("stats tells what the rules would free, from options and configuration", async () => {
  await using world = await twoSnapshots();
  const asked = await world.run(["stats", "--keep-last", "1", "--source", world.url()]);
  assert.equal(asked.code, 0, asked.stderr);
  assert.match(asked.stdout, new RegExp(`${world.ids[0]} .* 31 B\\n${world.ids[1]} .* kept\\n`));
  assert.match(asked.stdout, /\ngc would free at most 2 versions, 31 B\n$/);
  const json = await world.run([
    ...["stats", "--json", "--keep-last", "1", "--source", world.url()],
  ]);
  const { points, total } = JSON.parse(json.stdout);
  assert.deepEqual(total.freed, { objects: 2, bytes: 31 });
  assert.deepEqual(points[0].outlook.reasons, ["no rule keeps it"]);
  const { versionsDeleted, bytesFreed } = JSON.parse(
    (await world.run(["gc", "--keep-last", "1", "--json"])).stdout,
  );
  assert.deepEqual([versionsDeleted, bytesFreed], [2, 31]);
});

Deno.test("stats says what it lacks, and what is damaged", async () => {
  await using world = await twoSnapshots();
  const lacking = await world.run(["stats", "--keep-last", "1"]);
  assert.equal(lacking.code, 2);
  assert.match(lacking.stderr, /no bucket is given: name one with --source/);

  await Deno.writeTextFile(`${world.store}/${world.ids[0]}/part-00000`, "no longer what it was");
  const damaged = await world.run(["stats"]);
  assert.equal(damaged.code, 3);
  assert.match(damaged.stdout, new RegExp(`${world.ids[0]} .* damaged +-\\n`));
  assert.match(damaged.stderr, new RegExp(`error +${world.ids[0]}: .*part-00000`));

  const empty = await world.run(["stats"], { store: `${world.dir}/none` });
  assert.equal(empty.code, 1);
  assert.match(empty.stderr, /--allow-read/);
});

Deno.test("what only a point names, as stats tells, frees nothing while it is current or once it is gone", async () => {
  await using world = await CommandWorld.create();
  const [versionId] = world.server.seed(world.bucket, [{ key: "a", body: "abc" }]);
  const id = await world.snapshot();
  const told = async () => {
    const dry = await world.run(["gc", "--dry-run", "--keep-last", "1"]);
    const [, versions, bytes] = new RegExp(`^${id} +kept +(\\d+) +(\\d+ B) `, "m").exec(
      dry.stdout,
    )!;
    const { stdout } = await world.run(["stats"]);
    const [, named] = new RegExp(`^${id} .* (\\d+ B) +-$`, "m").exec(stdout)!;
    return { named, frees: [versions, bytes] };
  };
  assert.deepEqual(await told(), { named: "3 B", frees: ["0", "0 B"] });
  world.server.seed(world.bucket, [{ key: "a", body: "another" }]);
  assert.deepEqual(await told(), { named: "3 B", frees: ["1", "3 B"] });
  world.server.buckets.get(world.bucket)!.deleteVersion("a", versionId!);
  assert.deepEqual(await told(), { named: "3 B", frees: ["0", "0 B"] });
});

Deno.test("list-snapshots and stats end alike: in part, or failed where no point can be read", async () => {
  await using world = await twoSnapshots();
  const codes = async () => {
    const runs = await Promise.all(
      [["list-snapshots"], ["list-snapshots", "--json"], ["stats"], ["stats", "--json"]]
        .map((args) => world.run(args)),
    );
    for (const { stdout, stderr } of runs) {
      assert.match(stdout, new RegExp(world.ids[1]!));
      assert.match(stderr, new RegExp(`error +${world.ids[0]}: .*manifest`));
    }
    return runs.map(({ code }) => code);
  };
  await Deno.writeTextFile(`${world.store}/${world.ids[0]}/manifest.json`, "{}");
  assert.deepEqual(await codes(), [3, 3, 3, 3]);
  await Deno.writeTextFile(`${world.store}/${world.ids[1]}/manifest.json`, "{}");
  assert.deepEqual(await codes(), [1, 1, 1, 1]);
});
