import { ToldFailure } from "./errors.ts";
import { EXIT } from "./exit_codes.ts";
import type { Run } from "./run.ts";

/** A point of which something is told, or why nothing can be. */
interface ToldPoint {
  readonly id: string;
  readonly problem: string | null;
}

/**
 * Say which points cannot be read, and why, after what is told of the others.
 *
 * @throws {ToldFailure} when there are such: done in part, or failed where none can be read
 */
export function tellUnreadable(run: Run, points: readonly ToldPoint[]): void {
  const unreadable = points.filter(({ problem }) => problem !== null);
  for (const { id, problem } of unreadable) run.log.write("error", `${id}: ${problem}`);
  if (unreadable.length === 0) return;
  throw new ToldFailure(unreadable.length < points.length ? EXIT.partly : EXIT.failed);
}
