/** Storage classes whose bytes cannot be read before they were thawed. */
const ARCHIVES: readonly string[] = ["GLACIER", "DEEP_ARCHIVE"];

/**
 * Whether objects of a storage class have to be thawed before they can be read. Those in the archive
 * tiers of `INTELLIGENT_TIERING` have to, too, which their class does not tell.
 */
export function isArchivedClass(storageClass: string): boolean {
  return ARCHIVES.includes(storageClass);
}
