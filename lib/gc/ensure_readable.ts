import type { MergeSource } from "../index/merge_source.ts";
import { SnapshotError } from "../model/errors.ts";
import type { Point } from "../point.ts";
import { unreadablePoint } from "./unreadable_point.ts";

/**
 * Read parts to their ends, to find damage while nothing is changed yet. Found later, it would
 * leave points marked as expired, so that they refuse to restore, next to one that cannot.
 *
 * @param points What the parts' owners are indices of.
 * @throws {SnapshotError} naming the first point of which a part cannot be read, and what to do
 */
export async function ensureReadable(
  parts: readonly MergeSource[],
  points: readonly Point[],
): Promise<void> {
  for (const part of parts) {
    try {
      for await (const _ of part.open());
    } catch (error) {
      throw error instanceof SnapshotError
        ? unreadablePoint(points[part.owners[0]!]!.id, error)
        : error;
    }
  }
}
