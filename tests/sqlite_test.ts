/** What the conformance suite cannot see of a SQLite file. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "../backends/sqlite.ts";
import type { SnapshotStore } from "../testing.ts";
import { putAndKill, putTooMuch, raceToCreate } from "./store_processes/processes.ts";

const DAY = 24 * 60 * 60 * 1000;

/** A directory that is removed at the end. */
class Scratch implements AsyncDisposable {
  readonly directory = Deno.makeTempDirSync({ prefix: "sqlite-" });
  readonly path = `${this.directory}/store.db`;
  readonly url = `sqlite://${this.path}`;

  /** Rows of a table, read by another connection. */
  count(table: "body" | "chunk"): number {
    using db = new DatabaseSync(this.path);
    return Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.directory, { recursive: true });
  }
}

function body(text: string): ReadableStream<Uint8Array> {
  return new Blob([text]).stream();
}

async function names(store: SnapshotStore): Promise<string[]> {
  return (await Array.fromAsync(store.list())).map((item) => item.name);
}

Deno.test("a store that is only read makes no file", async () => {
  await using scratch = new Scratch();
  await using store = openSqliteStore(scratch.url);
  assert.deepEqual(await names(store), []);
  await store.delete("a");
  await assert.rejects(store.get("a"), { code: "NotFound" });
  assert.deepEqual(await Array.fromAsync(Deno.readDir(scratch.directory)), []);
});

Deno.test("the directories of the file are made", async () => {
  await using scratch = new Scratch();
  await using store = openSqliteStore(`sqlite://${scratch.directory}/a/b/store.db`);
  await store.put("a", body("a"));
  assert.deepEqual(await names(store), ["a"]);
});

Deno.test("a killed writer leaves nothing to see, and its chunks go a day later", async () => {
  await using scratch = new Scratch();
  await putAndKill(scratch.url, "a/name", 3);
  assert.equal(scratch.count("chunk"), 2);
  {
    await using store = openSqliteStore(scratch.url);
    assert.deepEqual(await names(store), []);
    await store.put("a/name", body("soon after"), { createOnly: true });
    assert.equal(scratch.count("chunk"), 3, "a writer that may be alive must be spared");
  }
  await using store = openSqliteStore(scratch.url, { now: () => Date.now() + 2 * DAY });
  await store.put("a/name", body("later"));
  assert.equal(await new Response(await store.get("a/name")).text(), "later");
  await store.put("b", body("another"));
  assert.deepEqual([scratch.count("body"), scratch.count("chunk")], [2, 2]);
});

Deno.test("a writer that was taken for dead rejects, and shows nothing", async () => {
  await using scratch = new Scratch();
  await using slow = openSqliteStore(scratch.url);
  const gate = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const put = slow.put(
    "slow",
    ReadableStream.from(async function* () {
      yield new Uint8Array(3_000_000);
      started.resolve();
      await gate.promise;
      yield new Uint8Array(3_000_000);
    }()),
  );
  await started.promise;
  await using other = openSqliteStore(scratch.url, { now: () => Date.now() + 2 * DAY });
  await other.put("other", body("other"));
  gate.resolve();
  await assert.rejects(put, { name: "StoreError", code: "Unavailable", retryable: true });
  assert.deepEqual(await names(slow), ["other"]);
});

Deno.test("what was replaced and deleted makes room for the next put", async () => {
  await using scratch = new Scratch();
  await using store = openSqliteStore(scratch.url);
  await store.put("a", body("a".repeat(20_000_000)));
  await store.put("a", body("b"));
  await store.put("c", body("c"));
  await store.delete("c");
  await store.put("d", body("d"));
  assert.deepEqual([scratch.count("body"), scratch.count("chunk")], [2, 2]);
});

