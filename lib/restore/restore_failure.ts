import type { Entry } from "../model/entry.ts";
import type { BackupError } from "../model/errors.ts";

/** A key that did not come back, or a delete marker that could not be put or removed. */
export interface RestoreFailure {
  /** As the snapshot has it; in the target it follows `toPrefix`. */
  readonly key: string;
  /** Of the version to copy, the marker to remove, or the target's version to delete. */
  readonly versionId: string;
  /**
   * The server's code, or ours: `NoSuchVersion` is one that the bucket has lost, `TargetChanged` a
   * key that somebody changed after the plan had seen it, and that was left so, `SourceChanged` the same of the
   * source that a sync copies from, `NotInSnapshot` a key
   * that was asked for by name and that the snapshot lacks.
   */
  readonly code: string;
  /** For humans. */
  readonly message: string;
}

/** That an error kept an entry from coming back. */
export function failureOf(
  { key, versionId }: Entry,
  { code, message }: BackupError,
): RestoreFailure {
  return { key, versionId, code, message };
}
