import { mayShareVersions } from "./gc/series.ts";
import type { BucketIdentity } from "./model/manifest.ts";
import type { SnapshotStore } from "./model/store.ts";
import type { Point } from "./point.ts";
import { listPoints, type PointsOptions } from "./points.ts";

/**
 * The oldest point that protects versions of all of a bucket: whatever was current before it and is
 * in no later point, gc may have deleted with points that were older. Those that gc has begun to
 * remove protect nothing, and safety snapshots are no part of the history that retention keeps.
 * Undefined where there is none, so that nothing tells whether gc was ever here.
 *
 * @throws {StoreError} when the store does not answer
 */
export async function oldestPoint(
  store: SnapshotStore,
  identity: BucketIdentity,
  options: PointsOptions = {},
): Promise<Point | undefined> {
  for await (const { point } of listPoints(store, options)) {
    if (!point || point.expired || point.safetyFor !== undefined) continue;
    if (!point.bucket || holdsAllOf(point.bucket, identity)) return point;
  }
}

function holdsAllOf(whole: BucketIdentity, part: BucketIdentity): boolean {
  return mayShareVersions(whole, part) && (part.prefix ?? "").startsWith(whole.prefix ?? "");
}
