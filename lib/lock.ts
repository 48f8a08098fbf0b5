/**
 * One party at a time changes what a store holds: snapshot, sync, gc, delete and copies take this lock.
 *
 * A holder has a lease: a record in the store (lock/chain.ts) that says until when. It
 * renews it well before that; a crashed one cannot, so the next comer takes over once it ran out.
 *
 * Why two never act at once, and what that rests on:
 *
 * - All parties read one clock, the bucket server's, through `now`. A holder reads it *before* it
 *   writes a record, so a slow write makes its own lease shorter, never longer. A successor waits
 *   for {@linkcode MAX_CLOCK_SKEW} more, for servers behind one name whose clocks differ, and for
 *   the whole seconds that HTTP dates are cut to.
 * - Of several successors one wins, see the chain. Its record is the highest number from then on.
 * - A holder that was paused (SIGSTOP, a sleeping laptop, a long stall) calls `assertHeld` before
 *   each destructive batch. That reads the clock, renews the lease when little is left of it, and
 *   then lists the chain: unless its own record is the highest, it throws. So after a successor
 *   came, no new batch begins. What does not depend on clocks is this last step: with clocks that
 *   disagree wildly a holder may be displaced early, but it notices.
 * - What remains: a batch that was checked, and whose process is paused between the check and the
 *   request for longer than the lease had left (at least half of one). S3 takes no
 *   fencing token that would refuse that request. `signal` aborts what is in flight when the lease
 *   ends, and gc's own rules (a version goes only if no kept point names it and it is not current)
 *   keep the request harmless unless the successor made a point of the past that needs it.
 */
import { appendRecord, breakLock, type LockHead, type LockRecord, readHead } from "./lock/chain.ts";
import { type Delay, HeldLock, type Lock, startLease } from "./lock/held_lock.ts";
import { LockError } from "./model/errors.ts";
import type { SnapshotStore } from "./model/store.ts";

/** How long a crashed holder blocks others, in milliseconds, before {@linkcode MAX_CLOCK_SKEW}. */
export const DEFAULT_TTL = 60_000;
/** How far, in milliseconds, two readings of the bucket server's clock at one moment may differ. */
export const MAX_CLOCK_SKEW = 5_000;

/** How to take the lock. */
export interface LockOptions {
  /** What the holder is about to do, for those who find the lock taken: `gc of s3://photos`. */
  readonly purpose: string;
  /** Who holds it, for the same readers: a host and process, say. Default: a random text. */
  readonly owner?: string | undefined;
  /**
   * The bucket server's clock: milliseconds since 1970. It is told `signal` while the lock is taken,
   * and none while it is held: what was begun under it may have to be brought to its end.
   */
  readonly now: (options?: { readonly signal?: AbortSignal }) => Promise<number>;
  /** Length of a lease, in milliseconds. Default: {@linkcode DEFAULT_TTL}. */
  readonly ttl?: number | undefined;
  /** Resolves after so many milliseconds, or as soon as the signal aborts. Default: a timer. */
  readonly delay?: Delay | undefined;
  /** Aborts taking the lock; one that was taken stays until it is disposed of. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Take the lock of a store, or fail at once when somebody has it.
 *
 * @throws {LockError} `LockHeld`, naming who holds it, for what, since and until when
 * @throws {StoreError} `Unsupported` when the store has no createOnly
 *
 * @example
 * ```ts
 * import { acquireLock } from "./lock.ts";
 * import type { SnapshotStore } from "./model/store.ts";
 * import { openBucket } from "./s3/bucket.ts";
 * import { serverNow } from "./s3/server_time.ts";
 *
 * async function tidy(store: SnapshotStore, batches: readonly (() => Promise<void>)[]) {
 *   await using bucket = openBucket("s3://photos?region=eu-west-1");
 *   const now = () => serverNow(bucket);
 *   await using lock = await acquireLock(store, { purpose: "gc of s3://photos", now });
 *   for (const remove of batches) {
 *     await lock.assertHeld();
 *     await remove();
 *   }
 * }
 * ```
 */
export async function acquireLock(store: SnapshotStore, options: LockOptions): Promise<Lock> {
  const { signal, ttl = DEFAULT_TTL, delay = timer } = options;
  const head = await readHead(store, { signal });
  const lease = startLease(ttl, delay);
  try {
    const mine = await writeFirst(store, head, ttl, options);
    return new HeldLock(store, mine, { ttl, delay, now: options.now }, lease);
  } catch (error) {
    lease.stop();
    throw error;
  }
}

async function writeFirst(
  store: SnapshotStore,
  head: LockHead | undefined,
  ttl: number,
  options: LockOptions,
): Promise<LockHead> {
  const { signal } = options;
  const now = await options.now(signal && { signal });
  if (head && isHeld(head.record, now)) throw heldError(store, head.record);
  const holder = crypto.randomUUID();
  const record = {
    holder,
    owner: options.owner ?? holder,
    purpose: options.purpose,
    since: new Date(now).toISOString(),
    expiresAt: new Date(now + ttl).toISOString(),
    released: false,
  };
  const mine = { number: (head?.number ?? 0) + 1, record };
  if (!await appendOrTakeBack(store, mine, signal)) {
    const winner = await readHead(store, { signal });
    throw heldError(store, winner?.record ?? record);
  }
  return mine;
}

/** What breaks off may have left a record, of a lock that nobody will give back. */
async function appendOrTakeBack(
  store: SnapshotStore,
  mine: LockHead,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    return await appendRecord(store, mine, { signal });
  } catch (error) {
    // The first error says why. If this fails, too, the lease ends by itself, as after a crash.
    await takeBack(store, mine.record.holder).catch(() => undefined);
    throw error;
  }
}

async function takeBack(store: SnapshotStore, holder: string): Promise<void> {
  const head = await readHead(store);
  if (head?.record.holder !== holder) return;
  const record = { ...head.record, released: true };
  await appendRecord(store, { number: head.number + 1, record });
}

/**
 * Who holds the lock of a store, or undefined when nobody does.
 *
 * @param now Milliseconds since 1970, by the bucket server's clock.
 */
export async function readLock(
  store: SnapshotStore,
  now: number,
  options: { readonly signal?: AbortSignal } = {},
): Promise<LockRecord | undefined> {
  const head = await readHead(store, options);
  return head && isHeld(head.record, now) ? head.record : undefined;
}

export { breakLock, type Lock, type LockRecord };

function isHeld(record: LockRecord, now: number): boolean {
  return !record.released && now <= Date.parse(record.expiresAt) + MAX_CLOCK_SKEW;
}

function heldError(store: SnapshotStore, record: LockRecord): LockError {
  return new LockError(
    "LockHeld",
    `${store.url} is locked by ${record.owner} for ${record.purpose}, since ${record.since}. ` +
      `Wait until it is done. If it crashed, its lock ends by itself at ${record.expiresAt}; ` +
      `unlock ends it now`,
  );
}

/** Resolves after `ms`, or when the signal aborts. */
function timer(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(id);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const id = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
