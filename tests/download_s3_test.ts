import assert from "node:assert/strict";
import { join } from "node:path";
import { openMemoryStore } from "../backends/memory.ts";
import { download, type DownloadOptions } from "../lib/download.ts";
import { keyOfPath } from "../lib/download/key_path.ts";
import type { RestoreReport } from "../lib/restore/restore_report.ts";
import { snapshot } from "../lib/snapshot.ts";
import { AWKWARD_KEYS } from "./awkward_keys.ts";
import { legacyText, putLegacy } from "./legacy_files.ts";
import { testServer } from "./s3_server.ts";
import { each, TestBucket } from "./test_bucket.ts";

const delay = () => Promise.resolve();

/** A bucket, and an empty directory. */
async function bench() {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await testServer());
  const store = stack.use(openMemoryStore());
  const bucket = stack.use(await TestBucket.create(server, server.bucketName("download")));
  const outside = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(outside, { recursive: true }));
  const directory = join(outside, "restored");
  const options: DownloadOptions = { store, snapshot: "latest", replica: bucket.handle, directory };
  const take = () => snapshot({ bucket: bucket.handle, store, delay });
  const dispose = () => stack.disposeAsync();
  return { store, bucket, outside, directory, options, take, [Symbol.asyncDispose]: dispose };
}

/** All files below a directory, by their paths in it. */
async function filesIn(directory: string, below = ""): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(join(directory, below))) {
    const path = below === "" ? name : `${below}/${name}`;
    if (isDirectory) Object.assign(files, await filesIn(directory, path));
    else files[path] = await Deno.readTextFile(join(directory, path));
  }
  return files;
}

function counts(report: RestoreReport) {
  const { objects, unchanged, copied, absent, archived, failed } = report;
  const numbers = { objects, unchanged, copied, absent, archived, failed: failed.length };
  return Object.fromEntries(Object.entries(numbers).filter(([, count]) => count > 0));
}

Deno.test("any keys become files inside the directory, with their bytes and dates", async () => {
  await using given = await bench();
  const { bucket, outside, directory, options, take } = given;
  const keys = [...AWKWARD_KEYS, "a", "a/b", "a/b/c", "empty"];
  await each(keys, (key) => bucket.put(key, key === "empty" ? "" : `body of ${key}`));
  await take();
  await each(keys.slice(0, 5), (key) => bucket.put(key, "new"));
  const plan = await download({ ...options, dryRun: true });
  const distinct = new Set(keys).size;
  assert.deepEqual(counts(plan), { objects: distinct, copied: distinct });
  await assert.rejects(Deno.stat(directory), Deno.errors.NotFound);

  const report = await download(options);
  assert.deepEqual(counts(report), counts(plan), JSON.stringify(report.failed));
  assert.equal(report.bytesCopied, plan.bytesCopied);
  const files = Object.entries(await filesIn(directory));
  assert.deepEqual(files.map(([path]) => keyOfPath(path)).sort(), [...new Set(keys)].sort());
  for (const [path, body] of files) {
    const key = keyOfPath(path);
    assert.equal(body, key === "empty" ? "" : `body of ${key}`);
  }
  assert.deepEqual((await Array.fromAsync(Deno.readDir(outside))).map(({ name }) => name), [
    "restored",
  ]);
  const oldest = (await bucket.versions()).find(({ key }) => key === "empty")!;
  const { mtime } = await Deno.stat(join(directory, "empty"));
  assert.equal(mtime!.getTime(), oldest.lastModified);
  assert.deepEqual(counts(await download(options)), { objects: distinct, unchanged: distinct });
});

Deno.test("files that are equal are left, others replaced, and the rest not touched", async () => {
  await using given = await bench();
  const { bucket, directory, options, take } = given;
  for (const key of ["a", "b", "c", "d/e"]) await bucket.put(key, key);
  await take();
  await download(options);
  await Deno.writeTextFile(join(directory, "a"), "longer");
  await Deno.writeTextFile(join(directory, "b"), "x");
  await Deno.writeTextFile(join(directory, "mine"), "mine");
  await Deno.remove(join(directory, "d"), { recursive: true });
  const plan = await download({ ...options, dryRun: true });
  assert.deepEqual(counts(plan), { objects: 4, unchanged: 1, copied: 3 });
  assert.deepEqual(counts(await download(options)), counts(plan));
  assert.deepEqual(await filesIn(directory), {
    a: "a",
    b: "b",
    c: "c",
    "d/e": "d/e",
    mine: "mine",
  });
});

