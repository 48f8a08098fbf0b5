import type { SharedSource } from "../index/shared_sources.ts";
import { SnapshotError } from "../model/errors.ts";
import type { Point } from "../point.ts";
import { runBounded } from "../s3/run_bounded.ts";
import { unreadablePoint } from "./unreadable_point.ts";

/** Files read at a time: hides a distant store's latency, which one after another would add up. */
const FILES_IN_FLIGHT = 8;

/**
 * Read parts to their ends, to find damage while nothing is changed yet. Found later, it would
 * leave points marked as expired, so that they refuse to restore, next to one that cannot. Their
 * bytes are held against their hashes, which costs a small part of decoding them.
 *
 * @param points What the parts' owners are indices of.
 * @param signal Abort: the reason is thrown.
 * @throws {SnapshotError} naming a point of which a part cannot be read, and what to do
 */
export async function ensureReadable(
  parts: readonly SharedSource[],
  points: readonly Point[],
  signal: AbortSignal,
): Promise<void> {
  await runBounded(parts, FILES_IN_FLIGHT, async (part) => {
    try {
      await part.check();
    } catch (error) {
      throw error instanceof SnapshotError
        ? unreadablePoint(points[part.owners[0]!]!, error)
        : error;
    }
  }, signal);
}
