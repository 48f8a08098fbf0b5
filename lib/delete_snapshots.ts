import { collect, type CollectSettings } from "./gc/collect.ts";
import type { AllPoints } from "./gc/read_all_points.ts";
import { type Replica, replicaOf } from "./gc/replica.ts";
import type { Decision, GcReport } from "./gc/report.ts";
import { InputError, SnapshotError } from "./model/errors.ts";
import type { SnapshotStore } from "./model/store.ts";
import type { Point } from "./point.ts";
import { foreignPoint } from "./point_bucket.ts";
import { resolvePoint } from "./resolve_point.ts";
import type { Bucket } from "./s3/bucket.ts";
import { requireVersioning } from "./s3/versioning.ts";

/** What to delete, and how. */
export interface DeleteSnapshotsOptions extends CollectSettings {
  /**
   * Each an id, an unambiguous beginning of one, `latest`, or `latest~N` of this bucket. At least
   * one.
   */
  readonly snapshots: readonly string[];
  /** Where they are. */
  readonly store: SnapshotStore;
  /** The bucket that holds their versions: the replica, or the only bucket. */
  readonly bucket: Bucket;
}

/**
 * Remove the snapshots that are named, and the versions that only they need: gc with somebody's
 * word in place of a policy, and as safe.
 *
 * Any snapshot can be named, the newest and the last one included: who names it means it. One that
 * is pinned must be unpinned first. One that is damaged goes, too; versions that it alone named, as
 * far as that cannot be read any more, stay in the bucket.
 *
 * @throws {InputError} when none is named, or one is pinned or of another bucket
 * @throws {SnapshotError} when one is not there or cannot be told from others, or when any point of
 * the store cannot be read; nothing is deleted then
 * @throws {LockError} when a snapshot or another collection is at work in the store
 * @throws {S3Error} `NotVersioned`, and when the bucket refuses everything
 * @throws {StoreError} when the store does not answer
 *
 * @example
 * ```ts ignore
 * const { bytesFreed } = await deleteSnapshots({ snapshots: ["latest~1"], store, bucket: replica });
 * ```
 */
export async function deleteSnapshots(options: DeleteSnapshotsOptions): Promise<GcReport> {
  const { snapshots, store, bucket, signal } = options;
  await requireVersioning(bucket, signal ? { signal } : {});
  return await deletePoints(store, replicaOf(bucket), snapshots, options);
}

/** What {@linkcode deleteSnapshots} does, with whatever stands for the bucket. */
export async function deletePoints(
  store: SnapshotStore,
  replica: Replica,
  references: readonly string[],
  settings: CollectSettings,
): Promise<GcReport> {
  if (references.length === 0) {
    throw new InputError(`name the snapshots to delete: ids, or "latest"`);
  }
  const options = {
    ...(settings.signal && { signal: settings.signal }),
    ...{ of: replica.identity, exactly: true },
  };
  const chosen = new Set<string>();
  for (const reference of references) chosen.add(await resolvePoint(store, reference, options));
  return await collect({
    store,
    replica,
    name: "delete",
    givenUp: chosen,
    decide(own, _now, all) {
      for (const id of chosen) assertDeletable(id, own, all, replica);
      return own.flatMap((point) => judge(point, chosen.has(point.id)));
    },
  }, settings);
}

function judge({ id, expired }: Point, isChosen: boolean): Decision[] {
  if (isChosen) return [{ id, keep: false, reasons: ["given by name"] }];
  // The removal of another that was begun is gc's to finish.
  return expired ? [] : [{ id, keep: true, reasons: ["not given by name"] }];
}

function assertDeletable(
  id: string,
  own: readonly Point[],
  { points, damaged }: AllPoints,
  replica: Replica,
): void {
  const point = points.find((each) => each.id === id);
  const found = point ?? damaged.find((each) => each.id === id);
  if (!found) throw new SnapshotError("UnknownSnapshot", `the snapshot ${id} is gone by now`);
  if (found.pinned) {
    throw new InputError(`the snapshot ${id} is pinned, so nothing was deleted: unpin it first`);
  }
  if (!point || own.includes(point)) return;
  throw foreignPoint(point, replica.url, "deleted");
}
