import { applyBatch } from "./restore/apply_batch.ts";
import type { ApplyContext } from "./restore/apply_context.ts";
import { assertNotEmptied } from "./restore/assert_not_emptied.ts";
import { countBatch, countPlanned } from "./restore/count_planned.ts";
import { assertSelected } from "./restore/nothing_selected.ts";
import { PlanCounter } from "./restore/plan_summary.ts";
import { prepare } from "./restore/prepare.ts";
import { recogniseCopies } from "./restore/recognise_copies.ts";
import { ABSENT, MISSING, type RestoreBatch } from "./restore/restore_batch.ts";
import {
  assertCopies,
  assertThaw,
  DEFAULT_THAW_DAYS,
  type RestoreOptions,
  storeOfSafetySnapshot,
} from "./restore/restore_options.ts";
import {
  emptyTally,
  IncompleteRestoreError,
  reportOf,
  type RestoreReport,
  type RestoreTally,
} from "./restore/restore_report.ts";
import type { SourceLook } from "./restore/source_look.ts";
import { WorkerPool } from "./restore/worker_pool.ts";
import { type OpenedRestore, openRestore, planOpened } from "./restore_plan.ts";
import { MAX_COPY_SIZE } from "./s3/copy_version.ts";
import { DeleteGuard } from "./s3/delete_guard.ts";
import { parseEncryption } from "./s3/encryption.ts";
import { TargetGuard } from "./s3/target_guard.ts";

export type { RestoreOptions } from "./restore/restore_options.ts";

/**
 * Make a bucket what a snapshot says it was, or with `at` what its own versions say. Objects are copied by the server, with metadata,
 * content headers, tags and storage class; what is right already is left alone, so a restore that
 * was cut off in any way is finished by running it again.
 *
 * Nothing is changed before the whole snapshot was read and found sound, and the target as it is
 * was stored as a snapshot of its own, the report's `safetySnapshot`: restoring that one, with
 * `delete`, undoes this restore. A key that fails stops no other; the report names it. So it does
 * with one that somebody changed after it was compared with the snapshot: it is left as it is.
 *
 * @throws {SnapshotError} as `planRestore`
 * @throws {InputError} as `planRestore`; when all that is selected would be deleted, see `allowEmpty`
 * @throws {BackupError} `NothingSelected` when neither the snapshot nor the target has a selected key
 * @throws {S3Error} `NotVersioned` when the target is not versioned, so that nothing could undo the
 * restore, and no one said `safetySnapshot: false`; when a bucket cannot be listed
 * @throws {IncompleteRestoreError} when something of this kind happens after the first change
 * @throws {LockError} when gc or a snapshot is at work in the store; nothing is changed then
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
  assertCopies(options);
  storeOfSafetySnapshot(options);
  const opened = await openRestore(options);
  await assertNotEmptied(opened, options);
  const report = await restoreOpened(opened, options, { began });
  await assertSelected(opened, report, options);
  return report;
}

/** Within what something that was opened is done. */
export interface RestoreFrame {
  /** When it began, by `performance.now()`. */
  readonly began: number;
  /** What it calls itself when it breaks off. Default: `restore`. */
  readonly kind?: "restore" | "sync";
  /** Tells where the source has moved on since the plan. Default: that does not matter. */
  readonly look?: SourceLook;
  /** Whether checksums are asked for where ETags differ. Default: false. */
  readonly recognise?: boolean;
  /** Called before each deletion of objects. Default: nothing is to be made sure of. */
  readonly assertHeld?: () => Promise<void>;
}

/** Do what was opened, whether or not anything is selected. Throws as {@linkcode restore} */
export async function restoreOpened(
  opened: OpenedRestore,
  options: RestoreOptions,
  { began, kind, ...frame }: RestoreFrame,
): Promise<RestoreReport> {
  const { wanted } = opened;
  const tally = emptyTally(options.onFailure);
  const report = (): RestoreReport => ({
    snapshot: wanted.kind === "snapshot" ? wanted.name : null,
    at: wanted.kind === "moment" ? wanted.name : null,
    target: options.target.url,
    dryRun: options.dryRun ?? false,
    ...reportOf(tally),
    durationMs: Math.round(performance.now() - began),
  });
  try {
    if (options.dryRun) await countPlan(opened, options, tally, frame);
    else await applyPlan(opened, options, tally, frame);
    tally.unmatched = opened.selection.hits.unmatched;
  } catch (error) {
    if (options.signal?.aborted) tally.interrupted = true;
    else throw hasChanged(tally) ? new IncompleteRestoreError(report(), error, kind) : error;
  }
  return report();
}

