import { CLOCK_PRECISION } from "./gc/clock_precision.ts";
import { collect, type CollectSettings } from "./gc/collect.ts";
import { isPartOf, ownPoints } from "./gc/series.ts";
import { type Replica, replicaOf } from "./gc/replica.ts";
import type { Decision, GcReport } from "./gc/report.ts";
import { isSameBucket } from "./bucket_identity.ts";
import { InputError } from "./model/errors.ts";
import type { BucketIdentity } from "./model/manifest.ts";
import { planRetention } from "./model/retention.ts";
import { assertRetentionPolicy, type RetentionPolicy } from "./model/retention_policy.ts";
import type { SnapshotStore } from "./model/store.ts";
import type { Point } from "./point.ts";
import type { Bucket } from "./s3/bucket.ts";
import { requireVersioning } from "./s3/versioning.ts";

export type { GcReport, OtherBucket, PointReport, PointState } from "./gc/report.ts";

/** What to collect, and how. */
export interface GcOptions extends CollectSettings {
  /** Where the snapshots are. */
  readonly store: SnapshotStore;
  /** The bucket that holds their versions: the replica, or the only bucket. */
  readonly bucket: Bucket;
  /**
   * The bucket that is restored, where it is another one. Restores store their safety snapshots of
   * it in the same store; these are removed after `policy.safetyDays`, too, and no version with
   * them: the source's versions are its own lifecycle rules' business. Default: they stay.
   */
  readonly source?: BucketIdentity | undefined;
  /** Which snapshots stay. */
  readonly policy: RetentionPolicy;
  /**
   * Also delete what no point of the store names and has not been current for so many milliseconds:
   * versions that were written and overwritten between two points, and delete markers below which
   * nothing is left. What the second oldest kept point and all later moments need stays, however
   * old, so that `snapshot` can still be given such a moment. Another store's points are not known
   * here: never say this of a bucket that has points in several. Default: none of these go.
   */
  readonly unreferenced?: number | undefined;
  /**
   * Whether a dry run counts these, which takes a listing of the whole bucket. Default: true.
   */
  readonly countUnreferenced?: boolean | undefined;
}

/**
 * Remove the snapshots that a policy no longer keeps, and the versions that only they need.
 *
 * Only this bucket's points are judged; a bucket URL with a prefix has points of its own. A file of
 * 2015 of which the bucket holds no version stays, as the report says: it names no bucket. A version
 * is deleted when an expired point names it, no other point of the store does that may mean the
 * same bucket, and it is not current. One that cannot be deleted (Object Lock, a legal hold, no
 * permission) is in the report; its point stays marked as expired and is tried again by the next
 * run. So is everything that a run did not come to.
 *
 * @throws {InputError} when the policy holds no rule
 * @throws {LockError} when a snapshot or another collection is at work in the store
 * @throws {SnapshotError} when any point of the store cannot be read; nothing is deleted then
 * @throws {S3Error} `NotVersioned`, and when the bucket refuses everything
 * @throws {StoreError} when the store does not answer
 *
 * @example
 * ```ts ignore
 * const policy = { days: 30, minimumRedundancy: 2, keepMonthly: 12 };
 * const { points } = await gc({ store, bucket: replica, policy, dryRun: true });
 * for (const { id, keep, reasons } of points) console.log(id, keep, reasons.join(", "));
 * ```
 */
export async function gc(options: GcOptions): Promise<GcReport> {
  const { store, bucket, policy, signal } = options;
  assertRetentionPolicy(policy);
  assertAge(options.unreferenced);
  await requireVersioning(bucket, signal ? { signal } : {});
  return await collectByPolicy(store, replicaOf(bucket), policy, options, options.source);
}

function assertAge(unreferenced: number | undefined): void {
  if (unreferenced === undefined || unreferenced >= 0 && Number.isFinite(unreferenced)) return;
  throw new InputError(`unreferenced must be 0 or more milliseconds, not ${unreferenced}`);
}

/** What {@linkcode gc} does, with whatever stands for the bucket. */
export async function collectByPolicy(
  store: SnapshotStore,
  replica: Replica,
  policy: RetentionPolicy,
  settings: CollectSettings & Pick<GcOptions, "unreferenced" | "countUnreferenced">,
  source?: BucketIdentity,
): Promise<GcReport> {
  const decide = (own: readonly Point[], now: number) => judge(own, policy, now);
  const decideGuests = (all: readonly Point[], now: number) =>
    judge(safetySnapshotsOf(source, all, replica.identity), policy, now);
  const { dryRun = false, unreferenced: olderThan, countUnreferenced = true } = settings;
  const isSought = olderThan !== undefined || dryRun && countUnreferenced;
  return await collect({
    ...{ store, replica, name: "gc", decide, decideGuests, sparesForeignFiles: true },
    ...(isSought && { unreferenced: { olderThan } }),
  }, settings);
}

/** What retention is asked about. */
export interface RetentionTask {
  /** Which points stay. */
  readonly policy: RetentionPolicy;
  /** The bucket that holds the versions; a prefix makes it a series of points of its own. */
  readonly bucket: BucketIdentity;
  /** The bucket that is restored, where it is another one; see {@linkcode GcOptions.source}. */
  readonly source?: BucketIdentity | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * What gc would decide about these points: the bucket's own, and safety snapshots of another one.
 *
 * @throws {InputError} when the policy holds no rule
 */
export function planGc(
  points: readonly Point[],
  { policy, bucket, source, now }: RetentionTask,
): { readonly own: readonly Decision[]; readonly guests: readonly Decision[] } {
  return {
    own: judge(ownPoints(points, bucket), policy, now),
    guests: judge(safetySnapshotsOf(source, points, bucket), policy, now),
  };
}

/** Of the bucket that is restored, as long as that is not the replica itself. */
function safetySnapshotsOf(
  source: BucketIdentity | undefined,
  points: readonly Point[],
  replica: BucketIdentity,
): Point[] {
  if (!source || isSameBucket(source, replica)) return [];
  return points.filter(({ bucket, safetyFor }) =>
    safetyFor !== undefined && bucket !== undefined && isPartOf(bucket, source)
  );
}

/** Points whose removal was begun cannot be restored: they count for nothing, and are finished. */
function judge(own: readonly Point[], policy: RetentionPolicy, now: number): Decision[] {
  const begun = own.filter(({ expired }) => expired)
    .map(({ id }) => ({ id, keep: false, reasons: ["its removal was begun"] }));
  const whole = own.filter(({ expired }) => !expired).map(({ id, asOf, pinned, safetyFor }) => {
    return { id, asOf, pinned, safety: safetyFor !== undefined };
  });
  return [...begun, ...planRetention(whole, policy, now + CLOCK_PRECISION)];
}
