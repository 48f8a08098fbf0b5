import { SnapshotError } from "../model/errors.ts";
import type { SnapshotStore } from "../model/store.ts";
import type { Point } from "../point.ts";
import { listPoints } from "../points.ts";

/**
 * Every point of a store, or an error: that one cannot be read is no reason to think that nothing
 * needs its versions.
 *
 * @throws {SnapshotError} `CorruptSnapshot` naming the first that cannot be read, and what to do
 * @throws {StoreError} when the store does not answer
 */
export async function readAllPoints(store: SnapshotStore, signal: AbortSignal): Promise<Point[]> {
  const points: Point[] = [];
  for await (const { id, point, error } of listPoints(store, { signal })) {
    if (error && !(error instanceof SnapshotError)) throw error;
    if (error) throw unreadable(store, id, error);
    points.push(point);
  }
  return points;
}

function unreadable(store: SnapshotStore, id: string, cause: SnapshotError): SnapshotError {
  return new SnapshotError(
    cause.code,
    `Nothing was deleted, because nobody can tell what the snapshot ${id} needs: ` +
      `${cause.message}. Bring its files back from a copy of the store, or take them out of ` +
      `${store.url} to give it up; then run this again`,
    { cause },
  );
}
