import assert from "node:assert/strict";
import { openStore } from "../backends/open_store.ts";
import { snapshot } from "../lib/snapshot.ts";
import { unlock } from "../lib/unlock.ts";
import { runCommand, startCommand } from "./command.ts";
import { testServer } from "./s3_server.ts";
import { runs, SEED, seededRandom } from "./seed.ts";
import { each, TestBucket } from "./test_bucket.ts";

const KEYS = Array.from({ length: 150 }, (_, i) => `key ${i}`);
/** When a run is killed, measured by how long a dry run takes, which does all but the copies. */
const SHORTEST_WAIT = 0.5, LONGEST_WAIT = 1.5;

Deno.test("a restore that is killed at any moment is finished by running it again", async () => {
  await using server = await testServer();
  const name = server.bucketName("restore-kill");
  await using bucket = await TestBucket.create(server, name);
  const store = await Deno.makeTempDir();
  const random = seededRandom(SEED);
  try {
    await each(KEYS, (key) => bucket.put(key, { body: "old", tags: { of: key.slice(4) } }));
    await using opened = await openStore(store);
    const { id } = await snapshot({ bucket: bucket.handle, store: opened });
    const before = await bucket.contents();
    const harm = () =>
      Promise.all([
        each(
          KEYS,
          (key, i = Number(key.slice(4))) =>
            i % 3 === 0 ? bucket.remove(key) : bucket.put(key, "new"),
        ),
        each(["stray/1", "stray/2"], (key) => bucket.put(key, "new")),
      ]);
    await harm();

    const source = `s3://${name}?region=${server.region}&endpoint=${server.endpoint}`;
    const words = ["restore", id, "--delete", "--source", source, "--store", store, "-q"];
    const options = {
      allow: ["--allow-all"],
      env: {
        AWS_ACCESS_KEY_ID: server.accessKeyId,
        AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
      },
    };
    const began = performance.now();
    await runCommand([...words, "--dry-run"], options);
    const unit = performance.now() - began;
    let killed = 0;
    for (let round = 0; round < runs(10).numRuns; round++) {
      const quick = random() < 0.7 ? ["--no-safety-snapshot"] : [];
      const child = await startCommand([...words, ...quick, "--concurrency=1"], options);
      const wait = unit * (SHORTEST_WAIT + random() * (LONGEST_WAIT - SHORTEST_WAIT));
      const timer = setTimeout(() => child.kill("SIGKILL"), wait);
      const { signal } = await child.output();
      clearTimeout(timer);
      if (signal === "SIGKILL") killed++;
      else await harm();
      // In place of waiting until the lock of a dead process ends by itself.
      await unlock({ store: opened, bucket: bucket.handle });
      for (const [key, { body }] of await bucket.contents()) {
        assert(body === "old" || body === "new", `seed ${SEED}: ${key} holds ${body}`);
      }
    }
    assert(killed > 0, "none was killed in time");
    const { code, stderr } = await runCommand([...words, "--json"], options);
    assert.equal(code, 0, `seed ${SEED}: ${stderr}`);
    assert.deepEqual(await bucket.contents(), before, `seed ${SEED}`);
    const again = await runCommand([...words, "--json"], options);
    assert.equal(JSON.parse(again.stdout).unchanged, KEYS.length);
  } finally {
    await Deno.remove(store, { recursive: true });
  }
});
