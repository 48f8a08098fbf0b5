import type { Entry } from "../model/entry.ts";
import { entryAt, textAt } from "../model/entry_batch.ts";
import { BackupError } from "../model/errors.ts";
import type { Bucket } from "../s3/bucket.ts";
import { copyVersion } from "../s3/copy_version.ts";
import type { ApplyContext } from "./apply_context.ts";
import type { SeenEntry } from "./seen_entry.ts";
import { deleteSurplus, removeMarkers } from "./apply_deletions.ts";
import { absentKey, lostVersion } from "./lost_version.ts";
import {
  ABSENT,
  COPY_OWN,
  DELETE,
  MISSING,
  REMOVE_MARKER,
  REMOVE_REPLICA_MARKER,
  type RestoreAction,
  type RestoreBatch,
} from "./restore_batch.ts";
import { isArchived, reportArchived } from "./report_archived.ts";
import { failureOf } from "./restore_failure.ts";
import { countStreamed } from "./restore_report.ts";
import type { WorkerPool } from "./worker_pool.ts";

/**
 * Begin everything that a batch says, and count it as it ends. One key's failure is recorded and
 * stops nothing else. Resolves when all has begun.
 *
 * @throws the signal's reason once it is aborted
 */
export async function applyBatch(batch: RestoreBatch, context: ApplyContext): Promise<void> {
  const { pool, signal } = context;
  const markers = { target: [] as Entry[], replica: [] as Entry[] };
  const surplus: SeenEntry[] = [];
  for (let row = 0; row < batch.entries.length; row++) {
    const entry = entryAt(batch.entries, row);
    const action = batch.actions[row] as RestoreAction;
    if (action === REMOVE_MARKER) markers.target.push(entry);
    else if (action === REMOVE_REPLICA_MARKER) markers.replica.push(entry);
    else if (action === DELETE) surplus.push(seenEntry(batch, row));
    else if (action === ABSENT) await context.tally.failures.add(absentKey(entry));
    else if (action === MISSING) {
      await context.tally.failures.add(lostVersion(entry, context.source));
    } else {
      await begin(pool, signal, () => copy(seenEntry(batch, row), action, context));
    }
  }
  if (markers.target.length + markers.replica.length > 0) {
    await begin(pool, signal, () => removeMarkers(markers, context));
  }
  if (surplus.length > 0) await begin(pool, signal, () => deleteSurplus(surplus, context));
}

function seenEntry({ entries, seenETags, seenTimes }: RestoreBatch, row: number): SeenEntry {
  const seen = { seenETag: textAt(seenETags, row), seenTime: seenTimes[row]! };
  return { ...entryAt(entries, row), ...seen };
}

async function begin(
  pool: WorkerPool,
  signal: AbortSignal | undefined,
  task: () => Promise<void>,
): Promise<void> {
  signal?.throwIfAborted();
  await pool.start(async () => {
    // It may have waited for its turn.
    if (!signal?.aborted) await task();
  });
}

async function copy(entry: SeenEntry, action: RestoreAction, context: ApplyContext): Promise<void> {
  const { target, toPrefix, tally, onChange } = context;
  const from = action === COPY_OWN ? target : context.source;
  try {
    if (await context.look?.isRightSince(entry)) {
      tally.unchanged++;
      return onChange();
    }
    const { etagKept } = await copyVersion({
      ...entry,
      from,
      to: target,
      toKey: toPrefix + entry.key,
      guard: context.guards?.copies,
      ...context.manner,
    });
    tally.copied++;
    tally.bytesCopied += entry.size;
    if (context.manner.stream && action !== COPY_OWN) countStreamed(entry.size, tally);
    if (!etagKept) tally.etagsChanged++;
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    if (isArchived(error)) await reportArchived(entry, from, error, context);
    else await tally.failures.add(failureOf(entry, advised(error, from, context)));
  }
  onChange();
}

/** Credentials of one account may read the version, and those of the other write the copy. */
function advised(error: BackupError, from: Bucket, { target, manner }: ApplyContext): BackupError {
  if (error.code !== "AccessDenied" || manner.stream || from === target) return error;
  return new BackupError(
    error.code,
    `${error.message}. If the two buckets belong to two accounts, neither of which may do both, ` +
      `let the bytes pass through here (--stream, or stream: true)`,
    { cause: error },
  );
}
