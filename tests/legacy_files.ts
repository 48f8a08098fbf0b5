import type { SnapshotStore } from "../lib/model/store.ts";

/** One element of Contents, as the program of 2015 wrote it. */
export interface LegacyVersion {
  readonly Key: string;
  readonly LastModified: string;
  readonly Size: number;
  readonly VersionId: string;
}

/** An element in which only what is given matters to the test. */
export function legacyVersion(given: Partial<LegacyVersion> & { Key: string }): LegacyVersion {
  return { LastModified: "2015-06-04T01:19:56-05:00", Size: 3, VersionId: "v1", ...given };
}

/** A whole file, indented as Go does, with the characters escaped that Go escapes. */
export function legacyText(
  contents: readonly LegacyVersion[],
  timestamp = "2015-06-05T15:21:58.123456789-05:00",
): string {
  const text = JSON.stringify({ File: "", Timestamp: timestamp, Contents: contents }, null, 4);
  return text.replace(
    /[<>&\u2028\u2029]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Store a file; gzip when it is named `.Z`. */
export async function putLegacy(
  store: SnapshotStore,
  name: string,
  text: string | Uint8Array<ArrayBuffer>,
): Promise<void> {
  const plain = new Blob([text]).stream();
  const body = name.endsWith(".Z") ? plain.pipeThrough(new CompressionStream("gzip")) : plain;
  await store.put(name, body);
}
