import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { openStore } from "../backends/open_store.ts";
import { gc } from "../lib/gc.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { listPoints } from "../lib/points.ts";
import { readSnapshot } from "../lib/read_snapshot.ts";
import { formatBucketUrl } from "../lib/s3/bucket_url.ts";
import { unlock } from "../lib/unlock.ts";
import { testServer } from "./s3_server.ts";
import { runs, SEED, seededRandom } from "./seed.ts";
import type { ProgramTask } from "./simulation/program.ts";
import { each, TestBucket } from "./test_bucket.ts";

const KEYS = Array.from({ length: 60 }, (_, i) => `key ${i}`);
/** About as long as a run takes from its first request to its last, in milliseconds. */
const LONGEST_WAIT = 250;

/** Start a program and, after so many milliseconds of work, kill it. @returns Its exit code */
async function run(task: ProgramTask, killAfter?: number): Promise<number> {
  const program = fileURLToPath(new URL("./simulation/program.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--quiet", "--allow-all", program, JSON.stringify(task)],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  const { done } = await reader.read();
  if (!done && killAfter !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, killAfter));
    try {
      child.kill("SIGKILL");
    } catch (error) {
      // It came to its end before.
      if (!(error instanceof TypeError)) throw error;
    }
  }
  while (!(await reader.read()).done);
  return (await child.status).code;
}

/** Every point that is not marked can be read, and every version it names is there. */
async function checkPoints(store: SnapshotStore, bucket: TestBucket): Promise<string[]> {
  const there = new Set((await bucket.versions()).map(({ key, versionId }) => key + versionId));
  const whole: string[] = [];
  for await (const { id, expired, error } of listPoints(store)) {
    assert.equal(error, undefined);
    if (expired) continue;
    whole.push(id);
    for await (const { key, versionId } of readSnapshot({ store, snapshot: id })) {
      assert(there.has(key + versionId), `seed ${SEED}: ${id} lost ${key} ${versionId}`);
    }
  }
  return whole;
}

for (const scheme of ["file", "sqlite"]) {
  Deno.test(`snapshot and gc, killed at any moment, lose nothing (${scheme} store)`, async () => {
    await using server = await testServer();
    await using bucket = await TestBucket.create(server, server.bucketName(`kill-${scheme}`));
    const directory = await Deno.makeTempDir();
    const url = `${scheme}://${directory}/store`;
    const { accessKeyId, secretAccessKey } = server;
    const common = {
      bucket: formatBucketUrl(bucket.handle.location),
      store: url,
      accessKeyId,
      secretAccessKey,
    };
    const random = seededRandom(SEED);
    try {
      let killed = 0;
      for (let round = 0; round < runs(3).numRuns; round++) {
        await each(KEYS, (key) => random() < 0.5 ? bucket.put(key, key) : Promise.resolve());
        for (const operation of ["snapshot", "gc"] as const) {
          const code = await run({ ...common, operation }, random() * LONGEST_WAIT);
          if (code !== 0) killed++;
          await using store = await openStore(url);
          await unlock({ store, bucket: bucket.handle });
          await checkPoints(store, bucket);
        }
      }
      assert(killed > 0, "none was killed in time");
      assert.equal(await run({ ...common, operation: "snapshot" }), 0);
      await using store = await openStore(url);
      await gc({ store, bucket: bucket.handle, policy: { keepLast: 1 } });
      const [kept, ...others] = await checkPoints(store, bucket);
      assert.deepEqual(others, []);
      const named = await Array.fromAsync(readSnapshot({ store, snapshot: kept! }));
      assert.equal(named.length, (await bucket.keys()).length);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });

  Deno.test(`of programs that run at once one works at a time (${scheme} store)`, async () => {
    await using server = await testServer();
    await using bucket = await TestBucket.create(server, server.bucketName(`race-${scheme}`));
    const directory = await Deno.makeTempDir();
    const { accessKeyId, secretAccessKey } = server;
    const task = (operation: ProgramTask["operation"]) => ({
      operation,
      bucket: formatBucketUrl(bucket.handle.location),
      store: `${scheme}://${directory}/store`,
      accessKeyId,
      secretAccessKey,
    });
    try {
      await each(KEYS, (key) => bucket.put(key, "1"));
      assert.equal(await run(task("snapshot")), 0);
      await each(KEYS, (key) => bucket.put(key, "2"));
      const codes = await Promise.all(
        (["snapshot", "gc", "gc", "snapshot"] as const).map((operation) => run(task(operation))),
      );
      assert(codes.includes(0), "somebody wins");
      await using store = await openStore(task("gc").store);
      assert((await checkPoints(store, bucket)).length > 0);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}
