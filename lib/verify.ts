import { identityUrl } from "./bucket_identity.ts";
import { InputError, SnapshotError } from "./model/errors.ts";
import type { Manifest } from "./model/manifest.ts";
import type { OnProgress } from "./model/progress.ts";
import type { SnapshotStore } from "./model/store.ts";
import { isExpiredNow, openPoint } from "./points.ts";
import type { Bucket } from "./s3/bucket.ts";
import { checkFiles } from "./verify/check_files.ts";
import { checkVersions, isWithin } from "./verify/check_versions.ts";
import { findLeftovers } from "./verify/find_leftovers.ts";
import { LostVersions } from "./verify/lost_versions.ts";
import { openDrafts } from "./verify/open_drafts.ts";
import type { PointDraft } from "./verify/point_draft.ts";
import { readLifecycles } from "./verify/read_lifecycles.ts";
import { DataTally } from "./verify/read_sample.ts";
import type { VerifyReport } from "./verify/report.ts";

export type {
  Leftover,
  LostVersion,
  VerifiedPoint,
  VerifiedState,
  VerifyReport,
} from "./verify/report.ts";
export type { RuleSuspicion } from "./verify/lifecycle_suspects.ts";
export type { LifecycleFinding } from "./verify/read_lifecycles.ts";
export type { DataReport, UncheckedCounts } from "./verify/read_sample.ts";

/** What to verify, and how thoroughly. */
export interface VerifyOptions {
  /** Where the snapshots are. */
  readonly store: SnapshotStore;
  /** Each an id, a beginning of one, `latest`, or `latest~N`. Default: every point of the store. */
  readonly snapshots?: readonly string[] | undefined;
  /** The bucket to look for the versions in. Default: only the store's files are read. */
  readonly replica?: Bucket | undefined;
  /**
   * Where the safety snapshots of restores have their versions, if that is another bucket. Default:
   * these are not looked for.
   */
  readonly source?: Bucket | undefined;
  /** The share of the objects that is read, in percent: above 0, up to 100. Default: none. */
  readonly data?: number | undefined;
  /** Chooses which: a whole number from 0 up to 2^32-1. Default: random; the report tells it. */
  readonly seed?: number | undefined;
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each block of entries, page of a listing, and chunk of an object. */
  readonly onProgress?: OnProgress | undefined;
}

const MAX_SEED = 2 ** 32 - 1;

/**
 * Find out whether points can be restored in full, without restoring them. Nothing is changed and
 * nothing is locked; a point that gc removes meanwhile counts as expired.
 *
 * Every file of every point is read to its end. With a replica, every version that a point names is
 * looked for in one fresh listing; with `data`, a share of the objects is read and held against
 * their checksums. Memory does not grow with the points' entries.
 *
 * @throws {InputError} when an option is unusable
 * @throws {SnapshotError} `UnknownSnapshot`, `AmbiguousSnapshot`; damage is told by the report
 * @throws {S3Error} when the bucket cannot be listed, or does not answer
 * @throws {StoreError} when the store does not answer
 *
 * @example
 * ```ts ignore
 * const { ok, points } = await verify({ store, replica, data: 1 });
 * if (!ok) console.error(points.filter(({ state }) => state !== "ok"));
 * ```
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const began = performance.now();
  const data = dataOf(options);
  const signal = options.signal ?? new AbortController().signal;
  const drafts = await openDrafts(options, signal);
  await checkAllFiles(drafts, options, signal);
  const lost = new LostVersions();
  await checkAllVersions(drafts, options, lost, data, signal);
  await noticeRemovals(drafts, options.store, signal);
  lost.forgetExpired();
  const lifecycles = await readLifecycles(lost.bucketsOfMissing, signal);
  const isNamed = options.snapshots !== undefined;
  return {
    ok: drafts.length > 0 &&
      drafts.every(({ state }) => state === "ok" || (state === "expired" && !isNamed)),
    points: drafts.map((draft) => draft.finish()),
    lost: lost.finish(lifecycles),
    lostCount: lost.count,
    lifecycles: lifecycles.map(({ finding }) => finding),
    data: data?.finish() ?? null,
    leftovers: isNamed ? [] : await findLeftovers(options.store, manifestsOf(drafts), signal),
    durationMs: Math.round(performance.now() - began),
  };
}

function dataOf({ data, seed, replica }: VerifyOptions): DataTally | undefined {
  if (data === undefined) return;
  if (!replica) throw new InputError("to read objects, name the replica that holds them");
  if (!(data > 0 && data <= 100)) {
    throw new InputError(`cannot read ${data} percent of the objects: use above 0, up to 100`);
  }
  if (seed !== undefined && !(Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED)) {
    throw new InputError(`the seed is ${seed}: use a whole number from 0 to ${MAX_SEED}`);
  }
  return new DataTally(data, seed ?? crypto.getRandomValues(new Uint32Array(1))[0]!);
}

async function checkAllFiles(
  drafts: readonly PointDraft[],
  { store, onProgress }: VerifyOptions,
  signal: AbortSignal,
): Promise<void> {
  const toRead = drafts.filter(({ point, expired }) => point && !expired);
  const total = { objects: toRead.reduce((sum, { point }) => sum + point!.totals.objects, 0) };
  const done = { objects: 0, bytes: 0 };
  for (const draft of toRead) {
    const onEntries = (objects: number, bytes: number) => {
      done.objects += objects;
      done.bytes += bytes;
      onProgress?.({ phase: "verifying", ...done, total });
    };
    await checkFiles(store, draft.point!, draft, { onEntries, signal });
  }
}

async function checkAllVersions(
  drafts: readonly PointDraft[],
  { store, replica, source, onProgress }: VerifyOptions,
  lost: LostVersions,
  data: DataTally | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (!replica) return;
  const sound = drafts.filter(({ point, expired, isSound }) => point && !expired && isSound);
  const buckets = source ? [replica, source] : [replica];
  const own = Map.groupBy(sound, (draft) => buckets.find((bucket) => isWithin(draft, bucket)));
  for (const draft of own.get(undefined) ?? []) {
    draft.notLookedFor = `it is of ${identityUrl(draft.point!.bucket!)}`;
  }
  for (const draft of drafts) {
    if (!draft.isSound) draft.notLookedFor = "its files are damaged";
  }
  for (const bucket of buckets) {
    const context = { store, bucket, lost, data, onProgress, signal };
    await checkVersions(own.get(bucket) ?? [], context);
  }
}

/** What is wrong with a point that gc is removing is no news. */
async function noticeRemovals(
  drafts: readonly PointDraft[],
  store: SnapshotStore,
  signal: AbortSignal,
): Promise<void> {
  for (const draft of drafts) {
    if (draft.state === "ok" || draft.expired || !draft.point) continue;
    draft.expired = await isExpiredNow(store, draft.point, { signal }) ||
      await isGone(store, draft.id, signal);
  }
}

async function isGone(store: SnapshotStore, id: string, signal: AbortSignal): Promise<boolean> {
  try {
    await openPoint(store, id, { signal });
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    return error.code === "UnknownSnapshot";
  }
  return false;
}

function manifestsOf(drafts: readonly PointDraft[]): Map<string, Manifest> {
  const manifests = drafts.flatMap(({ point }) => point?.manifest ?? []);
  return new Map(manifests.map((manifest) => [manifest.id, manifest]));
}
