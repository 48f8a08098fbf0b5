import { InputError, S3Error } from "./model/errors.ts";
import type { OnProgress } from "./model/progress.ts";
import { readPoint } from "./point.ts";
import { applyBatch, type ApplyContext } from "./restore/apply_batch.ts";
import { countBatch, countPlanned } from "./restore/count_planned.ts";
import { MISSING, type RestoreBatch } from "./restore/restore_batch.ts";
import {
  emptyTally,
  IncompleteRestoreError,
  type RestoreReport,
  type RestoreTally,
} from "./restore/restore_report.ts";
import { commonPrefix } from "./restore/scopes.ts";
import { WorkerPool } from "./restore/worker_pool.ts";
import {
  type OpenedRestore,
  openRestore,
  planOpened,
  type PlanRestoreOptions,
} from "./restore_plan.ts";
import { THAW_TIERS, type ThawTier } from "./s3/thaw_version.ts";
import { requireVersioning } from "./s3/versioning.ts";
import { snapshot } from "./snapshot.ts";
import type { Delay } from "./snapshot_moment.ts";

/** Long enough to notice that the thaw is over, over a week-end too. */
const DEFAULT_THAW_DAYS = 7;

/** What to bring back, and how. */
export interface RestoreOptions extends PlanRestoreOptions {
  /** Only say what would be done. Default: false. */
  readonly dryRun?: boolean;
  /**
   * Whether to store a snapshot of the target before the first change, by which the restore can be
   * undone. Default: true. The target must then be versioned.
   */
  readonly safetySnapshot?: boolean;
  /** Whether that snapshot locks the store; see `SnapshotOptions`. Default: true. */
  readonly lock?: boolean;
  /**
   * How archived versions are asked for, so that a later restore can copy them. Default: they are
   * only reported. A version that was thawed already is copied either way.
   */
  readonly thaw?: ThawTier;
  /** How many days thawed copies stay readable. 1 or more. Default: 7. */
  readonly thawDays?: number;
  /** Most copies in flight at once. Default: the target's concurrency. */
  readonly concurrency?: number;
  /**
   * Abort: what was begun is brought to its end, and the report comes with `interrupted`. Before
   * the snapshot was found and opened the reason is thrown.
   */
  readonly signal?: AbortSignal;
  /** Told of each batch of the plan and of each object that was dealt with. */
  readonly onProgress?: OnProgress;
  /** Names the safety snapshot. Default: `Math.random`. */
  readonly random?: () => number;
  /** Waits for the end of the safety snapshot's second. Default: a timer. */
  readonly delay?: Delay;
}

/**
 * Make a bucket what a snapshot says it was. Objects are copied by the server, with metadata,
 * content headers, tags and storage class; what is right already is left alone, so a restore that
 * was cut off in any way is finished by running it again.
 *
 * Nothing is changed before the whole snapshot was read and found sound, and the target as it is
 * was stored as a snapshot of its own, the report's `safetySnapshot`: restoring that one, with
 * `delete`, undoes this restore. A key that fails stops no other; the report names it.
 *
 * @throws {SnapshotError} as `planRestore`
 * @throws {InputError} as `planRestore`
 * @throws {S3Error} `NotVersioned` when the target is not versioned, so that nothing could undo the
 * restore, and no one said `safetySnapshot: false`; when a bucket cannot be listed
 * @throws {IncompleteRestoreError} when something of this kind happens after the first change
 * @throws {LockError} when gc or a snapshot is at work in the store, as the safety snapshot is taken
 * @throws {StoreError} when the store does not answer, or does not take the safety snapshot
 *
 * @example
 * ```ts ignore
 * const report = await restore({ store, snapshot: "latest", replica, target: source, delete: true });
 * if (report.failed.length > 0) console.error(report.failed);
 * ```
 */
export async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const began = performance.now();
  assertThaw(options);
  const opened = await openRestore(options);
  const tally = emptyTally();
  const report = (): RestoreReport => ({
    snapshot: opened.point.id,
    target: options.target.url,
    dryRun: options.dryRun ?? false,
    ...tally,
    durationMs: Math.round(performance.now() - began),
  });
  try {
    await (options.dryRun ? countPlan : applyPlan)(opened, options, tally);
  } catch (error) {
    if (options.signal?.aborted) tally.interrupted = true;
    else throw hasChanged(tally) ? new IncompleteRestoreError(report(), error) : error;
  }
  return report();
}

