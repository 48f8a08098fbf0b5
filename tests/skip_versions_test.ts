import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { readSnapshot } from "../lib/read_snapshot.ts";
import { openBucket } from "../lib/s3/bucket.ts";
import { snapshot } from "../lib/snapshot.ts";
import { startEmulator } from "./emulator/emulator.ts";

const VERSIONS = 300;
const PAGE_SIZE = 20;
const START = Date.UTC(2026, 0, 1);
const at = (second: number) => START + second * 1000;

/** One key with hundreds of versions between two others, as a state file that a program rewrites. */
async function startWorld(inclusiveKeyMarker: boolean) {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(
    await startEmulator({ pageSize: PAGE_SIZE, inclusiveKeyMarker, now: () => at(VERSIONS) }),
  );
  s3.createBucket("states", { versioning: "Enabled" });
  const rewritten = Array.from({ length: VERSIONS }, (_, i) => ({
    key: "state",
    body: "x".repeat(i + 1),
    lastModified: at(i),
  }));
  const others = ["a", "z"].map((key) => ({ key, body: key, lastModified: at(0) }));
  s3.seed("states", [...others, ...rewritten]);
  const { accessKeyId, secretAccessKey } = s3;
  const bucket = stack.use(
    openBucket(`s3://states?region=${s3.region}&endpoint=${s3.url}`, {
      credentials: { accessKeyId, secretAccessKey },
      concurrency: 1,
    }),
  );
  return { s3, bucket, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function sizesOf(world: Awaited<ReturnType<typeof startWorld>>, moment: number) {
  await using store = openMemoryStore();
  world.s3.requests.clear();
  const delay = () => Promise.resolve();
  const what = { bucket: world.bucket, store, at: moment, allowEmpty: true };
  const { id } = await snapshot({ ...what, delay });
  const entries = await Array.fromAsync(readSnapshot({ store, snapshot: id }));
  return {
    sizes: entries.map(({ key, size }) => `${key} ${size}`),
    pages: world.s3.requests.of("ListObjectVersions").length,
  };
}

for (const inclusive of [false, true]) {
  const server = inclusive ? "starts at a lone KeyMarker" : "starts behind a lone KeyMarker";

  Deno.test(`a snapshot finds the right one of many versions where the server ${server}`, async () => {
    await using world = await startWorld(inclusive);
    for (const version of [0, 1, 150, 280, VERSIONS - 1]) {
      const { sizes } = await sizesOf(world, at(version));
      assert.deepEqual(sizes, ["a 1", `state ${version + 1}`, "z 1"]);
    }
    assert.deepEqual((await sizesOf(world, at(-1))).sizes, []);
  });
}

Deno.test("versions that no snapshot can want are skipped where the server can", async () => {
  await using skipping = await startWorld(false);
  assert.ok((await sizesOf(skipping, at(VERSIONS - 1))).pages <= 4);
  await using reading = await startWorld(true);
  const { pages } = await sizesOf(reading, at(VERSIONS - 1));
  assert.ok(pages >= VERSIONS / PAGE_SIZE, "this server would send the same page for ever");
});
