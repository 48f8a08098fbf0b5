import { isSameBucket } from "../bucket_identity.ts";
import type { BucketIdentity } from "../model/manifest.ts";
import type { Point } from "../point.ts";

/** Whether points of both are judged together: the same bucket, limited to the same keys. */
export function isSameSeries(a: BucketIdentity, b: BucketIdentity): boolean {
  return isSameBucket(a, b) && (a.prefix ?? "") === (b.prefix ?? "");
}

/** Whether every key of `part` is one of `whole`. */
export function isPartOf(part: BucketIdentity, whole: BucketIdentity): boolean {
  return isSameBucket(part, whole) && (part.prefix ?? "").startsWith(whole.prefix ?? "");
}

/**
 * Whether a point of `a` may name a version of `b`. One server has many spellings (an address, a
 * name, a proxy, none for AWS itself), so the bucket's name alone decides: a point that protects
 * too much costs storage, one that protects too little costs data.
 */
export function mayShareVersions(a: BucketIdentity, b: BucketIdentity): boolean {
  const mine = a.prefix ?? "", theirs = b.prefix ?? "";
  return a.name === b.name && (mine.startsWith(theirs) || theirs.startsWith(mine));
}

/**
 * The points that are judged together. Of a restore's safety snapshots those of a part of the
 * bucket belong to it, too. A file of 2015 does not say which bucket it is of: it belongs to this
 * one unless the store has points of another, or this is only a part of a bucket. Whether this bucket
 * holds what it names, only the bucket can tell, see foreign_files.ts.
 */
export function ownPoints(points: readonly Point[], identity: BucketIdentity): Point[] {
  const takesLegacy = identity.prefix === undefined &&
    points.every(({ bucket }) => !bucket || isSameBucket(bucket, identity));
  return points.filter((point) => point.bucket ? belongsTo(point, identity) : takesLegacy);
}

/** Whether a point names this bucket in such a way that it is judged with its others. */
export function belongsTo({ bucket, safetyFor }: Point, identity: BucketIdentity): boolean {
  if (!bucket) return false;
  return isSameSeries(bucket, identity) || safetyFor !== undefined && isPartOf(bucket, identity);
}

/** Every point whose versions must stay, whoever's it is. */
export function protectors(
  points: readonly Point[],
  doomed: ReadonlySet<string>,
  identity: BucketIdentity,
): Point[] {
  return points.filter(({ id, expired, bucket }) =>
    !expired && !doomed.has(id) && (!bucket || mayShareVersions(bucket, identity))
  );
}