function hasChanged(tally: RestoreTally): boolean {
  const { safetySnapshot, copied, undeleted, undeletedInReplica, deleted } = tally;
  return safetySnapshot !== null || copied + undeleted + undeletedInReplica + deleted > 0;
}

/** The plan, without copies that are known not to be needed. */
function planWithin(
  opened: OpenedRestore,
  { target, signal }: RestoreOptions,
  recognise: boolean | undefined,
): AsyncGenerator<RestoreBatch> {
  const plan = planOpened(opened);
  return recognise ? recogniseCopies(plan, { source: opened.source, target, signal }) : plan;
}

async function countPlan(
  opened: OpenedRestore,
  options: RestoreOptions,
  tally: RestoreTally,
  { recognise }: Omit<RestoreFrame, "began" | "kind">,
): Promise<void> {
  const { target, onPlan, onProgress } = options;
  const { concurrency = target.concurrency, safetySnapshot = true } = options;
  const began = performance.now(), counter = new PlanCounter(opened);
  for await (const batch of planWithin(opened, options, recognise)) {
    await countPlanned(batch, opened, tally);
    counter.add(batch);
    await onPlan?.(batch);
    onProgress?.({ phase: "planning", objects: tally.objects, bytes: tally.bytesCopied });
  }
  const planningMs = performance.now() - began;
  const { pages } = opened.listed;
  tally.plan = counter.summary({ concurrency, pages, planningMs, safetySnapshot });
}

async function applyPlan(
  opened: OpenedRestore,
  options: RestoreOptions,
  tally: RestoreTally,
  { look, recognise, assertHeld = () => Promise.resolve() }: Omit<RestoreFrame, "began" | "kind">,
): Promise<void> {
  const { target, replica = target, toPrefix = "", signal } = options;
  const { concurrency = target.concurrency } = options;
  const { thaw: tier, thawDays: days = DEFAULT_THAW_DAYS } = options;
  await using held = new AsyncDisposableStack();
  const pool = new WorkerPool(concurrency);
  const onChange = () => reportProgress(opened, options, tally);
  const context: ApplyContext = {
    source: opened.source,
    target,
    replica,
    toPrefix,
    thaw: tier && { tier, days },
    manner: {
      encryption: parseEncryption(options.encryption ?? "keep"),
      keepsGrants: options.acl ?? false,
      maxCopySize: options.maxCopySize ?? MAX_COPY_SIZE,
      stream: opened.streams,
    },
    guards: options.overwriteChanged
      ? undefined
      : { copies: new TargetGuard(target), deletions: new DeleteGuard(target) },
    look,
    assertHeld,
    pool,
    tally,
    signal,
    onChange,
  };
  let isPrepared = false;
  try {
    for await (const batch of planWithin(opened, options, recognise)) {
      countBatch(batch, tally);
      await options.onPlan?.(batch);
      onChange();
      if (!isPrepared && changesSomething(batch)) {
        tally.safetySnapshot = await prepare(opened, options, held);
        isPrepared = true;
      }
      await applyBatch(batch, context);
    }
  } finally {
    await pool.finish();
  }
}

function changesSomething({ actions }: RestoreBatch): boolean {
  return actions.some((action) => action !== MISSING && action !== ABSENT);
}

function reportProgress(
  { wanted, selection: { scopes, names, matches } }: OpenedRestore,
  { onProgress, signal }: RestoreOptions,
  { unchanged, copied, undeleted, archived, failures, bytesCopied }: RestoreTally,
): void {
  if (!onProgress || signal?.aborted) return;
  const objects = unchanged + copied + undeleted + archived + failures.count;
  const point = wanted.kind === "snapshot" ? wanted.point : undefined;
  const isWhole = !names && !matches && scopes.length === 1 &&
    scopes[0] === (point?.bucket?.prefix ?? "");
  const total = isWhole && point ? { total: { objects: point.totals.objects } } : {};
  onProgress({ phase: "copying", objects, bytes: bytesCopied, ...total });
}
