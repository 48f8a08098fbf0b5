import { downloadAll } from "./download/download_all.ts";
import type { DownloadOptions } from "./download/download_options.ts";
import { TargetDirectory } from "./download/target_directory.ts";
import { assertSelected } from "./restore/nothing_selected.ts";
import { assertThaw } from "./restore/restore_options.ts";
import { emptyTally, reportOf, type RestoreReport } from "./restore/restore_report.ts";
import { openRestore } from "./restore_plan.ts";

export type { DownloadOptions } from "./download/download_options.ts";

/**
 * Write the versions that a snapshot names, or that were current at a moment, to files below a
 * directory. Each has the object's date,
 * and appears once it is whole; a file that has the size and the date of its object already is left
 * alone, so that a download that was cut off in any way is finished by running it again.
 *
 * Files are named after keys, by rules that give each key a name of its own inside the directory;
 * {@linkcode keyOfPath} goes back. One download at a time may write to a directory. The lock of the
 * store is not taken, so a gc meanwhile may take versions away, which are then reported as failed.
 *
 * @returns What a restore reports, the directory as its target: `copied` are the files written. The
 * directory is not looked through, so `deleted` and `extra` are 0.
 * @throws {SnapshotError} as `planRestore`
 * @throws {InputError} as `planRestore`, or when the directory cannot be used
 * @throws {BackupError} `NothingSelected` when the snapshot has no key that is selected
 * @throws {StoreError} when the store does not answer
 *
 * @example
 * ```ts ignore
 * const report = await download({ snapshot: "latest", store, replica, directory: "./restored" });
 * for (const { key, message } of report.failed) console.error(key, message);
 * ```
 */
export async function download(options: DownloadOptions): Promise<RestoreReport> {
  const began = performance.now();
  assertThaw(options);
  const { directory: path, dryRun = false, signal } = options;
  const opened = await openRestore({ ...options, target: options.replica });
  const { wanted } = opened;
  const tally = emptyTally(options.onFailure);
  try {
    await using directory = await (dryRun ? TargetDirectory.look : TargetDirectory.open)(path);
    await downloadAll(opened, options, directory, tally);
    tally.unmatched = opened.selection.hits.unmatched;
  } catch (error) {
    if (!signal?.aborted) throw error;
    tally.interrupted = true;
  }
  const durationMs = Math.round(performance.now() - began);
  const report = {
    snapshot: wanted.kind === "snapshot" ? wanted.name : null,
    at: wanted.kind === "moment" ? wanted.name : null,
    target: path,
    dryRun,
    ...reportOf(tally),
    durationMs,
  };
  await assertSelected(opened, report, {});
  return report;
}
