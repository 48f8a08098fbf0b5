import { S3Error } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";

/** How fast, and how dear: minutes, hours, or half a day to two days. */
export type ThawTier = "expedited" | "standard" | "bulk";

/** S3's names. */
const TIERS = { expedited: "Expedited", standard: "Standard", bulk: "Bulk" } as const;

/** Every tier, the cheapest first. */
export const THAW_TIERS: readonly ThawTier[] = ["bulk", "standard", "expedited"];

/** What to thaw. */
export interface ThawOptions {
  readonly key: string;
  readonly versionId: string;
  readonly storageClass: string;
  readonly tier: ThawTier;
  /** How long the readable copy is kept. 1 or more. */
  readonly days: number;
  /** Abort: the request is given up and the reason is thrown. */
  readonly signal?: AbortSignal;
}

/** Leaves its archive for good, so that S3 refuses to be told for how long. */
const LEAVES_ARCHIVE = "INTELLIGENT_TIERING";

/**
 * Ask for an archived version to be made readable. It is not when this resolves: hours may pass.
 * One that was asked for before, or is readable already, is not asked for again.
 *
 * @throws {S3Error} when the server refuses; `GlacierExpeditedRetrievalNotAvailable` may be tried
 * again later
 */
export async function thawVersion(bucket: Bucket, options: ThawOptions): Promise<void> {
  const { key, versionId, storageClass, tier, days, signal } = options;
  const request = {
    GlacierJobParameters: { Tier: TIERS[tier] },
    ...(storageClass !== LEAVES_ARCHIVE && { Days: days }),
  };
  const call = { operation: "RestoreObject", key, ...(signal && { signal }) };
  try {
    await bucket.request(call, (client, sdk, http) =>
      client.send(
        new sdk.RestoreObjectCommand({
          Bucket: bucket.name,
          Key: key,
          VersionId: versionId,
          RestoreRequest: request,
        }),
        http,
      ));
  } catch (error) {
    if (error instanceof S3Error && error.code === "RestoreAlreadyInProgress") return;
    throw error;
  }
}
