import { identityUrl } from "../bucket_identity.ts";
import type { Point } from "../point.ts";

/**
 * Points that may name the same versions: by the bucket's name alone, because one server has many
 * spellings. A file of 2015 names no bucket: it belongs to the only one that the store has points
 * of, and is apart where there are several.
 */
export function groupPoints(points: readonly Point[]): Point[][] {
  const names = new Set(points.flatMap(({ bucket }) => bucket?.name ?? []));
  const only = names.size === 1 ? [...names][0]! : "";
  return [...Map.groupBy(points, ({ bucket }) => bucket?.name ?? only).values()];
}

/**
 * For each point of a group the index of the one before it in its series: of the same bucket and
 * prefix. Files of 2015 come before the snapshots of the whole bucket, where that is one.
 *
 * @param points Oldest first.
 */
export function previousOf(points: readonly Point[]): (number | undefined)[] {
  const whole = new Set(
    points.flatMap(({ bucket }) => bucket && !bucket.prefix ? seriesOf(bucket) : []),
  );
  const legacy = whole.size === 1 ? [...whole][0]! : "";
  const last = new Map<string, number>();
  return points.map(({ bucket }, i) => {
    const series = bucket ? seriesOf(bucket) : legacy;
    const previous = last.get(series);
    last.set(series, i);
    return previous;
  });
}

/** Where a bucket is: its region does not tell it apart from others. */
function seriesOf({ region: _, ...place }: NonNullable<Point["bucket"]>): string {
  return identityUrl(place);
}
