import type { RestoreReport } from "../lib/restore/restore_report.ts";
import type { SyncOptions } from "../lib/sync.ts";
import { renderFailures } from "./failures.ts";
import { countOf, formatDuration } from "./format.ts";
import { lockOwner } from "./global_options.ts";
import { renderCounts } from "./render_restore.ts";
import type { Run } from "./run.ts";

/** Make the replica of a run equal to its source. */
export async function syncReplica(
  run: Run,
  options: Omit<SyncOptions, "source" | "replica" | "store" | "owner">,
): Promise<RestoreReport> {
  const { sync } = await import("../lib/sync.ts");
  const places = await placesOfSync(run);
  return await run.stoppable(
    "The replica was not changed",
    () => sync({ ...options, ...places, owner: lockOwner() }),
  );
}

/** What a sync works on, and who follows it. */
export async function placesOfSync(run: Run) {
  const { concurrency, store } = run.settings;
  return {
    source: run.openSource(),
    replica: run.openReplica(),
    ...(store !== undefined && { store: await run.openStore({ create: true }) }),
    ...(concurrency !== undefined && { concurrency }),
    signal: run.signal,
    onProgress: run.progress.onProgress,
  };
}

/**
 * What became of the replica, in words.
 *
 * @param toldByJson How many of the failures `--json` tells. Default: all.
 */
export function renderSync(
  report: RestoreReport,
  toldByJson: number = report.failedCount,
): string {
  const { target, dryRun, interrupted, objects, durationMs, at } = report;
  const count = countOf(objects, "object");
  const head = dryRun
    ? `Syncing ${target} to the source as of ${at} would do this for ${count}:\n`
    : interrupted
    ? `Syncing ${target} was stopped after ${count}:\n`
    : `Synced ${target} to the source as of ${at}: ${count} in ${formatDuration(durationMs)}\n`;
  return head + renderCounts(report, "the source") +
    renderFailures(report.failed, report.failedCount, toldByJson);
}
