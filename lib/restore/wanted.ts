import { identityUrl } from "../bucket_identity.ts";
import { InputError, SnapshotError } from "../model/errors.ts";
import type { SnapshotStore } from "../model/store.ts";
import type { Point } from "../point.ts";
import { bucketOfPoint } from "../point_bucket.ts";
import { isExpiredNow, openPoint } from "../points.ts";
import { resolvePoint } from "../resolve_point.ts";
import type { Bucket } from "../s3/bucket.ts";
import { requireVersioning } from "../s3/versioning.ts";
import { knownSplitKeys } from "../snapshot/known_split_keys.ts";
import { settleMoment } from "../snapshot/moment.ts";
import type { PlanRestoreOptions } from "./plan_options.ts";

/** What a restore brings back. */
export type Wanted = WantedSnapshot | WantedMoment;

interface WantedBase {
  /** The snapshot's id, or the moment in ISO 8601: for labels and messages. */
  readonly name: string;
  /** Where the versions are: the replica or the target. */
  readonly source: Bucket;
  /** Keys that cut the bucket into parts of about one size. */
  readonly splitKeys: readonly string[];
}

/** A snapshot. */
export interface WantedSnapshot extends WantedBase {
  readonly kind: "snapshot";
  readonly point: Point;
  /** Where it is. */
  readonly store: SnapshotStore;
}

/** What the versions of a bucket say it held at a moment. */
export interface WantedMoment extends WantedBase {
  readonly kind: "moment";
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Find what is asked for. Throws as `planRestore` does. */
export async function openWanted(options: PlanRestoreOptions): Promise<Wanted> {
  const { snapshot, at } = options;
  if (snapshot !== undefined && at === undefined) return await openSnapshot(snapshot, options);
  if (at !== undefined && snapshot === undefined) return await openMoment(at, options);
  throw new InputError(
    "a restore brings back a snapshot, or what the bucket's versions say of a moment (at): name " +
      (at === undefined ? "one of the two" : "only one of the two"),
  );
}

async function openSnapshot(
  reference: string,
  options: PlanRestoreOptions,
): Promise<WantedSnapshot> {
  const { store, target, replica = target, signal } = options;
  if (!store) throw new InputError("a snapshot is restored from a store: name it");
  const abort = signal ? { signal } : {};
  const of = options.allowOtherReplica ? {} : { of: replica.identity() };
  const id = await resolvePoint(store, reference, { ...abort, ...of });
  const point = await openPoint(store, id, abort);
  if (point.expired && !options.allowExpired) throw expiredError(point, store);
  const splitKeys = point.manifest?.parts.flatMap((part) => part.splitKeys) ?? [];
  return { kind: "snapshot", name: id, point, store, source: sourceOf(point, options), splitKeys };
}

/** A version of the moment's second may still come while that second lasts: it is waited for. */
async function openMoment(at: number, options: PlanRestoreOptions): Promise<WantedMoment> {
  const { store, target, replica, delay, signal } = options;
  const source = replica ?? target;
  const abort = signal ? { signal } : {};
  await requireVersioning(source, abort);
  await settleMoment(source, { at, delay, signal });
  const splitKeys = store ? await knownSplitKeys(store, source.identity(), abort) : [];
  return { kind: "moment", name: new Date(at).toISOString(), at, source, splitKeys };
}

function sourceOf(point: Point, options: PlanRestoreOptions): Bucket {
  const { target, replica = target, allowOtherReplica = false } = options;
  const named = bucketOfPoint(point, [replica, target]);
  if (named) return named;
  if (allowOtherReplica) return replica;
  throw new InputError(
    `snapshot ${point.id} names versions of ${identityUrl(point.bucket!)}, not of ` +
      `${replica.url}: restore it with that bucket as replica, or allow another one if it holds ` +
      `the very same versions`,
  );
}

/** Whether it is what was stored to undo a restore. */
export function isSafetySnapshot(wanted: Wanted): boolean {
  return wanted.kind === "snapshot" && wanted.point.safetyFor !== undefined;
}

/** Look again. @throws {SnapshotError} `ExpiredSnapshot` when gc has come in between */
export async function assertNotExpired(
  wanted: Wanted,
  { allowExpired = false, signal }: PlanRestoreOptions,
): Promise<void> {
  if (wanted.kind !== "snapshot" || allowExpired) return;
  const { point, store } = wanted;
  if (await isExpiredNow(store, point, signal ? { signal } : {})) throw expiredError(point, store);
}

function expiredError({ id }: Point, store: SnapshotStore): SnapshotError {
  return new SnapshotError(
    "ExpiredSnapshot",
    `snapshot ${id} in ${store.url} has expired: gc has begun to delete versions that only it ` +
      `names, so it may not come back whole; choose another one, or take what is left (--force)`,
  );
}
