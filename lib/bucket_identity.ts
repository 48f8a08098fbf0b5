import type { BucketIdentity } from "./model/manifest.ts";
import { formatBucketUrl } from "./s3/bucket_url.ts";

/** The URL of a bucket that a snapshot names. */
export function identityUrl({ name, prefix = "", region, endpoint }: BucketIdentity): string {
  return formatBucketUrl({
    bucket: name,
    prefix,
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    pathStyle: endpoint !== undefined,
  });
}

/** Whether both are one bucket of one server. Prefix and region do not tell buckets apart. */
export function isSameBucket(a: BucketIdentity, b: BucketIdentity): boolean {
  return a.name === b.name && isSameServer(a, b);
}

/** Whether a server can copy from one to the other. */
export function isSameServer(a: BucketIdentity, b: BucketIdentity): boolean {
  return serverOf(a) === serverOf(b);
}

function serverOf({ endpoint }: BucketIdentity): string | undefined {
  return endpoint === undefined ? undefined : new URL(endpoint).href;
}
