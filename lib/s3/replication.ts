import type { ReplicationConfiguration, ReplicationRule } from "npm:@aws-sdk/client-s3@3.1169.0";
import { S3Error } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";
import { bucketArn, type BucketLocation } from "./bucket_url.ts";

/** What S3 is told of a replication, besides from which bucket. */
export interface ReplicationOptions {
  /** ARN of the role that S3 takes on. */
  readonly role: string;
  readonly to: BucketLocation;
  /** Only keys that begin with it. */
  readonly prefix: string;
}

/** By which a rule of ours is told from others. */
export const REPLICATION_RULE_ID = "backup-my-bucket";

/** As `PutBucketReplication` takes it: all keys below the prefix, and delete markers with them. */
export function replicationConfiguration(
  { role, to, prefix }: ReplicationOptions,
): ReplicationConfiguration & { readonly Rules: [ReplicationRule] } {
  return {
    Role: role,
    Rules: [{
      ID: REPLICATION_RULE_ID,
      Status: "Enabled",
      Priority: 1,
      Filter: { Prefix: prefix },
      // Without it, a replica shows deleted objects as current.
      DeleteMarkerReplication: { Status: "Enabled" },
      Destination: { Bucket: bucketArn(to) },
    }],
  };
}

/**
 * How a bucket is replicated; undefined when it is not.
 *
 * @throws {S3Error} when the server refuses or is not reached
 */
export async function readReplication(
  bucket: Bucket,
  options: { readonly signal?: AbortSignal } = {},
): Promise<ReplicationConfiguration | undefined> {
  try {
    const { ReplicationConfiguration: found } = await bucket.request(
      { operation: "GetBucketReplication", ...options },
      (client, sdk, http) =>
        client.send(new sdk.GetBucketReplicationCommand({ Bucket: bucket.name }), http),
    );
    // Ceph RGW answers an empty configuration.
    return found?.Rules?.length ? found : undefined;
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    if (error.code === "ReplicationConfigurationNotFoundError") return undefined;
    throw error;
  }
}

/**
 * Have S3 replicate a bucket, in the place of what it did until now.
 *
 * @throws {S3Error} when the server refuses, such as one that does not replicate between buckets
 */
export async function putReplication(
  bucket: Bucket,
  ReplicationConfiguration: ReplicationConfiguration,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  await bucket.request(
    { operation: "PutBucketReplication", ...options },
    (client, sdk, http) =>
      client.send(
        new sdk.PutBucketReplicationCommand({ Bucket: bucket.name, ReplicationConfiguration }),
        http,
      ),
  );
}

/**
 * Have S3 replicate a bucket no more. Done already where it was not.
 *
 * @throws {S3Error} when the server refuses or is not reached
 */
export async function deleteReplication(
  bucket: Bucket,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  await bucket.request(
    { operation: "DeleteBucketReplication", ...options },
    (client, sdk, http) =>
      client.send(new sdk.DeleteBucketReplicationCommand({ Bucket: bucket.name }), http),
  );
}
