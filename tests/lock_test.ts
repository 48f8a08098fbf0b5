import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import {
  acquireLock,
  breakLock,
  DEFAULT_TTL,
  type Lock,
  type LockOptions,
  MAX_CLOCK_SKEW,
  readLock,
} from "../lib/lock.ts";
import { LockError, StoreError } from "../lib/model/errors.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { FakeTime, settle } from "./fake_time.ts";
import { hookStore, type StoreCall } from "./hooked_store.ts";
import { losing } from "./lost_files.ts";
import { SEED, seededRandom } from "./seed.ts";

function options(time: FakeTime, owner = "host-a"): LockOptions {
  return { purpose: `gc by ${owner}`, owner, now: time.now, delay: time.delay };
}

async function names(store: SnapshotStore): Promise<string[]> {
  return (await Array.fromAsync(store.list())).map(({ name }) => name);
}

async function lockError(promise: Promise<unknown>): Promise<LockError> {
  let found: unknown;
  await assert.rejects(promise, (error) => {
    found = error;
    return error instanceof LockError;
  });
  return found as LockError;
}

/** A store whose calls wait while its holder is paused. */
function pausable(store: SnapshotStore) {
  let gate = Promise.withResolvers<void>();
  gate.resolve();
  return {
    store: hookStore(store, { before: () => gate.promise }),
    pause: () => void (gate = Promise.withResolvers()),
    resume: () => gate.resolve(),
  };
}

Deno.test("a held lock is refused to others, who learn by whom, since and until when", async () => {
  const time = new FakeTime(), store = openMemoryStore("memory:lock-refused");
  const lock = await acquireLock(store, options(time));
  await time.advance(10_000);
  const timers = time.waiting;
  const error = await lockError(acquireLock(store, options(time, "host-b")));
  assert.equal(time.waiting, timers, "no timer is left behind");
  assert.equal(error.code, "LockHeld");
  assert.match(error.message, /memory:lock-refused is locked by host-a for gc by host-a/);
  assert.match(error.message, /since 2026-11-23T00:00:00.000Z/);
  assert.match(error.message, /ends by itself at 2026-11-23T00:01:00.000Z; unlock ends it now/);
  const record = await readLock(store, time.current);
  assert.equal(record?.owner, "host-a");
  await lock.assertHeld();
  await lock[Symbol.asyncDispose]();
});

Deno.test("a lock that was given back is free at once, and leaves one small file", async () => {
  const time = new FakeTime(), store = openMemoryStore();
  for (const owner of ["host-a", "host-b", "host-c"]) {
    await using lock = await acquireLock(store, options(time, owner));
    await lock.assertHeld();
  }
  assert.equal(await readLock(store, time.current), undefined);
  assert.deepEqual(await names(store), ["lock/00000006.json"]);
  assert.equal(time.waiting, 0, "no timer is left");
});

Deno.test("giving it back twice, or after it was lost, does no harm", async () => {
  const time = new FakeTime(), store = openMemoryStore();
  const lock = await acquireLock(store, options(time));
  await lock[Symbol.asyncDispose]();
  await lockError(lock.assertHeld());
  await using second = await acquireLock(store, options(time, "host-b"));
  await lock[Symbol.asyncDispose]();
  await second.assertHeld();
  await lockError(lock.assertHeld());
});

Deno.test("a holder that lives keeps the lock for as long as it likes", async () => {
  const time = new FakeTime(), store = openMemoryStore();
  await using lock = await acquireLock(store, options(time));
  for (let i = 0; i < 20; i++) {
    await time.advance(DEFAULT_TTL / 2);
    await lock.assertHeld();
    await lockError(acquireLock(store, options(time, "host-b")));
  }
  assert.equal((await names(store)).length, 1, "old records are cleaned up");
});

Deno.test("a crashed holder blocks others for one lease and the clocks' skew, no longer", async () => {
  const time = new FakeTime(), store = openMemoryStore();
  const crashed = pausable(store);
  const lock = await acquireLock(crashed.store, options(time));
  crashed.pause();
  await time.advance(DEFAULT_TTL + MAX_CLOCK_SKEW);
  await lockError(acquireLock(store, options(time, "host-b")));
  await time.advance(1);
  await using next = await acquireLock(store, options(time, "host-b"));
  await next.assertHeld();
  crashed.resume();
  await lock[Symbol.asyncDispose]();
});

