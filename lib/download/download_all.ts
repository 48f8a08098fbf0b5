import type { Entry } from "../model/entry.ts";
import { entryAt } from "../model/entry_batch.ts";
import { BackupError } from "../model/errors.ts";
import { isArchivedClass } from "../restore/archives.ts";
import { absentKey } from "../restore/lost_version.ts";
import { isArchived, reportArchived } from "../restore/report_archived.ts";
import { DEFAULT_THAW_DAYS } from "../restore/restore_options.ts";
import { failureOf, type RestoreFailure } from "../restore/restore_failure.ts";
import { countArchived, type RestoreTally } from "../restore/restore_report.ts";
import { ABSENT_NAME } from "../restore/select_rows.ts";
import { WorkerPool } from "../restore/worker_pool.ts";
import { type OpenedRestore, readSelected } from "../restore_plan.ts";
import type { Bucket } from "../s3/bucket.ts";
import { downloadFile, isSameFile } from "./download_file.ts";
import type { DownloadOptions } from "./download_options.ts";
import { KeyPaths } from "./key_path.ts";
import { lstatIfThere, type TargetDirectory } from "./target_directory.ts";

/** One object and where it goes. */
interface Task {
  readonly entry: Entry;
  /** Undefined where even its folder is not there, and only a look is wanted. */
  readonly path: string | undefined;
  readonly from: Bucket;
  readonly directory: TargetDirectory;
  readonly options: DownloadOptions;
  readonly tally: RestoreTally;
}

/**
 * Download everything that was opened, counting it as it ends. One key's failure is counted and stops
 * nothing else.
 *
 * @throws the signal's reason once it is aborted
 */
export async function downloadAll(
  opened: OpenedRestore,
  options: DownloadOptions,
  directory: TargetDirectory,
  tally: RestoreTally,
): Promise<void> {
  const { replica, concurrency = replica.concurrency, signal } = options;
  const pool = new WorkerPool(concurrency);
  const paths = new KeyPaths(directory.rules);
  try {
    for await (const { entry, isAbsent } of entriesOf(opened)) {
      signal?.throwIfAborted();
      if (isAbsent) {
        tally.absent++;
        await tally.failures.add(absentKey(entry));
        continue;
      }
      tally.objects++;
      await counted(entry, tally, async () => {
        const path = await directory.pathOf(paths.next(entry.key));
        const task = { entry, path, from: opened.source, directory, options, tally };
        await pool.start(() => counted(entry, tally, () => downloadOne(task), options));
      }, options);
    }
  } finally {
    await pool.finish();
  }
}

async function* entriesOf(
  opened: OpenedRestore,
): AsyncGenerator<{ readonly entry: Entry; readonly isAbsent: boolean }> {
  for (const scope of opened.selection.scopes) {
    for await (const batch of readSelected(opened, scope)) {
      for (let row = 0; row < batch.length; row++) {
        const isAbsent = (batch.flags[row]! & ABSENT_NAME) !== 0;
        yield { entry: entryAt(batch, row), isAbsent };
      }
    }
  }
}

/** One key's failure stops nothing else; a permission that is missing concerns every key. */
async function counted(
  entry: Entry,
  tally: RestoreTally,
  work: () => Promise<void>,
  { signal }: DownloadOptions,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (signal?.aborted) return;
    if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
    await tally.failures.add(failureOfFile(entry, error));
  }
}

function failureOfFile(entry: Entry, error: Error): RestoreFailure {
  if (error instanceof BackupError) return failureOf(entry, error);
  const code = Reflect.get(error, "code");
  const { key, versionId } = entry;
  return { key, versionId, code: String(code ?? error.name), message: error.message };
}

async function downloadOne(task: Task): Promise<void> {
  const { entry, path, tally, options: { dryRun, onProgress, signal } } = task;
  if (signal?.aborted) return;
  const there = path === undefined ? undefined : await lstatIfThere(path);
  if (isSameFile(there, entry)) tally.unchanged++;
  else if (there?.isDirectory) {
    throw new BackupError(
      "InTheWay",
      `${path} is a folder, and a file is needed there: remove it, or choose another directory`,
    );
  } else if (dryRun) countPlanned(entry, tally);
  else await fetchFile(task, path!);
  const objects = tally.unchanged + tally.copied + tally.archived + tally.failures.count;
  if (!signal?.aborted) {
    onProgress?.({ phase: "downloading", objects, bytes: tally.bytesCopied });
  }
}

function countPlanned({ size, storageClass }: Entry, tally: RestoreTally): void {
  if (isArchivedClass(storageClass)) {
    countArchived(tally, storageClass, size);
  } else {
    tally.copied++;
    tally.bytesCopied += size;
  }
}

async function fetchFile(
  { entry, from, directory, options, tally }: Task,
  path: string,
): Promise<void> {
  const { signal, thaw: tier, thawDays: days = DEFAULT_THAW_DAYS } = options;
  try {
    await downloadFile(from, entry, path, directory, signal ? { signal } : {});
    tally.copied++;
    tally.bytesCopied += entry.size;
  } catch (error) {
    if (!(error instanceof BackupError) || !isArchived(error)) throw error;
    await reportArchived(entry, from, error, { tally, thaw: tier && { tier, days } });
  }
}
