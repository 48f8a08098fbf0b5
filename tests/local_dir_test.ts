/** What the conformance suite cannot see of a local directory. */
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { openLocalDirStore } from "../backends/local_dir.ts";
import type { SnapshotStore } from "../testing.ts";
import { putAndKill, putTooMuch, raceToCreate } from "./store_processes/processes.ts";

/** A directory that is removed at the end. */
class Scratch implements AsyncDisposable {
  readonly path = Deno.makeTempDirSync({ prefix: "local-dir-" });
  readonly root = `${this.path}/store`;
  readonly url = pathToFileURL(this.root).href;

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

function body(text: string): ReadableStream<Uint8Array> {
  return new Blob([text]).stream();
}

async function read(store: SnapshotStore, name: string): Promise<string> {
  return await new Response(await store.get(name)).text();
}

async function names(store: SnapshotStore, prefix = ""): Promise<string[]> {
  return (await Array.fromAsync(store.list({ prefix }))).map((item) => item.name);
}

async function filesIn(path: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).sort();
}

Deno.test("a name is a file of that path, and deletion prunes its directories", async () => {
  await using scratch = new Scratch();
  await using store = openLocalDirStore(scratch.url);
  await store.put("a/b/c.json", body("one"));
  await store.put("a/d", body("two"));
  assert.equal(await Deno.readTextFile(`${scratch.root}/a/b/c.json`), "one");
  await store.delete("a/b/c.json");
  assert.deepEqual(await filesIn(`${scratch.root}/a`), ["d"]);
  await store.delete("a/d");
  assert.deepEqual(await filesIn(scratch.root), [".partial"]);
  assert.deepEqual(await filesIn(`${scratch.root}/.partial`), []);
});

Deno.test("a store that is only read makes nothing", async () => {
  await using scratch = new Scratch();
  await using store = openLocalDirStore(scratch.url);
  assert.deepEqual(await names(store), []);
  await store.delete("a");
  await assert.rejects(store.get("a"), { code: "NotFound" });
  assert.deepEqual(await filesIn(scratch.path), []);
});

Deno.test("a killed writer leaves nothing to see, and the next one removes the rest", async () => {
  await using scratch = new Scratch();
  await putAndKill(scratch.url, "a/name", 3);
  assert.equal((await filesIn(`${scratch.root}/.partial`)).length, 1);
  await using store = openLocalDirStore(scratch.url);
  assert.deepEqual(await names(store), []);
  await store.put("a/name", body("after"), { createOnly: true });
  assert.equal(await read(store, "a/name"), "after");
  assert.deepEqual(await filesIn(`${scratch.root}/.partial`), []);
});

Deno.test("a sweep spares the file of a writer that lives", async () => {
  await using scratch = new Scratch();
  await using slow = openLocalDirStore(scratch.url);
  const gate = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const put = slow.put(
    "slow",
    ReadableStream.from(async function* () {
      yield new TextEncoder().encode("first, ");
      started.resolve();
      await gate.promise;
      yield new TextEncoder().encode("last");
    }()),
  );
  await started.promise;
  await using other = openLocalDirStore(scratch.url);
  await other.put("other", body("other"));
  assert.equal((await filesIn(`${scratch.root}/.partial`)).length, 1);
  gate.resolve();
  await put;
  assert.equal(await read(other, "slow"), "first, last");
});

Deno.test("a name that is taken in .partial is not written over", async () => {
  await using scratch = new Scratch();
  const unique = ["same", "same", "other"];
  await using store = openLocalDirStore(scratch.url, { uniqueName: () => unique.shift()! });
  const gate = Promise.withResolvers<void>();
  const first = store.put(
    "first",
    ReadableStream.from(async function* () {
      yield new TextEncoder().encode("first");
      await gate.promise;
    }()),
  );
  while (unique.length === 3) await new Promise((resolve) => setTimeout(resolve));
  await store.put("second", body("second"));
  gate.resolve();
  await first;
  assert.equal(await read(store, "first"), "first");
  assert.equal(await read(store, "second"), "second");
  assert.deepEqual(unique, []);
});

Deno.test("a name that a dead writer left in .partial is not reused", async () => {
  await using scratch = new Scratch();
  const unique = ["one", "same", "other"];
  await using store = openLocalDirStore(scratch.url, { uniqueName: () => unique.shift()! });
  await store.put("a", body("a"));
  await Deno.writeTextFile(`${scratch.root}/.partial/same`, "longer than what comes");
  await store.put("a", body("short"));
  assert.equal(await read(store, "a"), "short");
});

Deno.test("of two processes that create one name, one wins", async () => {
  await using scratch = new Scratch();
  const outcomes = await raceToCreate(scratch.url, "a/lock", 2);
  assert.deepEqual(outcomes.sort(), ["AlreadyExists", "done"]);
  await using store = openLocalDirStore(scratch.url);
  const bytes = await new Response(await store.get("a/lock")).bytes();
  assert.equal(bytes.length, 3_300_000);
  assert.ok(bytes.every((byte) => byte === bytes[0]), "the body is a mixture of two");
});

