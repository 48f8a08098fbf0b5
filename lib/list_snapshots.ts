import { identityUrl } from "./bucket_identity.ts";
import type { SnapshotStore } from "./model/store.ts";
import { listPoints, type PointItem } from "./points.ts";

/** A line of the list of snapshots. What a damaged one would have said is null. */
export interface SnapshotRow {
  /** The snapshot's id, or the name of a file of 2015. */
  readonly id: string;
  /** The moment it shows. ISO 8601, UTC. */
  readonly asOf: string | null;
  /** When it was finished. ISO 8601, UTC. */
  readonly createdAt: string | null;
  /** URL of the bucket that holds its versions; null also for a file of 2015, which names none. */
  readonly bucket: string | null;
  /** Entries. */
  readonly objects: number | null;
  /** Sum of the objects' sizes. */
  readonly bytes: number | null;
  /** Text for humans, given when it was taken. */
  readonly label: string | null;
  /** The snapshot whose restore it makes undoable. */
  readonly safetyFor: string | null;
  /** Whether gc keeps it whatever the policy says. */
  readonly pinned: boolean;
  /** `legacy` is a file that the program of 2015 wrote. */
  readonly kind: "snapshot" | "legacy";
  /** `expired`: gc has begun to remove it. `corrupt`: it cannot be read; `problem` says why. */
  readonly state: "ok" | "expired" | "corrupt";
  /** What is wrong with one that cannot be read. */
  readonly problem: string | null;
}

/** How snapshots are listed. */
export interface ListSnapshotsOptions {
  /** Where they are. */
  readonly store: SnapshotStore;
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * The restoration points of a store, oldest first: snapshots, and files of 2015.
 *
 * @throws {StoreError} when the store cannot be listed
 *
 * @example
 * ```ts ignore
 * for await (const { id, objects, state } of listSnapshots({ store })) {
 *   console.log(id, objects, state);
 * }
 * ```
 */
export async function* listSnapshots(
  { store, signal }: ListSnapshotsOptions,
): AsyncGenerator<SnapshotRow> {
  for await (const item of listPoints(store, signal ? { signal } : {})) yield rowOf(item);
}

/** What is told of a point. */
export function rowOf({ id, kind, expired, pinned, point, error }: PointItem): SnapshotRow {
  return {
    id,
    asOf: point ? new Date(point.asOf).toISOString() : null,
    createdAt: point ? new Date(point.createdAt).toISOString() : null,
    bucket: point?.bucket ? identityUrl(point.bucket) : null,
    objects: point?.totals.objects ?? null,
    bytes: point?.totals.bytes ?? null,
    label: point?.label ?? null,
    safetyFor: point?.safetyFor ?? null,
    pinned,
    kind,
    state: expired ? "expired" : point ? "ok" : "corrupt",
    problem: error?.message ?? null,
  };
}
