import { type Held, withLock, withoutLock } from "./lock/with_lock.ts";
import type { SnapshotStore } from "./model/store.ts";
import type { RestoreReport } from "./restore/restore_report.ts";
import { snapshotHeld, type SnapshotOptions, type SnapshotReport } from "./snapshot.ts";
import { assertSyncable, syncHeld, type SyncOptions } from "./sync.ts";

/** What is copied where, and how the snapshot is taken of that. */
export interface SyncAndSnapshotOptions extends Omit<SyncOptions, "dryRun" | "prefixes"> {
  /** Where the snapshot goes. */
  readonly store: SnapshotStore;
  /** How the snapshot is taken; it is of what the replica holds then. Default: as by `snapshot`. */
  readonly snapshot?: Pick<
    SnapshotOptions,
    "label" | "pin" | "compress" | "reuse" | "onUnreadable" | "random"
  >;
  /** Told what was copied, before the snapshot is begun. */
  readonly onSynced?: (report: RestoreReport) => void;
}

/** What came of it. */
export interface SyncAndSnapshotReport {
  /** Whatever did not get into the replica is in no snapshot of it: see `failed` and `archived`. */
  readonly sync: RestoreReport;
  /** Of what the replica held then. */
  readonly snapshot: SnapshotReport;
}

/**
 * Make a replica equal to its source, and take a snapshot of it, with nobody else at work on it from
 * the beginning of the one to the end of the other.
 *
 * Abort: the reason is thrown. What was copied until then stays; there is no snapshot.
 *
 * @throws whatever `sync` and `snapshot` throw
 *
 * @example
 * ```ts ignore
 * const { sync, snapshot } = await syncAndSnapshot({ source, replica, store });
 * if (sync.failed.length > 0) console.error(`${snapshot.id} lacks`, sync.failed);
 * ```
 */
export async function syncAndSnapshot(
  options: SyncAndSnapshotOptions,
): Promise<SyncAndSnapshotReport> {
  const { replica, store, lock = true, owner, signal } = options;
  await assertSyncable(options);
  const purpose = `sync and snapshot of ${replica.url}`;
  return lock
    ? await withLock(
      { store, bucket: replica, purpose, owner, signal },
      (held) => both(options, held),
    )
    : await both(options, withoutLock(signal));
}

async function both(
  { snapshot, onSynced, ...options }: SyncAndSnapshotOptions,
  held: Held,
): Promise<SyncAndSnapshotReport> {
  const { replica, store, delay, onProgress } = options;
  const synced = await syncHeld(options, held, performance.now());
  held.signal?.throwIfAborted();
  onSynced?.(synced);
  const report = await snapshotHeld(
    {
      ...snapshot,
      ...{ bucket: replica, store },
      ...(delay && { delay }),
      ...(onProgress && { onProgress }),
    },
    held,
    performance.now(),
  );
  return { sync: synced, snapshot: report };
}
