import type { LifecycleRule as SdkRule } from "npm:@aws-sdk/client-s3@3.1169.0";
import { S3Error } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";
import type { Tag } from "./object_tags.ts";

/** A rule that deletes objects, as far as that can be told from what a listing says of them. */
export interface LifecycleRule {
  /** As given by whoever wrote it; empty where nobody did. */
  readonly id: string;
  /** Only keys that begin with it. */
  readonly prefix: string;
  /** Only objects with all of these tags. */
  readonly tags: readonly Tag[];
  /** Only objects of more bytes. */
  readonly largerThan: number;
  /** Only objects of fewer bytes. */
  readonly smallerThan: number;
  /** Days after which a version goes that is not current any more. */
  readonly noncurrentDays?: number;
  /** How many noncurrent versions stay however old they are. */
  readonly newerNoncurrent?: number;
  /** Days after which a current object is deleted: by a delete marker, where versions are kept. */
  readonly currentDays?: number;
  /** The day from which current objects are deleted, in milliseconds since 1970. */
  readonly currentFrom?: number;
}

/**
 * The rules of a bucket that are in force and delete something. Empty where none is configured.
 *
 * @throws {S3Error} `AccessDenied`, and whatever else the server refuses
 */
export async function readLifecycle(
  bucket: Bucket,
  options: { readonly signal?: AbortSignal } = {},
): Promise<LifecycleRule[]> {
  const call = { operation: "GetBucketLifecycleConfiguration", ...options };
  try {
    const { Rules = [] } = await bucket.request(call, (client, sdk, http) => {
      const input = { Bucket: bucket.name };
      return client.send(new sdk.GetBucketLifecycleConfigurationCommand(input), http);
    });
    return Rules.filter(({ Status }) => Status === "Enabled").map(ruleOf).filter(deletes);
  } catch (error) {
    if (error instanceof S3Error && error.code === "NoSuchLifecycleConfiguration") return [];
    throw error;
  }
}

function deletes({ noncurrentDays, currentDays, currentFrom }: LifecycleRule): boolean {
  return noncurrentDays !== undefined || currentDays !== undefined || currentFrom !== undefined;
}

function ruleOf({ ID = "", ...rule }: SdkRule): LifecycleRule {
  const { Expiration, NoncurrentVersionExpiration, Filter } = rule;
  const all = { ...Filter, ...Filter?.And };
  const tags = [...Filter?.Tag ? [Filter.Tag] : [], ...Filter?.And?.Tags ?? []];
  const { NoncurrentDays, NewerNoncurrentVersions } = NoncurrentVersionExpiration ?? {};
  return {
    id: ID,
    // Before there were filters, a rule had a prefix of its own.
    prefix: all.Prefix ?? rule.Prefix ?? "",
    tags: tags.map(({ Key = "", Value = "" }) => ({ key: Key, value: Value })),
    largerThan: all.ObjectSizeGreaterThan ?? -1,
    smallerThan: all.ObjectSizeLessThan ?? Infinity,
    ...(NoncurrentDays !== undefined && { noncurrentDays: NoncurrentDays }),
    ...(NewerNoncurrentVersions !== undefined && { newerNoncurrent: NewerNoncurrentVersions }),
    ...(Expiration?.Days !== undefined && { currentDays: Expiration.Days }),
    ...(Expiration?.Date !== undefined && { currentFrom: Expiration.Date.getTime() }),
  };
}