Deno.test("a paused holder notices before its next batch, and its work in flight is aborted", async () => {
  const time = new FakeTime(), store = openMemoryStore();
  const paused = pausable(store);
  // Its timers stand still with it: only what it reads from the store can tell it.
  const lock = await acquireLock(paused.store, {
    ...options(time),
    delay: (_, signal) =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
  });
  paused.pause();
  await time.advance(DEFAULT_TTL + MAX_CLOCK_SKEW + 1);
  await using next = await acquireLock(store, options(time, "host-b"));
  paused.resume();
  const error = await lockError(lock.assertHeld());
  assert.equal(error.code, "LockLost");
  assert.match(error.message, /host-b took it for gc by host-b/);
  assert(lock.signal.aborted);
  assert.equal(lock.signal.reason, error);
  await next.assertHeld();
  await lock[Symbol.asyncDispose]();
  await next.assertHeld();
});

Deno.test("a pause that nobody used costs nothing: the lease is renewed", async () => {
  const time = new FakeTime(), store = openMemoryStore();
  const lock = await acquireLock(store, {
    ...options(time),
    delay: (_, signal) =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
  });
  await time.advance(10 * DEFAULT_TTL);
  await lock.assertHeld();
  await lockError(acquireLock(store, options(time, "host-b")));
  await lock[Symbol.asyncDispose]();
});

Deno.test("a store that stops answering costs the lock when the lease is over", async () => {
  const time = new FakeTime();
  let broken = false;
  const store = hookStore(openMemoryStore(), {
    before: () => {
      if (broken) throw new StoreError("Unavailable", "the store is gone");
    },
  });
  const lock = await acquireLock(store, options(time));
  broken = true;
  await time.advance(DEFAULT_TTL - 1);
  assert(!lock.signal.aborted);
  await assert.rejects(lock.assertHeld(), StoreError);
  await time.advance(1);
  assert(lock.signal.aborted);
  assert.equal(lock.signal.reason.code, "LockLost");
  assert.match(lock.signal.reason.cause.message, /the store is gone/);
  await lock[Symbol.asyncDispose]();
});

Deno.test("a put whose answer got lost does not cost the lock", async () => {
  const time = new FakeTime();
  let lose = false;
  const store = hookStore(openMemoryStore(), {
    after: ({ operation }) => {
      if (!lose || operation !== "put") return;
      lose = false;
      throw new StoreError("Unavailable", "connection reset");
    },
  });
  const lock = await acquireLock(store, options(time));
  for (let i = 0; i < 5; i++) {
    lose = true;
    await time.advance(DEFAULT_TTL);
    await lock.assertHeld();
  }
  lose = true;
  await lock[Symbol.asyncDispose]();
});

Deno.test("a put that was sent twice, and met itself, took the lock", async () => {
  const time = new FakeTime(), plain = openMemoryStore();
  const store: SnapshotStore = {
    ...hookStore(plain, {}),
    put: async (name, body, putOptions) => {
      const bytes = await new Response(body).bytes();
      await plain.put(name, new Blob([bytes]).stream(), putOptions);
      await plain.put(name, new Blob([bytes]).stream(), putOptions);
    },
  };
  await using lock = await acquireLock(store, options(time));
  await lock.assertHeld();
});

Deno.test("somebody who slept since it looked cannot take a number that was cleaned up", async () => {
  const time = new FakeTime(), store = openMemoryStore();
  await (await acquireLock(store, options(time)))[Symbol.asyncDispose]();
  const sleeper = pausable(store);
  let listed = false;
  const watching = hookStore(sleeper.store, {
    after: ({ operation }: StoreCall) => {
      if (operation === "get" && !listed) {
        listed = true;
        sleeper.pause();
      }
    },
  });
  const late = acquireLock(watching, options(time, "sleeper"));
  await settle();
  assert(listed);
  await using lock = await acquireLock(store, options(time, "host-b"));
  await time.advance(DEFAULT_TTL);
  assert.equal((await names(store)).length, 1, "the number that the sleeper will use is free");
  sleeper.resume();
  const error = await lockError(late);
  assert.equal(error.code, "LockHeld");
  assert.match(error.message, /locked by host-b/);
  await lock.assertHeld();
  assert.equal((await names(store)).length, 1, "what the sleeper wrote is gone");
});

