import type { MergeSource } from "../index/merge_source.ts";
import { SnapshotError } from "../model/errors.ts";

/**
 * Read parts to their ends, and tell whose are damaged: the owners, each with the first error.
 *
 * @throws {StoreError} when the store does not answer
 */
export async function findDamaged(
  parts: readonly MergeSource[],
): Promise<Map<number, SnapshotError>> {
  const damaged = new Map<number, SnapshotError>();
  for (const part of parts) {
    try {
      for await (const _ of part.open());
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      for (const owner of part.owners) if (!damaged.has(owner)) damaged.set(owner, error);
    }
  }
  return damaged;
}
