import type { ServerSideEncryption, StorageClass } from "npm:@aws-sdk/client-s3@3.1169.0";
import type { Bucket } from "./bucket.ts";
import type { CurrentObject } from "./current_object.ts";
import type { SourceVersion } from "./source_version.ts";
import type { GuardedWrite, TargetGuard } from "./target_guard.ts";

/** Where a copy goes. */
export interface CopyTarget {
  readonly bucket: Bucket;
  readonly key: string;
  readonly storageClass: string;
  /** Keeps it from replacing what was not seen; undefined to replace whatever there is. */
  readonly guard: TargetGuard | undefined;
  /** ETag of the object that may be replaced; empty for none. Of no account without a guard. */
  readonly seenETag: string;
}

/** Carry out the write that makes the copy, under the target's guard if it has one. */
export async function writeTo(
  { key, guard, seenETag }: CopyTarget,
  write: Omit<GuardedWrite, "key" | "seenETag">,
): Promise<CurrentObject> {
  return guard ? await guard.write({ ...write, key, seenETag }) : await write.send({});
}

/** What a request that makes a copy must say whatever it copies from, or S3 does not keep it. */
export interface TargetInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly StorageClass: StorageClass;
  readonly WebsiteRedirectLocation?: string;
  readonly ServerSideEncryption?: ServerSideEncryption | undefined;
  readonly SSEKMSKeyId?: string | undefined;
  readonly BucketKeyEnabled?: boolean;
}

/**
 * The part of a copy's request that tells where it goes and what no copy keeps by itself.
 *
 * A KMS key is kept where it can be used: in its own region. Elsewhere, and for objects that S3
 * encrypts with keys of its own, the target bucket's default applies, which is never weaker.
 */
export async function targetInput(
  source: SourceVersion,
  target: CopyTarget,
): Promise<TargetInput> {
  const { bucket, key, storageClass } = target;
  const { WebsiteRedirectLocation, ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled } =
    source.head;
  const keepsKey = await canKeepKey(source, target);
  return {
    Bucket: bucket.name,
    Key: key,
    // Servers other than AWS have names of their own.
    StorageClass: storageClass as StorageClass,
    ...(WebsiteRedirectLocation !== undefined && { WebsiteRedirectLocation }),
    ...(keepsKey ? { ServerSideEncryption, SSEKMSKeyId } : {}),
    ...(keepsKey && BucketKeyEnabled !== undefined && { BucketKeyEnabled }),
  };
}

async function canKeepKey({ head, bucket: from }: SourceVersion, to: CopyTarget): Promise<boolean> {
  const { ServerSideEncryption, SSEKMSKeyId } = head;
  if (!ServerSideEncryption?.startsWith("aws:kms") || SSEKMSKeyId === undefined) return false;
  return await from.region() === await to.bucket.region();
}