Deno.test("of many that race for it one wins", async () => {
  const time = new FakeTime(), store = openMemoryStore();
  for (let round = 0; round < 5; round++) {
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, (_, i) => acquireLock(store, options(time, `host-${i}`))),
    );
    const won = results.filter((result) => result.status === "fulfilled");
    assert.equal(won.length, 1);
    await won[0]!.value[Symbol.asyncDispose]();
  }
});

Deno.test("unlock frees it, and the holder that lives notices", async () => {
  const time = new FakeTime(), store = openMemoryStore();
  const lock = await acquireLock(store, options(time));
  await breakLock(store, time.current);
  assert.equal(await readLock(store, time.current), undefined);
  await lockError(lock.assertHeld());
  await using next = await acquireLock(store, options(time, "host-b"));
  await lock[Symbol.asyncDispose]();
  await next.assertHeld();
});

Deno.test("a lock file that is damaged is named, and unlock gets past it", async () => {
  const time = new FakeTime(), store = openMemoryStore();
  await store.put("lock/00000004.json", new Blob(['{"owner":"a"}']).stream());
  await assert.rejects(acquireLock(store, options(time)), (error) => {
    assert(error instanceof StoreError);
    assert.equal(error.code, "Corrupt");
    assert.match(error.message, /lock\/00000004.json is no lock record.*unlock/);
    return true;
  });
  await breakLock(store, time.current);
  await using lock = await acquireLock(store, options(time));
  await lock.assertHeld();
});

Deno.test("a lock file that is listed and lost is damaged, too", async () => {
  const time = new FakeTime(), store = openMemoryStore();
  await (await acquireLock(store, options(time)))[Symbol.asyncDispose]();
  const [name] = await names(store);
  const left = losing(store, name!);
  await assert.rejects(
    acquireLock(left, options(time)),
    /^StoreError: Cannot tell who holds .*00000002\.json .* remove the lock with unlock$/,
  );
  await breakLock(left, time.current);
  await using lock = await acquireLock(left, options(time));
  await lock.assertHeld();
});

Deno.test("a store without createOnly says so and names the way out", async () => {
  const time = new FakeTime();
  const store: SnapshotStore = {
    ...hookStore(openMemoryStore(), {}),
    put: () => Promise.reject(new StoreError("Unsupported", "no createOnly here")),
  };
  await assert.rejects(acquireLock(store, options(time)), (error) => {
    assert(error instanceof StoreError);
    assert.equal(error.code, "Unsupported");
    assert.match(error.message, /--no-lock/);
    return true;
  });
});

Deno.test("where no store can be, no way around the lock is named", async () => {
  const refusal = new StoreError("Unsupported", "b cannot hold a store", { misplaced: true });
  const store: SnapshotStore = {
    ...hookStore(openMemoryStore(), {}),
    put: () => Promise.reject(refusal),
  };
  await assert.rejects(acquireLock(store, options(new FakeTime())), (error) => {
    assert(error instanceof StoreError);
    assert.match(error.message, /^Cannot lock .*: b cannot hold a store$/);
    return true;
  });
});

Deno.test("an abort while it is taken is the caller's, and leaves no timer", async () => {
  const time = new FakeTime(), store = openMemoryStore();
  const reason = new Error("stop");
  const signal = AbortSignal.abort(reason);
  await assert.rejects(acquireLock(store, { ...options(time), signal }), reason);
  assert.equal(time.waiting, 0);
});

