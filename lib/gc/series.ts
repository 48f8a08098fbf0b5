import { isSameBucket } from "../bucket_identity.ts";
import type { BucketIdentity } from "../model/manifest.ts";

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