Deno.test("puts and deletions that race for a directory both get their way", async () => {
  await using scratch = new Scratch();
  await using store = openLocalDirStore(scratch.url);
  for (let round = 0; round < 20; round++) {
    await store.put("a/b/old", body("old"));
    await Promise.all([store.delete("a/b/old"), store.put("a/b/new", body(`new ${round}`))]);
    assert.equal(await read(store, "a/b/new"), `new ${round}`);
    await store.delete("a/b/new");
  }
  assert.deepEqual(await names(store), []);
});

Deno.test("a full disk is NoSpace, and leaves what was there", async () => {
  await using scratch = new Scratch();
  const { outcomes, names } = await putTooMuch(pathToFileURL(scratch.path).href, scratch.path);
  assert.deepEqual(outcomes, ["done", "NoSpace", "done"]);
  assert.deepEqual(names, ["after", "before"]);
});

Deno.test("a file that may not grow is NoSpace, and leaves what was there", async () => {
  await using scratch = new Scratch();
  const url = pathToFileURL(scratch.path).href;
  const { outcomes, names } = await putTooMuch(url, scratch.path, "file");
  assert.deepEqual(outcomes, ["done", "NoSpace", "done"]);
  assert.deepEqual(names, ["after", "before"]);
});

Deno.test("a directory that cannot be made is Denied", async () => {
  // Nobody may make a directory there, not even root.
  await using store = openLocalDirStore("file:///sys/backup-my-bucket");
  await assert.rejects(store.put("a", body("a")), {
    name: "StoreError",
    code: "Denied",
    message: /cannot write "a" in file:\/\/\/sys\/backup-my-bucket: .*grant this user/,
  });
});

Deno.test({
  name: "a directory that the program may not write to is Denied",
  permissions: { read: true, write: false },
  async fn() {
    await using store = openLocalDirStore("file:///var/backup-my-bucket");
    assert.deepEqual(await names(store), []);
    await assert.rejects(store.put("a", body("a")), { code: "Denied", message: /--allow-write/ });
  },
});

Deno.test("a file in the directory's place is an error that says so", async () => {
  await using scratch = new Scratch();
  await Deno.writeTextFile(scratch.root, "a file");
  await using store = openLocalDirStore(scratch.url);
  await assert.rejects(store.put("a", body("a")), { code: "Unavailable" });
  await assert.rejects(() => names(store), { code: "Unavailable", message: /Not a directory/ });
});

Deno.test("a symbolic link is no way out of the store", async () => {
  await using scratch = new Scratch();
  await using store = openLocalDirStore(scratch.url);
  await store.put("a", body("inside"));
  const outside = `${scratch.path}/outside`;
  await Deno.mkdir(outside);
  await Deno.writeTextFile(`${outside}/secret`, "outside");
  await Deno.symlink(outside, `${scratch.root}/folder`);
  await Deno.symlink(`${outside}/secret`, `${scratch.root}/link`);
  assert.deepEqual(await names(store), ["a"]);
  assert.deepEqual(await names(store, "folder/"), []);
  for (const name of ["link", "folder/secret"]) {
    await assert.rejects(store.get(name), { code: "NotFound" });
    await store.delete(name);
  }
  await assert.rejects(store.put("folder/new", body("x")), {
    code: "Denied",
    message: /symbolic link/,
  });
  await store.put("link", body("replaces the link itself"));
  assert.equal(await read(store, "link"), "replaces the link itself");
  assert.deepEqual(await filesIn(outside), ["secret"]);
  assert.equal(await Deno.readTextFile(`${outside}/secret`), "outside");
});

Deno.test("a file that shrinks while it is read is an error, not an end", async () => {
  await using scratch = new Scratch();
  await using store = openLocalDirStore(scratch.url);
  await store.put("a", body("a".repeat(1_000_000)));
  const stream = await store.get("a");
  await Deno.truncate(`${scratch.root}/a`, 300_000);
  await assert.rejects(new Response(stream).text(), {
    name: "StoreError",
    code: "Corrupt",
    message: /ends after 300000 of 1000000 bytes/,
  });
});

Deno.test("a file is delivered as it was when it was asked for, however small", async () => {
  await using scratch = new Scratch();
  await using store = openLocalDirStore(scratch.url);
  for (const length of [0, 1, 256 * 1024, 256 * 1024 + 1]) {
    for (const change of ["put", "delete"] as const) {
      await store.put("a", body("a".repeat(length)));
      const stream = await store.get("a");
      if (change === "put") await store.put("a", body("b".repeat(length + 1)));
      else await store.delete("a");
      assert.equal(await new Response(stream).text(), "a".repeat(length), `${length}, ${change}`);
    }
  }
});

Deno.test("a small file that is not wanted any more, or aborted, is let go of", async () => {
  await using scratch = new Scratch();
  await using store = openLocalDirStore(scratch.url);
  await store.put("a", body("a"));
  await (await store.get("a")).cancel();
  const abort = new AbortController();
  const stream = await store.get("a", { signal: abort.signal });
  abort.abort(new Error("enough"));
  await assert.rejects(new Response(stream).text(), /enough/);
});

Deno.test("what is no name of a store is left out of a list", async () => {
  await using scratch = new Scratch();
  await using store = openLocalDirStore(scratch.url);
  await store.put("20150605152158+0000UTC", body("a"));
  for (const name of [".hidden", "with space", "~backup", "_underscore"]) {
    await Deno.writeTextFile(`${scratch.root}/${name}`, "");
  }
  assert.deepEqual(await names(store), ["20150605152158+0000UTC"]);
});
