import type { Point } from "../point.ts";
import { CLOCK_PRECISION } from "./clock_precision.ts";

/**
 * The moment from which a bucket's history is left whole: that of the second oldest kept point.
 * What stopped being current before it can be in no point of that moment or a later one, whether
 * it was taken or is made yet (`snapshot --at`). Of a single point it is that point's own moment,
 * since whatever follows it will be later.
 *
 * Points of the future do not count, nor do they make anything go.
 *
 * @param own The kept points of the bucket.
 * @param all These, and points of others that may name its versions.
 * @param now Milliseconds since 1970, by the bucket server's clock.
 * @returns Milliseconds since 1970; undefined when no point is kept
 */
export function historyBegin(
  own: readonly Point[],
  all: readonly Point[],
  now: number,
): number | undefined {
  const mine = secondOldest(own, now);
  if (mine === undefined) return undefined;
  return Math.min(mine, secondOldest(all, now) ?? mine);
}

/** Of one alone, that one. */
function secondOldest(points: readonly Point[], now: number): number | undefined {
  const moments = points.map(({ asOf }) => asOf).filter((asOf) => asOf <= now + CLOCK_PRECISION);
  moments.sort((a, b) => a - b);
  return moments[1] ?? moments[0];
}
