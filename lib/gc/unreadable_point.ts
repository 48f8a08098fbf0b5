import { SnapshotError } from "../model/errors.ts";

/** The error that says why a point that cannot be read stops everything, and what to do. */
export function unreadablePoint(id: string, cause: SnapshotError): SnapshotError {
  const remedy = cause.code === "CorruptSnapshot"
    ? "Bring its files back from a copy of the store, or give it up: delete it by its name"
    : "Use the release that wrote it";
  return new SnapshotError(
    cause.code,
    `Nothing was deleted, because nobody can tell what the snapshot ${id} needs: ` +
      `${cause.message}. ${remedy}`,
    { cause },
  );
}
