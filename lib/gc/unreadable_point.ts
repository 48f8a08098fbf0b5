import { SnapshotError } from "../model/errors.ts";
import type { Point } from "../point.ts";

/**
 * The error of a point that was there a moment ago, and is not, while nobody may remove one. Perhaps
 * the store's listing is wrong about it, and then it needs its versions.
 */
export function vanishedPoint(id: string, storeUrl: string): SnapshotError {
  return new SnapshotError(
    "UnknownSnapshot",
    `No version was deleted, because the snapshot ${id} vanished from ${storeUrl} while it was being ` +
      `read, and only this run may remove any: see that nothing else removes files there, then run ` +
      `it again`,
  );
}

/** The error that says why a point that cannot be read stops everything, and what to do. */
export function unreadablePoint(
  { id, pinned }: Pick<Point, "id" | "pinned">,
  cause: SnapshotError,
): SnapshotError {
  const remedy = cause.code === "CorruptSnapshot"
    ? "Bring its files back from a copy of the store, or give it up: " +
      `${pinned ? "unpin it, then " : ""}delete it by its name`
    : "Use the release that wrote it";
  return new SnapshotError(
    cause.code,
    `Nothing was deleted, because nobody can tell what the snapshot ${id} needs: ` +
      `${cause.message}. ${remedy}`,
    { cause },
  );
}
