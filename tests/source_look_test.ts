import assert from "node:assert/strict";
import { sync } from "../lib/sync.ts";
import { openEmulated } from "./emulated_bucket.ts";
import { startEmulator } from "./emulator/emulator.ts";

const HOUR = 3_600_000;

/** A source and a replica, and a sync that sees the source as it is before others write. */
async function pair() {
  const stack = new AsyncDisposableStack();
  const emulator = stack.use(await startEmulator());
  const open = (name: string) => {
    emulator.createBucket(name, { versioning: "Enabled" });
    return stack.use(openEmulated(emulator, name));
  };
  const source = open("source"), replica = open("replica");
  const put = (bucket: string, key: string, body: string, ago: number) =>
    emulator.seed(bucket, [{ key, body, lastModified: Date.now() - ago }]);
  const run = (delay = () => Promise.resolve()) => sync({ source, replica, delay });
  return { emulator, put, run, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Written when the moment that is synced is just over. */
const LATER = -2000;

Deno.test("what is older in the replica gives way to the moment, whatever the source holds by now", async () => {
  await using given = await pair();
  const { put, run, emulator } = given;
  put("replica", "a", "old", 2 * HOUR);
  put("source", "a", "of the moment", HOUR);
  const report = await run(async () => void await put("source", "a", "later", LATER));
  assert.deepEqual([report.copied, report.failed], [1, []]);
  const looks = emulator.requests.of("HeadObject").filter(({ query, bucket }) =>
    bucket === "source" && !("versionId" in query)
  );
  assert.equal(looks.length, 0, "and it costs no look");
});

Deno.test("clocks that disagree do not keep a version from the replica", async () => {
  await using given = await pair();
  const { put, run } = given;
  // As a replica whose clock is an hour ahead dates what was copied just now.
  put("replica", "a", "old", -HOUR);
  put("source", "a", "new", 1000);
  const report = await run();
  assert.deepEqual([report.copied, report.failed], [1, []]);
});

Deno.test("many keys to delete are looked for by listings, not one by one", async () => {
  await using given = await pair();
  const { put, run, emulator } = given;
  put("source", "z", "x", HOUR);
  for (let i = 0; i < 500; i++) put("replica", `k${i}`, "x", HOUR);
  emulator.requests.clear();
  assert.equal((await run()).deleted, 500);
  const asked = emulator.requests.all.filter(({ bucket }) => bucket === "source");
  assert(asked.length < 100, `${asked.length} requests`);
});
