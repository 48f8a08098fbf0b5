import { SnapshotError } from "../model/errors.ts";

/**
 * Bytes that are not what docs/FORMAT.md says. The message says what is wrong with them, without
 * the file's name: who reads the file adds it, by {@linkcode corruptSnapshot}.
 */
export class Damage extends Error {
  override readonly name = "Damage";
}

/** A file of a snapshot as messages name it: the store's URL, then the file's name in it. */
export function fileUrl(storeUrl: string, name: string): string {
  const query = storeUrl.indexOf("?");
  const path = query < 0 ? storeUrl : storeUrl.slice(0, query);
  return `${path}${path.endsWith("/") ? "" : "/"}${name}${query < 0 ? "" : storeUrl.slice(query)}`;
}

/** The error that says which file of a snapshot is damaged, how, and what can be done. */
export function corruptSnapshot(file: string, what: string, cause?: unknown): SnapshotError {
  return new SnapshotError(
    "CorruptSnapshot",
    `cannot read ${file}: ${what}; put back a good copy of this file, or use another snapshot`,
    { cause },
  );
}
