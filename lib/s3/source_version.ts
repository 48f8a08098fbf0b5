import type { HeadObjectCommandOutput } from "npm:@aws-sdk/client-s3@3.1169.0";
import { S3Error } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";
import { unquoteETag } from "./multipart_etag.ts";

/** Which bytes to copy. */
export interface VersionReference {
  readonly key: string;
  readonly versionId: string;
  /** Bytes, as when the version was recorded. */
  readonly size: number;
  /** Without quotes, as when it was recorded; empty where that is unknown. */
  readonly etag: string;
}

/** What a server says of a version; kept as the SDK gives it, for the copy to repeat. */
export interface SourceVersion {
  readonly bucket: Bucket;
  readonly key: string;
  readonly versionId: string;
  /** Bytes. */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly head: HeadObjectCommandOutput;
}

/**
 * Ask for a version's headers, and make sure that it is still the one that was recorded: the
 * version `null` may have been overwritten since.
 *
 * @throws {S3Error} `NoSuchVersion` when it is gone, `VersionChanged` when it is another
 */
export async function readSourceVersion(
  bucket: Bucket,
  reference: VersionReference,
  options: { readonly signal?: AbortSignal } = {},
): Promise<SourceVersion> {
  const { key, versionId } = reference;
  const head = await headVersion(bucket, reference, options);
  const source = {
    bucket,
    key,
    versionId,
    size: head.ContentLength ?? 0,
    etag: unquoteETag(head.ETag),
    head,
  };
  assertUnchanged(source, reference);
  return source;
}

async function headVersion(
  bucket: Bucket,
  { key, versionId }: VersionReference,
  options: { readonly signal?: AbortSignal },
): Promise<HeadObjectCommandOutput> {
  try {
    return await bucket.request(
      { operation: "HeadObject", key, ...options },
      (client, sdk, http) => {
        const input = { Bucket: bucket.name, Key: key, VersionId: versionId };
        return client.send(new sdk.HeadObjectCommand({ ...input, ChecksumMode: "ENABLED" }), http);
      },
    );
  } catch (error) {
    if (!(error instanceof S3Error) || error.status !== 404) throw error;
    throw lostVersionError(bucket, { key, versionId }, error);
  }
}

/** That a bucket does not have a version. */
export function lostVersionError(
  bucket: Bucket,
  { key, versionId }: Pick<VersionReference, "key" | "versionId">,
  cause: S3Error,
): S3Error {
  return new S3Error(
    "NoSuchVersion",
    `version ${versionId} of ${JSON.stringify(key)} is no longer in bucket ${bucket.name}: it ` +
      `was deleted, by hand or by a lifecycle rule`,
    { cause, status: cause.status },
  );
}

function assertUnchanged(
  { bucket, key, versionId, size, etag }: SourceVersion,
  recorded: VersionReference,
): void {
  if (size === recorded.size && (recorded.etag === "" || etag === recorded.etag)) return;
  throw new S3Error(
    "VersionChanged",
    `version ${versionId} of ${JSON.stringify(key)} in bucket ${bucket.name} is not what was ` +
      `recorded: ${recorded.size} bytes with ETag ${recorded.etag || "unknown"} then, ${size} ` +
      `bytes with ETag ${etag} now; it was overwritten while versioning was suspended`,
  );
}
