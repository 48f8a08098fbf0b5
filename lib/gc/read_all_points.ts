import { SnapshotError } from "../model/errors.ts";
import type { SnapshotStore } from "../model/store.ts";
import type { Point } from "../point.ts";
import { listPoints } from "../points.ts";
import { unreadablePoint } from "./unreadable_point.ts";

/** A point that cannot be read, and that nobody wants any more. */
export interface DamagedPoint extends Pick<Point, "id" | "kind" | "expired" | "pinned"> {
  /** What is wrong with it. */
  readonly error: SnapshotError;
}

/** All that a store holds. */
export interface AllPoints {
  /** Those that can be read. */
  readonly points: readonly Point[];
  /** Of those that are given up the ones that cannot. */
  readonly damaged: readonly DamagedPoint[];
}

/**
 * Every point of a store, or an error: that one cannot be read is no reason to think that nothing
 * needs its versions.
 *
 * @param givenUp Ids of points that may be damaged.
 * @throws {SnapshotError} naming the first other that cannot be read, and what to do
 * @throws {StoreError} when the store does not answer
 */
export async function readAllPoints(
  store: SnapshotStore,
  givenUp: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<AllPoints> {
  const points: Point[] = [], damaged: DamagedPoint[] = [];
  for await (const { point, error, ...what } of listPoints(store, { signal })) {
    const { id } = what;
    if (!error) points.push(point);
    else if (!(error instanceof SnapshotError)) throw error;
    else if (error.code !== "CorruptSnapshot" || !givenUp.has(id)) throw unreadablePoint(id, error);
    else damaged.push({ ...what, error });
  }
  return { points, damaged };
}
