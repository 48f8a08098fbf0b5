import type { DownloadOptions } from "../lib/download.ts";
import { nameOf, renderRestore } from "./render_restore.ts";
import { type RestoreFlags, wantedOf } from "./restore_flags.ts";
import type { Run } from "./run.ts";
import { readSelection } from "./selection_flags.ts";
import { streamedReport } from "./streamed_report.ts";
import { tellRestore, warnOfUnmatched } from "./tell_restore.ts";

/** `restore --to-dir`: into a local directory. Changes no bucket, so nothing has to be undone. */
export async function runDownload(
  run: Run,
  snapshot: string | undefined,
  directory: string,
  flags: RestoreFlags,
): Promise<void> {
  const { download } = await import("../lib/download.ts");
  const { concurrency } = run.settings;
  const replica = run.openReplica();
  const options: DownloadOptions = {
    ...await wantedOf(run, snapshot, { at: flags.at, safetySnapshot: false, target: replica }),
    ...await readSelection(flags, run.signal),
    replica,
    directory,
    allowExpired: flags.force ?? false,
    allowOtherReplica: flags.allowOtherReplica ?? false,
    ...(flags.thaw && { thaw: flags.thaw }),
    ...(flags.thawDays !== undefined && { thawDays: flags.thawDays }),
    ...(concurrency !== undefined && { concurrency }),
    signal: run.signal,
    onProgress: run.progress.onProgress,
  };
  const apply = (dryRun: boolean, more: Partial<DownloadOptions> = {}) =>
    run.stoppable("Nothing was written", () => download({ ...options, ...more, dryRun }));
  if (!flags.dryRun && run.mustAsk) {
    const plan = await apply(true);
    run.signal.throwIfAborted();
    warnOfUnmatched(run, plan);
    await run.confirm(renderRestore(plan), `Download ${nameOf(plan)} to ${directory}?`);
  }
  const { report, begun } = await streamedReport(
    run,
    (more) => apply(flags.dryRun ?? false, more),
  );
  await tellRestore(run, report, flags, begun);
}
