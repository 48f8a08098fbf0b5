/** Processes of the real command on one store, one of them stopped at a moment of its work. */
import assert from "node:assert/strict";
import { readLock } from "../lib/lock.ts";
import { serverNow } from "../lib/s3/server_time.ts";
import { snapshot } from "../lib/snapshot.ts";
import { type CommandResult, resultOf } from "./command.ts";
import { ProcessWorld, STORE_KINDS, type StoreKind } from "./process_world.ts";
import type { ProxiedRequest } from "./s3_proxy.ts";
import { runs, SEED, seededRandom } from "./seed.ts";
import { each } from "./test_bucket.ts";

const KEYS = Array.from({ length: 20 }, (_, i) => `key ${i}`);
const COMMANDS = { snapshot: ["snapshot"], gc: ["gc", "--keep-last", "1"] } as const;
type CommandName = keyof typeof COMMANDS;

/** A lease, and the clocks' skew, in milliseconds: then a lock that is not renewed is free. */
const LEASE = 70_000;
/** Requests at the end of a run, among which are its last changes. */
const LAST_REQUESTS = 10;
/** Sleepers of each store at moments that the seed decides. */
const ROUNDS = Deno.env.has("BMB_TEST_S3_ENDPOINT") ? 4 : 2;

async function overwrite({ bucket }: ProcessWorld, body: string): Promise<void> {
  await each(KEYS, (key) => bucket.put(key, body));
}

/** Without the command, and without waiting for the second to end, which is faster. */
async function takeSnapshot({ replica, store }: ProcessWorld): Promise<void> {
  await snapshot({ bucket: replica, store, delay: () => Promise.resolve() });
}

async function finish(world: ProcessWorld, name: CommandName, when: string): Promise<number> {
  const { code, stderr } = await world.run(COMMANDS[name]);
  assert.equal(code, 0, `seed ${SEED}, ${when}: ${stderr}`);
  return world.proxy.count;
}

/** A process that stands still. */
interface Stopped {
  readonly pid: number;
  readonly goOn: () => Promise<CommandResult>;
}

/** Start the command and stop it at the first request that is the moment; that one waits with it. */
async function stopAt(
  world: ProcessWorld,
  name: CommandName,
  isMoment: (request: ProxiedRequest) => Promise<boolean> | boolean,
): Promise<Stopped> {
  const { proxy } = world;
  const child = await world.start(COMMANDS[name]);
  const result = resultOf(child);
  const stopped = Promise.withResolvers<void>(), gate = Promise.withResolvers<void>();
  const before = async (request: ProxiedRequest) => {
    if (proxy.hooks.before !== before || !await isMoment(request)) return;
    proxy.hooks = {};
    child.kill("SIGSTOP");
    stopped.resolve();
    await gate.promise;
  };
  proxy.hooks = { before };
  await Promise.race([stopped.promise, result]);
  proxy.hooks = {};
  return {
    pid: child.pid,
    goOn: async () => {
      gate.resolve();
      try {
        child.kill("SIGCONT");
      } catch (error) {
        // It came to its end before that moment.
        if (!(error instanceof TypeError)) throw error;
      }
      return await result;
    },
  };
}

