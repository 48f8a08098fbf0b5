import { breakLock, type LockRecord, readLock } from "./lock.ts";
import { StoreError } from "./model/errors.ts";
import type { SnapshotStore } from "./model/store.ts";
import type { Bucket } from "./s3/bucket.ts";
import { serverNow } from "./s3/server_time.ts";

/** Whose lock to end. */
export interface UnlockOptions {
  /** The store that is locked. */
  readonly store: SnapshotStore;
  /** Any bucket whose server's clock dated the lock: the replica. */
  readonly bucket: Bucket;
  /** Only tell who holds it. Default: false. */
  readonly dryRun?: boolean | undefined;
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** The lock that was found. */
export interface UnlockReport {
  /** `damaged`: nobody can tell whose it is. */
  readonly state: "free" | "held" | "damaged";
  /** Who held it, for what, since and until when; only where it was held. */
  readonly holder?: LockRecord;
}

/**
 * End the lock of a store whose holder is known to be dead, without waiting for it to end by
 * itself, which it does within about a minute. A holder that lives notices before its next change.
 *
 * @throws {LockError} when the holder renewed it just now
 * @throws {StoreError} when the store does not answer
 *
 * @example
 * ```ts ignore
 * const { state, holder } = await unlock({ store, bucket: replica, dryRun: true });
 * ```
 */
export async function unlock(options: UnlockOptions): Promise<UnlockReport> {
  const { store, bucket, dryRun = false, signal } = options;
  const abort = signal ? { signal } : {};
  const now = await serverNow(bucket, abort);
  const report = await look(store, now, abort);
  if (!dryRun && report.state !== "free") await breakLock(store, now, abort);
  return report;
}

async function look(
  store: SnapshotStore,
  now: number,
  options: { readonly signal?: AbortSignal },
): Promise<UnlockReport> {
  try {
    const holder = await readLock(store, now, options);
    return holder ? { state: "held", holder } : { state: "free" };
  } catch (error) {
    if (error instanceof StoreError && error.code === "Corrupt") return { state: "damaged" };
    throw error;
  }
}
