/** What a request to the wrong region is told. */
import { S3Error } from "./errors.ts";
import type { Settings } from "./settings.ts";
import type { Bucket } from "./bucket.ts";

/** Operations that any region answers. */
const ANYWHERE: ReadonlySet<string> = new Set(["CreateBucket", "GetBucketLocation"]);

/**
 * Refuses a request that is signed for another region than the bucket's.
 *
 * @throws {S3Error} PermanentRedirect or AuthorizationHeaderMalformed.
 */
export function checkRegion(
  settings: Settings,
  operation: string,
  signedFor: string,
  bucket: Bucket | undefined,
): void {
  const expected = bucket?.region ?? settings.region;
  if (signedFor === expected) return;
  if ([settings.region, ...settings.otherRegions].includes(signedFor)) {
    if (!bucket || ANYWHERE.has(operation)) return;
    throw new S3Error("PermanentRedirect", {
      Endpoint: `s3.${expected}.amazonaws.com`,
      Bucket: bucket.name,
    }, { headers: { "x-amz-bucket-region": expected } });
  }
  throw new S3Error("AuthorizationHeaderMalformed", { Region: expected }, {
    message: `The authorization header is malformed; the region '${signedFor}' is wrong; ` +
      `expecting '${expected}'`,
    headers: bucket ? { "x-amz-bucket-region": expected } : {},
  });
}