/** Run something on a world of each kind of store, at once: most of the time each waits. */
async function withEachStore(
  hint: string,
  work: (world: ProcessWorld, kind: StoreKind) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(STORE_KINDS.map(async (kind) => {
    await using world = await ProcessWorld.create(kind, hint);
    await overwrite(world, "first");
    await work(world, kind);
  }));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

Deno.test("while one process works, a second is refused and told who works", async () => {
  await withEachStore("refused", async (world, kind) => {
    const { store, replica } = world;
    await takeSnapshot(world);
    await overwrite(world, "second");
    for (const [first, second] of [["snapshot", "gc"], ["gc", "gc"], ["gc", "snapshot"]] as const) {
      const when = `${kind}, ${second} while ${first} works`;
      // Its own time is asked for past the proxy's hooks, which stop at the very first.
      const now = await serverNow(replica);
      const stopped = await stopAt(world, first, async () => !!await readLock(store, now));
      const { code, stderr } = await world.run(COMMANDS[second]);
      assert.equal(code, 1, when);
      const holder = `is locked by process ${stopped.pid} for ${first} of s3://`;
      assert(stderr.includes(holder), `${when}: ${stderr}`);
      const end = await stopped.goOn();
      assert.equal(end.code, 0, `${when}: ${end.stderr}`);
      await world.assertSound(when);
    }
  });
});

/** Stop a process, let its lease run out, do all that may hurt it, and let it go on. */
async function sleep(
  world: ProcessWorld,
  name: CommandName,
  isMoment: (request: ProxiedRequest) => boolean,
  when: string,
): Promise<CommandResult> {
  await overwrite(world, `long before ${when}`);
  await takeSnapshot(world);
  // A collection needs something to collect. A snapshot shall need what another point has, too.
  if (name === "gc") await overwrite(world, `before ${when}`);
  const stopped = await stopAt(world, name, isMoment);
  world.proxy.clockOffset += LEASE;
  // What the sleeper may have seen as current is not any more, and what it may need is collected.
  await overwrite(world, `during ${when}`);
  await finish(world, "snapshot", `after ${when}`);
  await finish(world, "gc", `after ${when}`);
  const before = await world.current();
  const result = await stopped.goOn();
  if (result.code !== 0) assert.match(result.stderr, /lock/, `seed ${SEED}, ${when}`);
  const after = new Set(await world.current());
  assert.deepEqual(before.filter((each) => !after.has(each)), [], `seed ${SEED}, ${when}`);
  assert((await world.assertSound(when)).length > 0, `seed ${SEED}, ${when}`);
  return result;
}

Deno.test("a holder that slept past its lease changes nothing more", async () => {
  const random = seededRandom(SEED);
  await withEachStore("slept", async (world, kind) => {
    const requests = { snapshot: await finish(world, "snapshot", kind), gc: 0 };
    await overwrite(world, "second");
    await takeSnapshot(world);
    requests.gc = await finish(world, "gc", kind);
    for (let round = 0; round < runs(ROUNDS).numRuns; round++) {
      const name = round % 2 === 0 ? "snapshot" : "gc";
      const request = requests[name] -
        Math.floor(random() * Math.min(LAST_REQUESTS, requests[name]));
      const when = `${kind}, ${name} stopped at request ${request} of ${requests[name]}`;
      await sleep(world, name, ({ number }) => number === request, when);
    }
    if (kind === "s3") {
      const isManifest = ({ method, path }: ProxiedRequest) =>
        method === "PUT" && path.includes("manifest.json");
      const { code } = await sleep(world, "snapshot", isManifest, "a snapshot's last step");
      assert.equal(code, 1, "a snapshot that exists too late may lack versions");
    }
    const isDeletion = ({ path }: ProxiedRequest) => path.includes("?delete");
    const { code } = await sleep(world, "gc", isDeletion, "the deletion of a batch");
    assert.equal(code, 1, `${kind}: the sleeper did not notice`);
  });
});

Deno.test("of processes that start at once one works at a time", async () => {
  await withEachStore("race", async (world, kind) => {
    await takeSnapshot(world);
    await overwrite(world, "second");
    const before = await world.current();
    const racers = ["snapshot", "gc", "gc", "snapshot"] as const;
    const results = await Promise.all(racers.map((name) => world.run(COMMANDS[name])));
    assert(results.some(({ code }) => code === 0), `${kind}: somebody wins`);
    for (const { code, stderr } of results) {
      if (code !== 0) assert.match(stderr, /is locked by process \d+ for /, kind);
    }
    const after = new Set(await world.current());
    assert.deepEqual(before.filter((each) => !after.has(each)), [], kind);
    assert((await world.assertSound(kind)).length > 0);
  });
});
