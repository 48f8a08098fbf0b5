import type { HeadObjectCommandOutput } from "npm:@aws-sdk/client-s3@3.1169.0";
import type { Bucket } from "./bucket.ts";
import { readSourceVersion, type VersionReference } from "./source_version.ts";

/**
 * Checksums that two objects of one size do not share by chance. Those of 32 bits are none: among a
 * billion objects that changed some would.
 */
const PROOFS = ["ChecksumSHA256", "ChecksumSHA1", "ChecksumCRC64NVME"] as const;

/**
 * Whether a key holds the bytes of a version by the checksums that the server keeps, where ETags do
 * not tell: under KMS keys they are no digests. One that is made of the parts' checksums is a proof,
 * too, where it is the same. False where either has none.
 *
 * @throws {S3Error} when one of them cannot be asked, or the version is not what was recorded
 */
export async function hasSameChecksum(
  version: VersionReference & { readonly bucket: Bucket },
  there: { readonly bucket: Bucket; readonly key: string },
  signal?: AbortSignal,
): Promise<boolean> {
  const { head } = await readSourceVersion(version.bucket, version, signal ? { signal } : {});
  const proof = PROOFS.find((name) => head[name] !== undefined);
  if (!proof) return false;
  const current = await headWithChecksum(there.bucket, there.key, signal);
  return current.ContentLength === version.size && current[proof] === head[proof];
}

function headWithChecksum(
  bucket: Bucket,
  key: string,
  signal: AbortSignal | undefined,
): Promise<HeadObjectCommandOutput> {
  const call = { operation: "HeadObject", key, ...(signal && { signal }) };
  return bucket.request(call, (client, sdk, http) => {
    const input = { Bucket: bucket.name, Key: key, ChecksumMode: "ENABLED" } as const;
    return client.send(new sdk.HeadObjectCommand(input), http);
  });
}