Deno.test("of two processes that create one name in a new file, one wins", async () => {
  await using scratch = new Scratch();
  const outcomes = await raceToCreate(scratch.url, "a/lock", 2);
  assert.deepEqual(outcomes.sort(), ["AlreadyExists", "done"]);
  await using store = openSqliteStore(scratch.url);
  const bytes = await new Response(await store.get("a/lock")).bytes();
  assert.equal(bytes.length, 3_300_000);
  assert.ok(bytes.every((byte) => byte === bytes[0]), "the body is a mixture of two");
});

Deno.test("a lock that another process holds is waited for, then an error to retry", async () => {
  await using scratch = new Scratch();
  await using store = openSqliteStore(scratch.url, { busyTimeout: 1 });
  await store.put("a", body("a"));
  {
    using other = new DatabaseSync(scratch.path);
    other.exec("BEGIN IMMEDIATE");
    await assert.rejects(store.put("b", body("b")), {
      name: "StoreError",
      code: "Unavailable",
      retryable: true,
      message: /another process is writing to it/,
    });
    assert.deepEqual(await names(store), ["a"], "a writer must not stop readers");
    other.exec("ROLLBACK");
  }
  await store.put("b", body("b"));
  assert.deepEqual(await names(store), ["a", "b"]);
});

Deno.test("a full disk is an error, and leaves what was there", async () => {
  await using scratch = new Scratch();
  const { limit, outcomes, names } = await putTooMuch(scratch.url, scratch.directory);
  // SQLite knows a full disk, and calls a file that may not grow an error of the disk.
  assert.deepEqual(outcomes.slice(0, 2), ["done", limit === "disk" ? "NoSpace" : "Unavailable"]);
  assert.ok(names.includes("before") && !names.includes("big"), `there are ${names}`);
});

Deno.test("room is found again after a disk was full", async () => {
  await using scratch = new Scratch();
  const { outcomes, names } = await putTooMuch(scratch.url, scratch.directory);
  assert.equal(outcomes[2], "done");
  assert.deepEqual(names, ["after", "before"]);
});

Deno.test("a file that cannot be made is Denied", async () => {
  // Nobody may make a file there, not even root.
  await using store = openSqliteStore("sqlite:///sys/backup-my-bucket.db");
  await assert.rejects(store.put("a", body("a")), {
    name: "StoreError",
    code: "Denied",
    message: /cannot write "a" in sqlite:\/\/\/sys\/backup-my-bucket\.db: .*grant this user/,
  });
});

/** Files that are no store, and what is said about them. */
const STRANGERS: Readonly<Record<string, readonly [(path: string) => void, RegExp]>> = {
  "no database": [
    (path) => Deno.writeTextFileSync(path, "This is a letter to my aunt.\n".repeat(200)),
    /Corrupt.*no SQLite database/,
  ],
  "another program's database": [
    (path) => {
      using db = new DatabaseSync(path);
      db.exec("CREATE TABLE aunts (name TEXT)");
    },
    /Corrupt.*another program's database/,
  ],
  "a later release's database": [
    (path) => {
      using db = new DatabaseSync(path);
      db.exec(`PRAGMA application_id = ${0x626d6253}; PRAGMA user_version = 2`);
    },
    /Unsupported.*later release/,
  ],
};

for (const [what, [make, expected]] of Object.entries(STRANGERS)) {
  Deno.test(`${what} is refused, and not touched`, async () => {
    await using scratch = new Scratch();
    make(scratch.path);
    await using store = openSqliteStore(scratch.url);
    for (const call of [() => store.put("a", body("a")), () => names(store)]) {
      await assert.rejects(async () => await call(), (error: Error & { code: string }) => {
        assert.match(`${error.code} ${error.message}`, expected);
        return true;
      });
    }
  });
}

Deno.test("a chunk that is missing is an error, not an end", async () => {
  await using scratch = new Scratch();
  await using store = openSqliteStore(scratch.url);
  await store.put("a", body("a".repeat(3_500_000)));
  const stream = await store.get("a");
  {
    using db = new DatabaseSync(scratch.path);
    db.exec("DELETE FROM chunk WHERE number = 2");
  }
  await assert.rejects(new Response(stream).text(), { name: "StoreError", code: "Unavailable" });
});
