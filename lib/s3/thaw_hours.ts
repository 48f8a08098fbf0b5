import type { ThawTier } from "./thaw_version.ts";

/** Hours, as AWS documents them for archives that answer within hours; minutes for expedited. */
const FLEXIBLE: Readonly<Record<ThawTier, number>> = { expedited: 5 / 60, standard: 5, bulk: 12 };
/** The same for deep archives, which have no expedited tier. */
const DEEP: Readonly<Record<ThawTier, number>> = { expedited: 12, standard: 12, bulk: 48 };

/**
 * Hours after which AWS says that a version is typically readable once it was asked for.
 *
 * @param archive Its storage class, and after `/` its access tier where that is known. Of
 * `INTELLIGENT_TIERING` alone the slower one is assumed.
 */
export function thawHours(tier: ThawTier, archive: string): number {
  const isFlexible = archive === "GLACIER" || archive.endsWith("/ARCHIVE_ACCESS");
  return (isFlexible ? FLEXIBLE : DEEP)[tier];
}