Deno.test("symbolic links lead nowhere, and what is in the way is named", async () => {
  await using given = await bench();
  const { bucket, outside, directory, options, take } = given;
  for (const key of ["a/x", "b", "c", "d/x", "e"]) await bucket.put(key, "from S3");
  await take();
  await Deno.mkdir(join(outside, "elsewhere"));
  await Deno.writeTextFile(join(outside, "precious"), "precious");
  await Deno.mkdir(join(directory, "c"), { recursive: true });
  await Deno.symlink(join(outside, "elsewhere"), join(directory, "a"));
  await Deno.symlink(join(outside, "precious"), join(directory, "b"));
  await Deno.writeTextFile(join(directory, "d"), "a file");
  for (const dryRun of [true, false]) {
    const report = await download({ ...options, dryRun });
    assert.deepEqual(counts(report), { objects: 5, copied: 2, failed: 3 });
    assert.deepEqual(report.failed.map(({ key, code }) => [key, code]).sort(), [
      ["a/x", "InTheWay"],
      ["c", "InTheWay"],
      ["d/x", "InTheWay"],
    ]);
  }
  assert.deepEqual(await Array.fromAsync(Deno.readDir(join(outside, "elsewhere"))), []);
  assert.equal(await Deno.readTextFile(join(outside, "precious")), "precious");
  assert.equal(await Deno.readTextFile(join(directory, "b")), "from S3");
  assert((await Deno.lstat(join(directory, "b"))).isFile);
});

Deno.test("what a run that was killed left behind is removed", async () => {
  await using given = await bench();
  const { bucket, directory, options, take } = given;
  await bucket.put("a", "a");
  await take();
  await Deno.mkdir(join(directory, "%~é-part-1"), { recursive: true });
  await Deno.writeTextFile(join(directory, "%~é-part-1", "0"), "half");
  await download(options);
  assert.deepEqual(await filesIn(directory), { a: "a" });
  assert.equal((await Array.fromAsync(Deno.readDir(directory))).length, 1);
});

Deno.test("what others have put into the directory stays, whatever it is called", async () => {
  await using given = await bench();
  const { bucket, directory, options, take } = given;
  await bucket.put("a", "a");
  await take();
  await Deno.mkdir(join(directory, "%~theirs"), { recursive: true });
  await Deno.writeTextFile(join(directory, "%~theirs", "b"), "precious");
  await Deno.writeTextFile(join(directory, "%~é-part-list"), "precious");
  await download(options);
  assert.equal(await Deno.readTextFile(join(directory, "%~theirs", "b")), "precious");
  assert.equal(await Deno.readTextFile(join(directory, "%~é-part-list")), "precious");
});

Deno.test("a selection, a lost version and a file of 2015 are downloaded like any", async () => {
  await using given = await bench();
  const { store, bucket, directory, options, take } = given;
  await bucket.put("a/1", "one");
  const lost = await bucket.put("a/2", "two");
  await bucket.put("b", "b");
  await take();
  await bucket.remove("a/2", lost);
  const report = await download({ ...options, keys: ["a/1", "a/2", "nowhere"] });
  assert.deepEqual(counts(report), { objects: 2, copied: 1, absent: 1, failed: 2 });
  assert.deepEqual(report.failed.map(({ key, code }) => [key, code]).sort(), [
    ["a/2", "NoSuchVersion"],
    ["nowhere", "NotInSnapshot"],
  ]);
  assert.deepEqual(await filesIn(directory), { "a/1": "one" });
  const contents = (await bucket.versions()).map(({ key, versionId, size }) => ({
    Key: key,
    VersionId: versionId,
    Size: size,
    LastModified: "2015-06-04T01:19:56Z",
  }));
  await putLegacy(store, "20150605152158+0000UTC.Z", legacyText(contents));
  const old = await download({ ...options, snapshot: "20150605", include: ["b"] });
  assert.deepEqual(counts(old), { objects: 1, copied: 1 });
  const { mtime } = await Deno.stat(join(directory, "b"));
  assert.equal(mtime!.toISOString(), "2015-06-04T01:19:56.000Z");
});

Deno.test("an object that was uploaded in parts is downloaded whole", async () => {
  await using given = await bench();
  const { bucket, directory, options, take } = given;
  const parts = [new Uint8Array(5 * 1024 ** 2).fill(97), new Uint8Array(10).fill(98)];
  await bucket.putInParts("big", parts);
  await take();
  assert.deepEqual(counts(await download(options)), { objects: 1, copied: 1 });
  const text = await Deno.readTextFile(join(directory, "big"));
  assert.equal(text, "a".repeat(5 * 1024 ** 2) + "b".repeat(10));
});

Deno.test("a directory that cannot be one is refused", async () => {
  await using given = await bench();
  const { outside, bucket, options, take } = given;
  await bucket.put("a");
  await take();
  const directory = join(outside, "file");
  await Deno.writeTextFile(directory, "a file");
  for (const dryRun of [true, false]) {
    await assert.rejects(download({ ...options, directory, dryRun }), {
      code: "InvalidInput",
      message: /^cannot download to .*file: /,
    });
  }
});
