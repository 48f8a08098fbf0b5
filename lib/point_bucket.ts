import { isSameBucket } from "./bucket_identity.ts";
import type { Point } from "./point.ts";
import type { Bucket } from "./s3/bucket.ts";

/**
 * Which of some buckets holds the versions that a point names: the first, where the point does not
 * say; undefined where it names another.
 */
export function bucketOfPoint(
  { bucket }: Pick<Point, "bucket">,
  candidates: readonly Bucket[],
): Bucket | undefined {
  if (!bucket) return candidates[0];
  return candidates.find((candidate) => isSameBucket(bucket, candidate.identity()));
}
