import { S3Error } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";
import type { BucketLocation } from "./bucket_url.ts";

/** `Unversioned` has never been anything else; a suspended bucket overwrites its `null` versions. */
export type VersioningState = "Enabled" | "Suspended" | "Unversioned";

/**
 * Whether the bucket keeps the versions of its objects.
 *
 * @throws {S3Error} when the server cannot tell or is not reached
 */
export async function versioningState(
  bucket: Bucket,
  options: { readonly signal?: AbortSignal } = {},
): Promise<VersioningState> {
  const { Status } = await bucket.request(
    { operation: "GetBucketVersioning", ...options },
    (client, sdk, http) =>
      client.send(new sdk.GetBucketVersioningCommand({ Bucket: bucket.name }), http),
  );
  return Status ?? "Unversioned";
}

/**
 * Refuse a bucket that would lose the versions that snapshots name.
 *
 * @throws {S3Error} `NotVersioned`, with the command that enables versioning
 */
export async function requireVersioning(
  bucket: Bucket,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const state = await versioningState(bucket, options);
  if (state === "Enabled") return;
  const problem = state === "Suspended"
    ? "has its versioning suspended: overwritten objects are lost"
    : "is not versioned: overwritten and deleted objects are lost";
  throw new S3Error(
    "NotVersioned",
    `bucket ${bucket.name} ${problem}, so no snapshot of it could be restored. Enable it with: ` +
      enablingCommand(bucket.location),
  );
}

function enablingCommand({ bucket, region, endpoint, profile }: BucketLocation): string {
  const words = ["aws s3api put-bucket-versioning --bucket", bucket];
  words.push("--versioning-configuration Status=Enabled");
  if (region !== undefined) words.push("--region", region);
  if (endpoint !== undefined) words.push("--endpoint-url", quoteForShell(endpoint));
  if (profile !== undefined) words.push("--profile", quoteForShell(profile));
  return words.join(" ");
}

function quoteForShell(text: string): string {
  return /^[\w.:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
