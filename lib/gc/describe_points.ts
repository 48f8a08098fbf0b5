/** What a report says of each point. */
import type { Point } from "../point.ts";
import type { DamagedPoint } from "./read_all_points.ts";
import type { Decision, PointReport, PointState } from "./report.ts";
import type { Tally } from "./tally.ts";

/** `refused` tells whether the bucket did not let go of versions. */
function stateOf(
  { keep }: Pick<PointReport, "keep">,
  dryRun: boolean,
  refused = false,
): PointState {
  if (keep) return "kept";
  if (dryRun) return "due";
  return refused ? "expired" : "removed";
}

/** A point that was given up. */
export function describeDamaged({ id, error }: DamagedPoint, dryRun: boolean): PointReport {
  const keep = false;
  return { id, keep, state: stateOf({ keep }, dryRun), reasons: ["given up", error.message] };
}

/** A point of another bucket, of which no version was to go. */
export function describeGuest(decision: Decision, dryRun: boolean): PointReport {
  return { ...decision, state: stateOf(decision, dryRun) };
}

/** The bucket's own points. The tally's indices are those of `points`. */
export function describePoints(
  decisions: readonly Decision[],
  points: readonly Point[],
  { exclusive, incomplete, refused }: Tally,
  dryRun: boolean,
): PointReport[] {
  const indices = new Map(points.map(({ id }, index) => [id, index]));
  return decisions.map(({ id, keep, reasons }) => {
    const index = indices.get(id);
    const state = stateOf({ keep }, dryRun, index !== undefined && incomplete.has(index));
    return {
      ...{ id, keep, state, reasons },
      ...(index !== undefined && (dryRun || !keep) && exclusive[index]),
      ...(index !== undefined && state === "expired" && { refused: refused[index]! }),
    };
  });
}
