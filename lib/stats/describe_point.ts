import type { Decision } from "../gc/report.ts";
import { rowOf, type SnapshotRow } from "../list_snapshots.ts";
import type { SnapshotError } from "../model/errors.ts";
import type { PointItem } from "../points.ts";
import type { Findings } from "./count_points.ts";
import type { Amount, Growth, PointStats } from "./stats_report.ts";
import type { PointCounts } from "./version_counter.ts";

/**
 * What is told of a point.
 *
 * @param isWhole Whether every point of the store could be read.
 */
export function describePoint(
  item: PointItem,
  { points, damaged }: Findings,
  isWhole: boolean,
  decision: Decision | undefined,
): PointStats {
  const row = withProblem(rowOf(item), damaged.get(item.id));
  const counts = points.get(item.id);
  if (!counts) return { ...row, exclusive: null, growth: null, outlook: null };
  return {
    ...row,
    exclusive: isWhole ? amountOf(counts.exclusive) : null,
    growth: counts.since === undefined ? null : growthOf(counts, counts.since),
    outlook: decision
      ? { keep: decision.keep, reasons: decision.reasons, freed: amountOf(counts.freed) }
      : null,
  };
}

/** As it stands in a report, without what is ours. */
export function amountOf({ objects, bytes }: Amount): Amount {
  return { objects, bytes };
}

function growthOf({ added, changed, removed }: PointCounts, since: string): Growth {
  return {
    since,
    added: amountOf(added),
    changed: amountOf(changed),
    removed: amountOf(removed),
  };
}

/** One whose manifest was found sound, and a part was not. */
function withProblem(row: SnapshotRow, problem: SnapshotError | undefined): SnapshotRow {
  if (!problem) return row;
  const state = row.state === "ok" ? "corrupt" : row.state;
  return { ...row, state, problem: problem.message };
}
