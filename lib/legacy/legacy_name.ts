/**
 * The program of 2015 wrote one file a snapshot into its SnapshotsDir, named by local time and
 * zone: `20150605152158-0500CDT`, and `.Z` after that where it was compressed. People rename
 * files, so any name without a "/" may be one: ours all have a "/", but for the marks here.
 */

/** A name that the program gave. */
const GIVEN_NAME = /^\d{14}[+-]\d{4}/;

const MARK_SUFFIX = ".expired";

/** Whether a store's name may be that of a snapshot file of 2015. */
export function isLegacyName(name: string): boolean {
  return !name.includes("/") && !name.endsWith(MARK_SUFFIX);
}

/** Whether it must be a snapshot file of 2015, so that one without such content is damaged. */
export function isGivenLegacyName(name: string): boolean {
  return GIVEN_NAME.test(name);
}

/** Its presence says that gc has begun to remove the file. It lies beside it: a file holds none. */
export function legacyMarkName(name: string): string {
  return name + MARK_SUFFIX;
}

/** Whether the file is gzip. */
export function isCompressedName(name: string): boolean {
  return name.endsWith(".Z");
}
