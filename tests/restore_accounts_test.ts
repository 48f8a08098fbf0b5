import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { restore } from "../lib/restore.ts";
import { snapshot } from "../lib/snapshot.ts";
import { openEmulated } from "./emulated_bucket.ts";
import { startEmulator } from "./emulator/emulator.ts";

const delay = () => Promise.resolve();

Deno.test("two accounts of one server are told of --stream, and served by it", async () => {
  await using emulator = await startEmulator({
    credentials: {
      keeper: { secretAccessKey: "keeper", deny: [{ bucket: "target" }] },
      owner: { secretAccessKey: "owner", deny: [{ bucket: "replica" }] },
    },
  });
  for (const name of ["replica", "target"]) emulator.createBucket(name, { versioning: "Enabled" });
  emulator.seed("replica", [{ key: "a", body: "text", tags: [["team", "a"]] }]);
  await using store = openMemoryStore();
  const as = (accessKeyId: string) => ({ ...emulator, accessKeyId, secretAccessKey: accessKeyId });
  await using replica = openEmulated(as("keeper"), "replica");
  await using target = openEmulated(as("owner"), "target");
  await snapshot({ bucket: replica, store, delay });
  const options = { store, snapshot: "latest", replica, target, delay };
  const { failed } = await restore(options);
  assert.deepEqual(failed.map(({ key, code }) => [key, code]), [["a", "AccessDenied"]]);
  assert.match(failed[0]!.message, /two accounts.*--stream/);
  const { copied, streamed } = await restore({ ...options, stream: true });
  assert.deepEqual([copied, streamed], [1, 1]);
  assert.deepEqual(emulator.buckets.get("target")!.currentObject("a")!.tags, [["team", "a"]]);
});
