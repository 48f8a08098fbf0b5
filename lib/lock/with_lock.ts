import { acquireLock, type Lock } from "../lock.ts";
import type { SnapshotStore } from "../model/store.ts";
import type { Bucket } from "../s3/bucket.ts";
import { serverNow } from "../s3/server_time.ts";

/** What keeps others away while something is done. */
export interface Held {
  /** Aborts when the work was called off, or the lock was lost. */
  readonly signal: AbortSignal | undefined;
  /** To be called before what must not happen without the lock. Throws as `Lock.assertHeld` */
  readonly assertHeld: () => Promise<void>;
}

/** What is to be done under the lock of a store. */
export interface WithLockOptions {
  readonly store: SnapshotStore;
  /** Its server's clock dates the lock. */
  readonly bucket: Bucket;
  /** For those who find the store locked. */
  readonly purpose: string;
  /** Who does it, for the same readers. Default: a random text. */
  readonly owner?: string | undefined;
  /** Calls the work off. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Do something while nobody else changes what a store holds.
 *
 * @throws {LockError} `LockHeld` when somebody does already; whatever the work throws
 */
export async function withLock<Result>(
  { store, bucket, purpose, owner, signal }: WithLockOptions,
  work: (held: Held) => Promise<Result>,
): Promise<Result> {
  const now = (options?: { readonly signal?: AbortSignal }) => serverNow(bucket, options);
  await using lock = await acquireLock(store, { purpose, owner, now, signal });
  return await work(heldBy(lock, signal));
}

/** What a lock keeps away, for work that the signal calls off, too. */
export function heldBy(lock: Lock, signal: AbortSignal | undefined): Held {
  return {
    signal: signal ? AbortSignal.any([signal, lock.signal]) : lock.signal,
    assertHeld: () => lock.assertHeld(),
  };
}

/** Where no lock is wanted. */
export function withoutLock(signal: AbortSignal | undefined): Held {
  return { signal, assertHeld: () => Promise.resolve() };
}
