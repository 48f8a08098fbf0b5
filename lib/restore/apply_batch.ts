import type { Entry } from "../model/entry.ts";
import { entryAt } from "../model/entry_batch.ts";
import { BackupError } from "../model/errors.ts";
import type { Bucket } from "../s3/bucket.ts";
import { copyVersion } from "../s3/copy_version.ts";
import { deleteVersions } from "../s3/delete_versions.ts";
import { type ThawTier, thawVersion } from "../s3/thaw_version.ts";
import { lostVersion } from "./lost_version.ts";
import {
  COPY_OWN,
  DELETE,
  MISSING,
  REMOVE_MARKER,
  type RestoreAction,
  type RestoreBatch,
} from "./restore_batch.ts";
import type { RestoreFailure, RestoreTally } from "./restore_report.ts";
import type { WorkerPool } from "./worker_pool.ts";

/** What a plan is applied to. */
export interface ApplyContext {
  /** Where the versions are. */
  readonly source: Bucket;
  readonly target: Bucket;
  readonly toPrefix: string;
  /** How archived versions are asked for; undefined when they are only reported. */
  readonly thaw: { readonly tier: ThawTier; readonly days: number } | undefined;
  readonly pool: WorkerPool;
  readonly tally: RestoreTally;
  /** Abort: nothing more is begun. What was begun is not given up. */
  readonly signal: AbortSignal | undefined;
  /** Told after each thing done. */
  readonly onChange: () => void;
}

/** Codes of what S3 says of a version that has to be thawed first. */
const FROZEN = ["InvalidObjectState", "ObjectNotInActiveTierError"];

/**
 * Begin everything that a batch says, and count it as it ends. One key's failure is recorded and
 * stops nothing else. Resolves when all has begun.
 *
 * @throws the signal's reason once it is aborted
 */
export async function applyBatch(batch: RestoreBatch, context: ApplyContext): Promise<void> {
  const { pool, signal } = context;
  const markers: Entry[] = [], surplus: Entry[] = [];
  for (let row = 0; row < batch.entries.length; row++) {
    const entry = entryAt(batch.entries, row);
    const action = batch.actions[row] as RestoreAction;
    if (action === REMOVE_MARKER) markers.push(entry);
    else if (action === DELETE) surplus.push(entry);
    else if (action === MISSING) context.tally.failed.push(lostVersion(entry, context.source));
    else await begin(pool, signal, () => copy(entry, action, context));
  }
  if (markers.length > 0) await begin(pool, signal, () => removeMarkers(markers, context));
  if (surplus.length > 0) await begin(pool, signal, () => deleteSurplus(surplus, context));
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

async function copy(entry: Entry, action: RestoreAction, context: ApplyContext): Promise<void> {
  const { target, toPrefix, tally, onChange } = context;
  const from = action === COPY_OWN ? target : context.source;
  try {
    const { etagKept } = await copyVersion({
      ...entry,
      from,
      to: target,
      toKey: toPrefix + entry.key,
    });
    tally.copied++;
    tally.bytesCopied += entry.size;
    if (!etagKept) tally.etagsChanged++;
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    if (FROZEN.includes(error.code)) await reportArchived(entry, from, context);
    else tally.failed.push(failure(entry, error));
  }
  onChange();
}

async function reportArchived(
  entry: Entry,
  from: Bucket,
  { tally, thaw }: ApplyContext,
): Promise<void> {
  tally.archived++;
  tally.bytesArchived += entry.size;
  if (!thaw) return;
  try {
    await thawVersion(from, { ...entry, ...thaw });
    tally.thawing++;
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    tally.failed.push(failure(entry, error));
  }
}

async function removeMarkers(markers: readonly Entry[], context: ApplyContext): Promise<void> {
  const failed = await deleteEach(markers, context, ({ versionId }) => versionId);
  const keys = new Set(markers.map(({ key }) => key));
  for (const { key } of failed) keys.delete(key);
  context.tally.undeleted += keys.size;
  context.onChange();
}

async function deleteSurplus(surplus: readonly Entry[], context: ApplyContext): Promise<void> {
  const failed = await deleteEach(surplus, context, () => undefined);
  context.tally.deleted += surplus.length - failed.length;
  context.onChange();
}

/** `versionIdOf` gives undefined where a delete marker is wanted. */
async function deleteEach(
  entries: readonly Entry[],
  { target, toPrefix, tally }: ApplyContext,
  versionIdOf: (entry: Entry) => string | undefined,
): Promise<RestoreFailure[]> {
  const byName = new Map<string, Entry>();
  const versions = entries.map((entry) => {
    const versionId = versionIdOf(entry);
    const key = toPrefix + entry.key;
    byName.set(nameOf(key, versionId), entry);
    return { key, ...(versionId !== undefined && { versionId }) };
  });
  const failed = await tryDelete(target, versions, byName);
  tally.failed.push(...failed);
  return failed;
}

async function tryDelete(
  target: Bucket,
  versions: readonly { readonly key: string; readonly versionId?: string }[],
  byName: ReadonlyMap<string, Entry>,
): Promise<RestoreFailure[]> {
  try {
    const { failed } = await deleteVersions(target, versions);
    return failed.map(({ key, versionId, code, message }) => {
      const entry = byName.get(nameOf(key, versionId));
      return { key: entry?.key ?? key, versionId: entry?.versionId ?? "", code, message };
    });
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    return [...byName.values()].map((entry) => failure(entry, error));
  }
}

function nameOf(key: string, versionId: string | undefined): string {
  return JSON.stringify([key, versionId]);
}

function failure({ key, versionId }: Entry, { code, message }: BackupError): RestoreFailure {
  return { key, versionId, code, message };
}
