import { ManyMerge } from "../index/many_merge.ts";
import type { MergeSource } from "../index/merge_source.ts";
import { selectParts } from "../gc/select_parts.ts";
import { SnapshotError } from "../model/errors.ts";
import type { OnProgress } from "../model/progress.ts";
import type { SnapshotStore } from "../model/store.ts";
import type { Point } from "../point.ts";
import { findDamaged } from "./find_damaged.ts";
import { previousOf } from "./group_points.ts";
import { type CountedPoint, type PointCounts, Sum, VersionCounter } from "./version_counter.ts";

/** What was found out, by the points' ids. */
export class Findings {
  /** `since` is the point that one has grown from. */
  readonly points: Map<string, PointCounts & { readonly since: string | undefined }> = new Map();
  /** What is wrong with those that cannot be read. */
  readonly damaged: Map<string, SnapshotError> = new Map();
  /** Each version once. */
  readonly total: Sum = new Sum();
  /** Each version that a single point names. */
  readonly exclusive: Sum = new Sum();
  /** Each version that would go, once. */
  readonly freed: Sum = new Sum();
}

/** What becomes of points, by their ids. Default: it is undecided. */
export type Fates = ReadonlyMap<string, CountedPoint["fate"]>;

/** Where the points are, and who wants to know. */
export interface CountOptions {
  readonly store: SnapshotStore;
  /** Abort: the reason is thrown. */
  readonly signal: AbortSignal;
  /** Told now and then of the versions that were read. */
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Count what the points of a group hold, in one merge. Where parts turn out to be damaged, find out
 * whose, and count the others.
 *
 * @param found Is added to.
 * @throws {StoreError} when the store does not answer
 */
export async function countPoints(
  points: readonly Point[],
  fates: Fates,
  found: Findings,
  options: CountOptions,
): Promise<void> {
  try {
    await countReadable(points, fates, found, options);
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    const damaged = await findDamaged(partsOf(points, options));
    if (damaged.size === 0) throw error;
    for (const [i, reason] of damaged) found.damaged.set(points[i]!.id, reason);
    await countReadable(points.filter((_, i) => !damaged.has(i)), fates, found, options);
  }
}

async function countReadable(
  points: readonly Point[],
  fates: Fates,
  found: Findings,
  options: CountOptions,
): Promise<void> {
  const previous = previousOf(points);
  const counter = new VersionCounter(
    points.map(({ id }, i) => ({ previous: previous[i], fate: fates.get(id) ?? "undecided" })),
  );
  await using merge = new ManyMerge(partsOf(points, options));
  while (await merge.load()) {
    while (merge.next()) counter.count(merge);
    const { objects, bytes } = counter.total;
    const before = found.total;
    options.onProgress?.({
      phase: "reading",
      objects: before.objects + objects,
      bytes: before.bytes + bytes,
    });
  }
  for (const [i, { id }] of points.entries()) {
    found.points.set(id, { ...counter.counts[i]!, since: points[previous[i] ?? -1]?.id });
  }
  found.total.addAll(counter.total);
  found.exclusive.addAll(counter.exclusive);
  found.freed.addAll(counter.freed);
}

function partsOf(points: readonly Point[], { store, signal }: CountOptions): MergeSource[] {
  return selectParts(store, points, new Set(points.keys()), { exclusive: false, signal });
}
