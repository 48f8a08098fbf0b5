/**
 * The real command, killed at moments that the seed decides: when it has made so many requests,
 * before the server gets one, after it has done it, or a little later, which is where the files of a
 * local store are written. BMB_RUNS multiplies the kills.
 */
import assert from "node:assert/strict";
import { restore } from "../lib/restore.ts";
import { unlock } from "../lib/unlock.ts";
import { verify } from "../lib/verify.ts";
import { resultOf } from "./command.ts";
import { ProcessWorld, STORE_KINDS, type StoreKind } from "./process_world.ts";
import type { ProxiedRequest } from "./s3_proxy.ts";
import { runs, SEED, seededRandom } from "./seed.ts";
import { each } from "./test_bucket.ts";

const KEYS = Array.from({ length: 40 }, (_, i) => `key ${i}`);
const COMMANDS = {
  snapshot: ["snapshot"],
  gc: ["gc", "--keep-last", "2"],
} as const;
type CommandName = keyof typeof COMMANDS;

/** Over all stores, fifty kills on a gateway; fewer where the same is just a faster emulator. */
const KILLS_PER_STORE = Deno.env.has("BMB_TEST_S3_ENDPOINT") ? 17 : 3;
/** Of the runs that were killed, those that the same command is run after, to its end. */
const SHARE_FINISHED = 0.3;
/** How long after an answer a local store may still be written, in milliseconds. */
const LONGEST_DELAY = 12;

interface Moment {
  readonly request: number;
  readonly when: "before" | "after" | "later";
  readonly delay: number;
}

class Killer {
  readonly world: ProcessWorld;
  readonly random = seededRandom(SEED);
  /** Requests that each command makes; learnt as it runs. */
  readonly requests = { snapshot: 1, gc: 1 };

  constructor(world: ProcessWorld) {
    this.world = world;
  }

  /** Overwrite, delete and bring back some keys. */
  async change(): Promise<void> {
    const { bucket } = this.world;
    await each(KEYS, async (key) => {
      const dice = this.random();
      if (dice < 0.3) await bucket.put(key, `${dice}`);
      else if (dice < 0.4) await bucket.remove(key);
    });
  }

  /** Run it to its end. */
  async finish(name: CommandName, when: string): Promise<void> {
    const { code, stderr } = await this.world.run(COMMANDS[name]);
    assert.equal(code, 0, `seed ${SEED}, ${when}: ${stderr}`);
    this.requests[name] = this.world.proxy.count;
  }

  /** Run it, and kill it. @returns Whether that came before its end */
  async kill(name: CommandName): Promise<boolean> {
    const { proxy } = this.world;
    const moment: Moment = {
      request: 1 + Math.floor(this.random() * this.requests[name]),
      when: (["before", "after", "later"] as const)[Math.floor(this.random() * 3)]!,
      delay: this.random() * LONGEST_DELAY,
    };
    const child = await this.world.start(COMMANDS[name]);
    const strike = () => {
      try {
        child.kill("SIGKILL");
      } catch (error) {
        // It came to its end before.
        if (!(error instanceof TypeError)) throw error;
      }
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const act = (when: Moment["when"]) => ({ number }: ProxiedRequest) => {
      if (number === moment.request && moment.when === when) strike();
      const isLater = number === moment.request && moment.when === "later" && when === "after";
      if (isLater) timer = setTimeout(strike, moment.delay);
    };
    proxy.hooks = { before: act("before"), after: act("after") };
    const { code } = await resultOf(child);
    clearTimeout(timer);
    proxy.hooks = {};
    return code !== 0;
  }
}

/** Kill it so many times with a store of this kind, and look at what is left each time. */
async function killAndLook(kind: StoreKind, kills: number): Promise<void> {
  await using world = await ProcessWorld.create(kind, "kill");
  const { store, replica, bucket } = world;
  const killer = new Killer(world);
  await each(KEYS, (key) => bucket.put(key, key));
  for (const name of ["snapshot", "snapshot", "snapshot", "gc"] as const) {
    await killer.finish(name, `${kind}, at the beginning`);
    await killer.change();
  }
  for (let killed = 0, round = 0; killed < kills; round++) {
    const name = round % 2 === 0 ? "snapshot" : "gc";
    const when = `${kind}, ${name} number ${round}`;
    const before = await world.current();
    if (await killer.kill(name)) killed++;
    const after = new Set(await world.current());
    assert.deepEqual(before.filter((version) => !after.has(version)), [], `seed ${SEED}, ${when}`);
    await world.assertSound(when);
    // A dead holder's lock ends by itself after a minute; nobody needs to wait for that here.
    await unlock({ store, bucket: replica });
    if (killer.random() < SHARE_FINISHED) await killer.finish(name, `after ${when}`);
    await killer.change();
    assert(round < 3 * kills, `seed ${SEED}, ${when}: commands end before they are killed`);
  }
  await killer.finish("snapshot", `${kind}, at the end`);
  await killer.finish("gc", `${kind}, at the end`);
  await assertTidy(world, kind);
}

/** Two points are left, nothing of others, and each restores exactly. */
async function assertTidy(world: ProcessWorld, kind: StoreKind): Promise<void> {
  const { store, replica, bucket } = world;
  const { points, leftovers } = await verify({ store });
  assert.deepEqual(points.map(({ state }) => state), ["ok", "ok"], `seed ${SEED}, ${kind}`);
  assert.deepEqual(leftovers.filter(({ kind }) => kind === "removal"), []);
  const contents = await bucket.contents();
  for (const { id: snapshot } of points) {
    const { failed, extra } = await restore({ store, snapshot, target: replica, delete: true });
    assert.deepEqual({ failed, extra }, { failed: [], extra: 0 }, `seed ${SEED}, ${kind}`);
  }
  assert.deepEqual(await bucket.contents(), contents, `seed ${SEED}, ${kind}`);
}

Deno.test("snapshot and gc, killed at any moment, lose nothing, with each store", async () => {
  const kills = runs(KILLS_PER_STORE).numRuns;
  // At once: most of the time each waits for its server's clock.
  const results = await Promise.allSettled(STORE_KINDS.map((kind) => killAndLook(kind, kills)));
  for (const result of results) if (result.status === "rejected") throw result.reason;
});
