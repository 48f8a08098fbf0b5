import { identityUrl, isSameBucket } from "./bucket_identity.ts";
import { InputError } from "./model/errors.ts";
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

/** The error that says that a point is another bucket's. `done` is what was not: `deleted`. */
export function foreignPoint(
  { id, bucket }: Pick<Point, "id" | "bucket">,
  url: string,
  done: string,
): InputError {
  const other = bucket ? identityUrl(bucket) : "a bucket that its file does not name";
  return new InputError(
    `the snapshot ${id} is of ${other}, not of ${url}, so nothing was ${done}: give its own bucket`,
  );
}
