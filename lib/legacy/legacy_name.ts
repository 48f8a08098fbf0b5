/**
 * The program of 2015 wrote one file a snapshot into its SnapshotsDir, named by local time and
 * zone: `20150605152158-0500CDT`, and `.Z` after that where it was compressed. People rename
 * files, so any name without a "/" is taken for one: ours all have a "/", but for the marks here.
 */

const MARK_SUFFIX = ".expired";

/** Whether a store's name may be that of a snapshot file of 2015. */
export function isLegacyName(name: string): boolean {
  return !name.includes("/") && !name.endsWith(MARK_SUFFIX);
}

/** Its presence says that gc has begun to remove the file. It lies beside it: a file holds none. */
export function legacyMarkName(name: string): string {
  return name + MARK_SUFFIX;
}

/** Whether the file is gzip. */
export function isCompressedName(name: string): boolean {
  return name.endsWith(".Z");
}
