/** examples/restore_customer.ts, against the embedded S3. */
import assert from "node:assert/strict";
import { openStore } from "../backends/open_store.ts";
import { listVersions } from "../lib/s3/list_versions.ts";
import { selectCurrent } from "../lib/select_current.ts";
import { snapshot } from "../lib/snapshot.ts";
import { resultOf } from "./command.ts";
import { CommandWorld } from "./command_world.ts";
import { openEmulated } from "./emulated_bucket.ts";
import type { EmulatorOptions } from "./emulator/emulator.ts";
import { entriesOf } from "./entry_batches.ts";
import { assertNoFlagSuperfluous, runExample, startExample } from "./examples/example.ts";

const NAME = "restore_customer";
const HOUR = 3_600_000;
const OURS = ["customers/4711/a", "customers/4711/b", "customers/4711/c"];
const OTHERS = ["customers/47110/a", "customers/5/a", "index"];
const RUN = { values: { ID: "4711" } };
const ARGS = ["$SOURCE", "$STORE"];

/** Two customers in a point, and what has happened to both since. */
async function damagedWorld(options?: EmulatorOptions): Promise<CommandWorld> {
  const world = await CommandWorld.create(options);
  const { server, bucket } = world;
  const at = Date.now() - 3 * HOUR;
  const put = (keys: readonly string[], body: string, lastModified: number) =>
    server.seed(bucket, keys.map((key) => ({ key, body, lastModified })));
  put([...OURS, ...OTHERS], "right", at);
  await world.snapshot({ at: at + HOUR });
  put([...OURS.slice(0, 2), ...OTHERS], "wrong", at + 2 * HOUR);
  put(["customers/4711/new"], "new", at + 2 * HOUR);
  return world;
}

/** The keys, each with the size of what is current. */
async function current({ server, bucket }: CommandWorld): Promise<Record<string, string>> {
  await using handle = openEmulated(server, bucket);
  const entries = await entriesOf(selectCurrent(listVersions(handle), Infinity));
  return Object.fromEntries(entries.map(({ key, etag }) => [key, etag]));
}

Deno.test("a customer's keys come back, others' stay, and the report tells what undoes it", async () => {
  await using world = await damagedWorld();
  const before = await current(world);
  await assertNoFlagSuperfluous(world, NAME, { ...RUN, more: ["--yes"] });
  const { code, stdout, stderr } = await runExample(world, NAME, { ...RUN, more: ["--yes"] });
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^Point \S+ holds 3 objects of customers\/4711\/: right already 1, brought back 2,/,
  );
  assert.match(stdout, /\nDone: right already 1, brought back 2, deleted 0, others left 1,/);
  const after = await current(world);
  const right = after["customers/4711/c"]!;
  assert.deepEqual(after, { ...before, ...Object.fromEntries(OURS.map((key) => [key, right])) });

  const undo = /run the same with (--delete --point \S+)\n$/.exec(stdout)![1]!.split(" ");
  const undone = await runExample(world, NAME, { ...RUN, more: ["--yes", ...undo] });
  assert.equal(undone.code, 0, undone.stderr);
  assert.deepEqual(await current(world), before);
});

Deno.test("with --delete, what came since goes; a second run has nothing to do", async () => {
  await using world = await damagedWorld();
  const more = ["--yes", "--delete"];
  const { code, stderr } = await runExample(world, NAME, { ...RUN, more });
  assert.equal(code, 0, stderr);
  const after = await current(world);
  assert.deepEqual(Object.keys(after), [...OURS, ...OTHERS].sort());
  const again = await runExample(world, NAME, { ...RUN, more });
  assert.equal(again.code, 0);
  assert.match(again.stdout, /\nNothing to do: right already 3,/);
});

Deno.test("the versions may be in a replica", async () => {
  await using world = await damagedWorld();
  const { server } = world;
  server.createBucket("copy", { versioning: "Enabled" });
  const at = Date.now() - 3 * HOUR;
  server.seed("copy", OURS.map((key) => ({ key, body: "of the copy", lastModified: at })));
  await using bucket = openEmulated(server, "copy");
  await using store = await openStore(world.store);
  await snapshot({ bucket, store, at: at + HOUR });
  const more = ["--yes", "--replica", world.url("copy")];
  const { code, stdout, stderr } = await runExample(world, NAME, { ...RUN, more });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /\nDone: right already 0, brought back 3,/);
});