Deno.test("an abort ends a look at the clock that the lock waits for, and none of a held one", async () => {
  const time = new FakeTime(), store = openMemoryStore();
  const signals: (AbortSignal | undefined)[] = [];
  const abort = new AbortController(), reason = new Error("stop");
  const now = async ({ signal }: { readonly signal?: AbortSignal } = {}) => {
    signals.push(signal);
    if (signals.length === 1) abort.abort(reason);
    signal?.throwIfAborted();
    return await time.now();
  };
  const stopped = acquireLock(store, { ...options(time), now, signal: abort.signal });
  await assert.rejects(stopped, reason);
  const { signal } = new AbortController();
  await using lock = await acquireLock(store, { ...options(time), now, signal });
  await lock.assertHeld();
  assert.deepEqual(signals, [abort.signal, signal, undefined]);
  assert.deepEqual(await names(store), ["lock/00000001.json"]);
});

Deno.test("a lock that was taken just before an abort, or an error, is given back", async () => {
  const time = new FakeTime(), plain = openMemoryStore();
  const abort = new AbortController(), reason = new Error("stop");
  const failing = {
    abort: () => abort.abort(reason),
    error: () => {
      throw new StoreError("Unavailable", "connection reset");
    },
  };
  for (const [how, fail] of Object.entries(failing)) {
    let isTaken = false;
    const store = hookStore(plain, {
      after: ({ operation }) => {
        if (isTaken || operation !== "put") return;
        isTaken = true;
        fail();
      },
    });
    const { signal } = how === "abort" ? abort : new AbortController();
    await assert.rejects(
      acquireLock(store, { ...options(time), signal }),
      how === "abort" ? reason : /connection reset/,
    );
    assert(isTaken);
    assert.equal(await readLock(plain, time.current), undefined, how);
  }
  assert.equal(time.waiting, 0);
});

/**
 * Parties that take, use and give back the lock, with every store call delayed by chance, some for
 * longer than a lease, and some parties dying. The invariant is fencing: once somebody passed a
 * check, nobody who had passed one before passes another that it begins afterwards.
 *
 * @returns How often the lock went from one to another.
 */
async function interleave(seed: number): Promise<number> {
  const random = seededRandom(seed);
  const time = new FakeTime(), shared = openMemoryStore();
  const superseded = new Set<Lock>();
  let holder: Lock | undefined, running = 0;

  const stall = (ms: number) => time.delay(ms, new AbortController().signal);

  /** One process: one in three crashes while it holds the lock, so that nothing of it goes on. */
  async function live(): Promise<void> {
    let dead = false;
    const store = hookStore(shared, {
      before: () => dead ? NEVER : stall(random() < 0.05 ? 2 * DEFAULT_TTL : random() * 2_000),
      after: () => stall(random() * 2_000),
    });
    const lock = await acquireLock(store, options(time)).catch((error) => {
      assert(error instanceof LockError, String(error));
    });
    if (!lock) return;
    await work(lock);
    dead = random() < 0.3;
    if (!dead) await lock[Symbol.asyncDispose]();
  }
  async function work(lock: Lock): Promise<void> {
    for (let batch = 0; batch < 4; batch++) {
      const late = superseded.has(lock);
      try {
        await lock.assertHeld();
      } catch (error) {
        assert(error instanceof LockError, String(error));
        return;
      }
      assert(!late, `seed ${seed}: passed a check after somebody else had`);
      if (holder && holder !== lock) superseded.add(holder);
      holder = lock;
      await stall(random() * DEFAULT_TTL);
    }
  }
  async function party(): Promise<void> {
    running++;
    for (let i = 0; i < 6; i++) {
      await live();
      await stall(random() * DEFAULT_TTL);
    }
    running--;
  }

  const parties = Array.from({ length: 4 }, party);
  while (running > 0) await Promise.race([time.advance(1_000), ...parties.map(failed)]);
  return superseded.size;
}

const NEVER = new Promise<void>(() => {});

/** Settles only when the promise rejects. */
function failed(promise: Promise<unknown>): Promise<void> {
  return new Promise((_, reject) => promise.catch(reject));
}

Deno.test("whatever the delays: nobody passes a check after somebody else took the lock", async () => {
  let handovers = 0;
  for (let i = 0; i < 10; i++) handovers += await interleave(SEED + i);
  assert(handovers > 20, `seed ${SEED}: the lock changed hands ${handovers} times`);
});
