import { identityUrl, isSameBucket } from "../bucket_identity.ts";
import type { BucketIdentity } from "../model/manifest.ts";
import type { Point } from "../point.ts";
import type { OtherBucket } from "./report.ts";

/**
 * The buckets whose points nobody judged, where that may be a mistake: any, when the store has no
 * point of the bucket that was given, and else those that have its name and another address. The
 * latter come first.
 *
 * @param judged Ids of all points that were judged.
 */
export function otherBuckets(
  points: readonly Point[],
  judged: ReadonlySet<string>,
  identity: BucketIdentity,
  hasOwn: boolean,
): OtherBucket[] {
  const counts = { namesakes: new Map<string, number>(), others: new Map<string, number>() };
  for (const { id, bucket } of points) {
    if (!bucket || judged.has(id)) continue;
    const isNamesake = bucket.name === identity.name && !isSameBucket(bucket, identity);
    if (hasOwn && !isNamesake) continue;
    const count = counts[isNamesake ? "namesakes" : "others"], url = identityUrl(bucket);
    count.set(url, (count.get(url) ?? 0) + 1);
  }
  return [...counts.namesakes, ...counts.others].map(([url, points]) => ({ url, points }));
}
