/** UTC to the second, then four characters that tell snapshots of one second apart. */
const SNAPSHOT_ID = /^\d{8}T\d{6}Z-[0-9a-z]{4}$/;
const SUFFIX_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";
const SUFFIX_LENGTH = 4;

/**
 * A snapshot's name in its store: `20261123T011530Z-k3f9`.
 *
 * @param time Milliseconds since 1970: the moment the snapshot shows.
 * @param random Gives a number from 0 up to, not including, 1.
 */
export function makeSnapshotId(time: number, random: () => number = Math.random): string {
  const utc = new Date(time).toISOString().replace(/\.\d+Z$/, "Z").replace(/[-:]/g, "");
  let suffix = "";
  for (let i = 0; i < SUFFIX_LENGTH; i++) {
    suffix += SUFFIX_ALPHABET[Math.floor(random() * SUFFIX_ALPHABET.length)];
  }
  return `${utc}-${suffix}`;
}

/** The moment that a snapshot shows, from its name: milliseconds since 1970, to the second. */
export function snapshotIdTime(id: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(id) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** Whether `text` has the form of a snapshot's name. */
export function isSnapshotId(text: string): boolean {
  return SNAPSHOT_ID.test(text);
}

/** The manifest's name in the store. */
export function manifestName(id: string): string {
  return `${id}/manifest.json`;
}

/** A part's name in the store. */
export function partName(id: string, part: string): string {
  return `${id}/${part}`;
}

/** Its presence says that gc has begun to remove the snapshot. */
export function expiredMarkName(id: string): string {
  return `${id}/expired`;
}

/** Its presence keeps the snapshot whatever the retention policy says. */
export function pinnedMarkName(id: string): string {
  return `${id}/pinned`;
}