function assertThaw({ thaw, thawDays = DEFAULT_THAW_DAYS }: RestoreOptions): void {
  if (thaw !== undefined && !THAW_TIERS.includes(thaw)) {
    throw new InputError(`${JSON.stringify(thaw)} is no tier: use ${THAW_TIERS.join(", ")}`);
  }
  if (Number.isInteger(thawDays) && thawDays >= 1) return;
  throw new InputError(`thawDays is ${thawDays}: use a whole number from 1`);
}

function hasChanged({ safetySnapshot, copied, undeleted, deleted }: RestoreTally): boolean {
  return safetySnapshot !== null || copied + undeleted + deleted > 0;
}

async function countPlan(
  opened: OpenedRestore,
  { onProgress }: RestoreOptions,
  tally: RestoreTally,
): Promise<void> {
  for await (const batch of planOpened(opened)) {
    countPlanned(batch, opened.source, tally);
    onProgress?.({ phase: "planning", objects: tally.objects, bytes: tally.bytesCopied });
  }
}

async function applyPlan(
  opened: OpenedRestore,
  options: RestoreOptions,
  tally: RestoreTally,
): Promise<void> {
  const { target, toPrefix = "", signal, concurrency = target.concurrency } = options;
  const { thaw: tier, thawDays: days = DEFAULT_THAW_DAYS } = options;
  const pool = new WorkerPool(concurrency);
  const onChange = () => reportProgress(opened, options, tally);
  const context: ApplyContext = {
    source: opened.source,
    target,
    toPrefix,
    thaw: tier && { tier, days },
    pool,
    tally,
    signal,
    onChange,
  };
  let isPrepared = false;
  try {
    for await (const batch of planOpened(opened)) {
      countBatch(batch, tally);
      onChange();
      if (!isPrepared && changesSomething(batch)) {
        tally.safetySnapshot = await prepare(opened, options);
        isPrepared = true;
      }
      await applyBatch(batch, context);
    }
  } finally {
    await pool.finish();
  }
}

function changesSomething({ actions }: RestoreBatch): boolean {
  return actions.some((action) => action !== MISSING);
}

function reportProgress(
  { point, scopes }: OpenedRestore,
  { onProgress, signal }: RestoreOptions,
  { unchanged, copied, undeleted, archived, failed, bytesCopied }: RestoreTally,
): void {
  if (!onProgress || signal?.aborted) return;
  const objects = unchanged + copied + undeleted + archived + failed.length;
  const isWhole = scopes.length === 1 && scopes[0] === (point.bucket?.prefix ?? "");
  const total = isWhole ? { total: { objects: point.totals.objects } } : {};
  onProgress({ phase: "copying", objects, bytes: bytesCopied, ...total });
}

/** All that has to be sure before the first change. @returns Id of the safety snapshot */
async function prepare(opened: OpenedRestore, options: RestoreOptions): Promise<string | null> {
  const { store, target, toPrefix = "", signal } = options;
  const abort = signal ? { signal } : {};
  if (options.safetySnapshot !== false) await requireUndoable(options);
  for (const prefix of opened.scopes) {
    for await (const _ of readPoint(store, opened.point, { ...abort, prefix }));
  }
  if (options.safetySnapshot === false) return null;
  const { lock, random, delay } = options;
  const { id } = await snapshot({
    bucket: target,
    store,
    prefix: toPrefix + commonPrefix(opened.scopes),
    label: `before the restore of ${opened.point.id}`,
    safetyFor: opened.point.id,
    ...abort,
    ...(lock !== undefined && { lock }),
    ...(random && { random }),
    ...(delay && { delay }),
  });
  return id;
}

async function requireUndoable({ target, signal }: RestoreOptions): Promise<void> {
  try {
    await requireVersioning(target, signal ? { signal } : {});
  } catch (error) {
    if (!(error instanceof S3Error) || error.code !== "NotVersioned") throw error;
    throw new S3Error(
      "NotVersioned",
      `a restore into ${target.url} could not be undone, so nothing was changed: ` +
        `${error.message}. Or do without a way back: restore without a safety snapshot`,
      { cause: error },
    );
  }
}
