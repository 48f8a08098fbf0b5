/**
 * Where parts end. It depends on keys alone, and behind an end nothing remembers what was before
 * it: after a change, later parts fall into step at the next end, and come out byte for byte as in
 * the snapshot before. Stores and merges may then take equal parts for one.
 *
 * A part has about 20,000 entries and 1 MB: large enough that a hundred million objects make 5,000
 * parts and a manifest of about 2 MB; small enough that thirty snapshots of a million objects, which
 * differ in one corner each, have hardly twice the entries of one in distinct parts.
 */

/** No part but the last of a range is smaller. */
export const MIN_PART_ENTRIES: number = 4 * 1024;
/** No part is larger. */
export const MAX_PART_ENTRIES: number = 64 * 1024;
/** One key in so many may end a part. */
const MEAN_DISTANCE = 16 * 1024;

/**
 * Whether a part ends with this key.
 *
 * @param entries Entries of the part, this one included.
 * @param keyHash FNV-1a of the key's bytes. Its low bits are mixed well enough only together with
 * its high ones.
 */
export function endsPart(entries: number, keyHash: number): boolean {
  if (entries < MIN_PART_ENTRIES) return false;
  if (entries >= MAX_PART_ENTRIES) return true;
  return (Math.imul(keyHash ^ (keyHash >>> 15), 0x2c1b3c6d) >>> 0) % MEAN_DISTANCE === 0;
}
