import type { Entry } from "../model/entry.ts";
import { BackupError } from "../model/errors.ts";
import type { Bucket } from "../s3/bucket.ts";
import { type ThawTier, thawVersion } from "../s3/thaw_version.ts";
import { failureOf, type RestoreTally } from "./restore_report.ts";

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

/** Count a version that turned out to be archived, and ask for it where that is wanted. */
export async function reportArchived(
  entry: Entry,
  from: Bucket,
  { tally, thaw }: ArchiveContext,
): Promise<void> {
  tally.archived++;
  tally.bytesArchived += entry.size;
  if (!thaw) return;
  try {
    await thawVersion(from, { ...entry, ...thaw });
    tally.thawing++;
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    tally.failed.push(failureOf(entry, error));
  }
}
