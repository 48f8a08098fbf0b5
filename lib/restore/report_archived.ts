import type { Entry } from "../model/entry.ts";
import { BackupError } from "../model/errors.ts";
import type { Bucket } from "../s3/bucket.ts";
import { thawHours } from "../s3/thaw_hours.ts";
import { type ThawTier, thawVersion } from "../s3/thaw_version.ts";
import { failureOf } from "./restore_failure.ts";
import { countArchived, type RestoreTally } from "./restore_report.ts";

/** Codes of what S3 says of a version that has to be thawed first. */
const ARCHIVED = ["InvalidObjectState", "ObjectNotInActiveTierError"];

/** Whether the server refused a version because it has to be thawed first. */
export function isArchived(error: BackupError): boolean {
  return ARCHIVED.includes(error.code);
}

/** Where it is counted, and how it is asked for. */
export interface ArchiveContext {
  readonly tally: RestoreTally;
  /** Undefined when archived versions are only reported. */
  readonly thaw: { readonly tier: ThawTier; readonly days: number } | undefined;
}

/** The storage class, and in what tier of it the version lies where the server told. */
function tierOf({ storageClass }: Entry, { cause }: BackupError): string {
  const tier: unknown = cause instanceof Error ? Reflect.get(cause, "AccessTier") : undefined;
  return typeof tier === "string" ? `${storageClass}/${tier}` : storageClass;
}

/** Count a version that turned out to be archived, and ask for it where that is wanted. */
export async function reportArchived(
  entry: Entry,
  from: Bucket,
  error: BackupError,
  { tally, thaw }: ArchiveContext,
): Promise<void> {
  const archive = tierOf(entry, error);
  countArchived(tally, archive, entry.size);
  if (!thaw) return;
  try {
    await thawVersion(from, { ...entry, ...thaw });
    tally.thawing++;
    const hours = thawHours(thaw.tier, archive);
    tally.readableWithinHours = Math.max(tally.readableWithinHours ?? 0, hours);
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    await tally.failures.add(failureOf(entry, error));
  }
}
