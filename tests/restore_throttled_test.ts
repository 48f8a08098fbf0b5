import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { restore } from "../lib/restore.ts";
import { snapshot } from "../lib/snapshot.ts";
import { openEmulated } from "./emulated_bucket.ts";
import { startEmulator } from "./emulator/emulator.ts";

const delay = () => Promise.resolve();
const CONCURRENCY = 16;
const KEYS = Array.from({ length: 4 * CONCURRENCY }, (_, i) => `k${String(i).padStart(3, "0")}`);
/** Tries that the SDK makes of a request before it is given up for a while. */
const TRIES = 2;

Deno.test("copies become fewer at once where a server asks for it, and all are made", async () => {
  let copiesSeen = 0;
  await using emulator = await startEmulator({
    // Long enough for the first copies that are made to meet, however the SDK staggers them.
    latency: ({ operation }) =>
      operation === "CopyObject" && ++copiesSeen <= CONCURRENCY * (TRIES + 1) ? 400 : 0,
  });
  for (const name of ["replica", "target"]) emulator.createBucket(name, { versioning: "Enabled" });
  emulator.seed("replica", KEYS.map((key) => ({ key, body: `old ${key}` })));
  await using replica = openEmulated(emulator, "replica");
  const settings = { concurrency: CONCURRENCY, maxAttempts: TRIES };
  await using target = openEmulated(emulator, "target", settings);
  await using store = openMemoryStore();
  await snapshot({ bucket: replica, store, delay });
  emulator.requests.clear();
  // As many copies as are begun at once are refused, as often as each of them is tried.
  emulator.faults.add({ kind: "slowdown", operation: "CopyObject", times: CONCURRENCY * TRIES });
  const options = { store, snapshot: "latest", replica, target, delay };
  const { copied, failed } = await restore({ ...options, safetySnapshot: false });
  assert.deepEqual([copied, failed], [KEYS.length, []]);
  for (const key of KEYS) {
    const object = emulator.buckets.get("target")!.currentObject(key)!;
    assert.equal(object.etag, emulator.buckets.get("replica")!.currentObject(key)!.etag, key);
  }
  const copies = emulator.requests.of("CopyObject");
  const most = (some: typeof copies) => Math.max(...some.map(({ inFlight }) => inFlight));
  const made = copies.filter(({ status }) => status === 200);
  assert.equal(most(copies), CONCURRENCY);
  const after = most(made.slice(0, CONCURRENCY));
  assert.ok(after <= CONCURRENCY / 2 + 2, `${after} at once after the server had asked for fewer`);
});