Deno.test("what it would do is told, and nothing done without a yes", async () => {
  await using world = await damagedWorld();
  const before = await world.state();
  const { code, stdout, stderr } = await runExample(world, NAME, RUN);
  assert.equal(code, 2);
  assert.match(stdout, /brought back 2, deleted 0, others left 1/);
  assert.match(stderr, /^no terminal to ask on: add --yes/);
  assert.deepEqual(await world.state(), before);
});

Deno.test("on a terminal it asks", async () => {
  await using world = await damagedWorld();
  const before = await world.state();
  const refused = await runExample(world, NAME, { ...RUN, typed: "n\n" });
  assert.equal(refused.code, 1, refused.stdout);
  assert.match(refused.stdout, /Do it\? \[y\/N\][^]*Nothing was changed/);
  assert.deepEqual(await world.state(), before);
  const done = await runExample(world, NAME, { ...RUN, typed: "y\n" });
  assert.equal(done.code, 0, done.stdout);
  assert.match(done.stdout, /Done: right already 1, brought back 2,/);
});

Deno.test("what waits in an archive makes the exit code 3", async () => {
  await using world = await CommandWorld.create();
  const put = (lastModified: number, more = {}) =>
    world.server.seed(world.bucket, [{
      key: OURS[0]!,
      body: `${lastModified}`,
      lastModified,
      ...more,
    }]);
  const at = Date.now() - 3 * HOUR;
  put(at, { storageClass: "GLACIER" });
  await world.snapshot({ at: at + HOUR });
  put(at + 2 * HOUR);
  const { code, stdout } = await runExample(world, NAME, { ...RUN, more: ["--yes"] });
  assert.equal(code, 3);
  assert.match(stdout, /archived 1/);
});

Deno.test("a wrong customer, point, option or number of arguments is told", async () => {
  await using world = await damagedWorld();
  const before = await world.state();
  for (
    const [args, message, expected = 2] of [
      [[...ARGS, "9"], /no key that begins with "customers\/9\/"/, 1],
      [[...ARGS, ""], /^usage: /],
      [[...ARGS, "4711/../5"], /"4711\/\.\.\/5" is no customer's ID/],
      [[...ARGS, "4711", "--point", "2015"], /no snapshot "2015"/, 1],
      [[...ARGS, "4711", "--force"], /--force/],
      [["https://photos", "$STORE", "4711"], /s3:\/\//],
      [ARGS, /^usage: /],
    ] as const
  ) {
    const { code, stderr } = await runExample(world, NAME, { args: [...args, "--yes"] });
    assert.equal(code, expected, stderr);
    assert.match(stderr, message);
  }
  assert.deepEqual(await world.state(), before);
});

Deno.test("interrupted, it says what undoes it, and the next run does the rest", async () => {
  await using world = await damagedWorld({
    latency: ({ operation }) => operation === "CopyObject" ? 150 : 0,
  });
  const keys = Array.from({ length: 100 }, (_, i) => `customers/1/${i}`);
  const seed = (body: string, lastModified: number) =>
    world.server.seed(world.bucket, keys.map((key) => ({ key, body, lastModified })));
  const at = Date.now() - 3 * HOUR;
  seed("right", at);
  await world.snapshot({ at: at + 2 * HOUR });
  seed("wrong", at + 2.5 * HOUR);
  const run = { args: [...ARGS, "1", "--yes"] };
  const child = await startExample(world, NAME, run);
  while (world.server.requests.of("CopyObject").length < 3) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  child.kill("SIGINT");
  const { code, stdout, stderr } = await resultOf(child);
  assert.equal(code, 130, stderr);
  assert.match(stdout, /\nRun it again for the rest: .*\nTo undo it, run the same with --delete/);
  const again = await runExample(world, NAME, run);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /\nDone: right already [1-9]\d*, brought back [1-9]/);
});
