import assert from "node:assert/strict";
import { join } from "node:path";
import { openMemoryStore } from "../backends/memory.ts";
import { download, type DownloadOptions } from "../lib/download.ts";
import { snapshot } from "../lib/snapshot.ts";
import { startEmulator } from "./emulator/emulator.ts";
import { TestBucket, type TestUpload } from "./test_bucket.ts";

const delay = () => Promise.resolve();
const MIB = 1024 ** 2;

async function bench(objects: Readonly<Record<string, string | Partial<TestUpload>>>) {
  const stack = new AsyncDisposableStack();
  const clock = { now: Date.now() };
  const emulator = stack.use(await startEmulator({ now: () => clock.now, thawTime: 60_000 }));
  const bucket = stack.use(
    await TestBucket.create({ ...emulator, endpoint: emulator.url }, "bucket"),
  );
  const store = stack.use(openMemoryStore());
  for (const [key, object] of Object.entries(objects)) await bucket.put(key, object);
  await snapshot({ bucket: bucket.handle, store, delay });
  const directory = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  const options: DownloadOptions = { store, snapshot: "latest", replica: bucket.handle, directory };
  const names = async () =>
    (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name);
  const read = (name: string) => Deno.readTextFile(join(directory, name));
  const dispose = () => stack.disposeAsync();
  return { clock, emulator, options, names, read, [Symbol.asyncDispose]: dispose };
}

Deno.test("a connection that breaks is opened again where it ended", async () => {
  const body = Array.from({ length: 4 * MIB / 8 }, (_, i) => String(i).padStart(8)).join("");
  await using given = await bench({ a: body });
  given.emulator.faults.add({ kind: "cut-body", operation: "GetObject", times: 5 });
  const { failed, copied } = await download(given.options);
  assert.deepEqual([failed, copied], [[], 1]);
  assert(await given.read("a") === body);
  assert.equal(given.emulator.requests.of("GetObject").length, 6);
});

Deno.test("bytes that are not the object's are refused, and no file is left", async () => {
  await using given = await bench({ a: "right", b: "right" });
  const { emulator, options } = given;
  const real = options.replica.request.bind(options.replica);
  options.replica.request = async (context, send) => {
    const output = await real(context, send);
    const { Body } = output as { Body?: object };
    if (context.operation !== "GetObject" || context.key !== "a" || !Body) return output;
    return { ...output, Body: (await import("node:stream")).Readable.from([new Uint8Array(5)]) };
  };
  const { failed, copied } = await download(options);
  assert.deepEqual([failed.map(({ key, code }) => [key, code]), copied], [
    [["a", "DamagedBody"]],
    1,
  ]);
  assert.deepEqual(await given.names(), ["b"]);
  assert.equal(emulator.requests.of("GetObject").length, 2);
});

Deno.test("archived versions are reported, thawed on request, and downloaded once they are readable", async () => {
  await using given = await bench({ a: { body: "old", storageClass: "GLACIER" }, b: "b" });
  const plan = await download({ ...given.options, dryRun: true });
  assert.deepEqual([plan.copied, plan.archived, plan.bytesArchived], [1, 1, 3]);
  const report = await download({ ...given.options, thaw: "bulk" });
  assert.deepEqual([report.copied, report.archived, report.thawing], [1, 1, 1]);
  given.clock.now += 120_000;
  const late = await download(given.options);
  assert.deepEqual([late.copied, late.unchanged, late.archived], [1, 1, 0]);
  assert.equal(await given.read("a"), "old");
});

Deno.test("an abort gives up what is on its way and says so", async () => {
  const objects = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`k${i}`, "x".repeat(MIB)]),
  );
  await using given = await bench(objects);
  const controller = new AbortController();
  const report = await download({
    ...given.options,
    concurrency: 2,
    signal: controller.signal,
    onProgress: ({ objects }) => objects === 3 && controller.abort(new Error("enough")),
  });
  assert.deepEqual([report.interrupted, report.failed], [true, []]);
  assert.ok(report.copied >= 3 && report.copied < 10, `${report.copied}`);
  const names = await given.names();
  assert.equal(names.length, report.copied);
  assert(names.every((name) => name.startsWith("k")));
  const rest = await download(given.options);
  assert.equal(rest.copied + rest.unchanged, 40);
});
