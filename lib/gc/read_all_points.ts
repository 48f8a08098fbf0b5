import { SnapshotError } from "../model/errors.ts";
import type { SnapshotStore } from "../model/store.ts";
import type { Point } from "../point.ts";
import { listPoints, type ListPointsOptions } from "../points.ts";
import { unreadablePoint, vanishedPoint } from "./unreadable_point.ts";

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

/** How they are read. */
export interface ReadAllPointsOptions {
  /** Ids of points that may be damaged. */
  readonly givenUp: ReadonlySet<string>;
  /** Whether others may remove points meanwhile: then one that vanishes is nobody's any more. */
  readonly mayVanish: boolean;
  /** Those that were there when they were read before; see `mayVanish`. Default: none. */
  readonly before?: AllPoints;
  /** Abort: the reason is thrown. */
  readonly signal: AbortSignal;
}

/**
 * Every point of a store, or an error: that one cannot be read is no reason to think that nothing
 * needs its versions.
 *
 * @throws {SnapshotError} naming the first other that cannot be read, or vanished, and what to do
 * @throws {StoreError} when the store does not answer
 */
export async function readAllPoints(
  store: SnapshotStore,
  { givenUp, mayVanish, before, signal }: ReadAllPointsOptions,
): Promise<AllPoints> {
  const onRemoved = (id: string) => {
    if (!mayVanish) throw vanishedPoint(id, store.url);
  };
  const all = await readEach(store, { givenUp, onRemoved, signal });
  const ids = new Set([...all.points, ...all.damaged].map(({ id }) => id));
  for (const { id } of before?.points ?? []) if (!ids.has(id)) onRemoved(id);
  return all;
}

async function readEach(
  store: SnapshotStore,
  { givenUp, ...options }: ListPointsOptions & Pick<ReadAllPointsOptions, "givenUp">,
): Promise<AllPoints> {
  const points: Point[] = [], damaged: DamagedPoint[] = [];
  for await (const { point, error, ...what } of listPoints(store, options)) {
    const { id } = what;
    if (!error) points.push(point);
    else if (!(error instanceof SnapshotError)) throw error;
    else if (error.code !== "CorruptSnapshot" || !givenUp.has(id)) {
      throw unreadablePoint(what, error);
    } else damaged.push({ ...what, error });
  }
  return { points, damaged };
}
