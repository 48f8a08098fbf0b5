import { belongsTo, isPartOf } from "./gc/series.ts";
import { type Held, withLock, withoutLock } from "./lock/with_lock.ts";
import { InputError, SnapshotError } from "./model/errors.ts";
import type { BucketIdentity } from "./model/manifest.ts";
import { pinnedMarkName } from "./model/snapshot_id.ts";
import type { SnapshotStore } from "./model/store.ts";
import type { Point } from "./point.ts";
import { foreignPoint } from "./point_bucket.ts";
import { openPoint } from "./points.ts";
import { resolvePoint } from "./resolve_point.ts";
import type { Bucket } from "./s3/bucket.ts";

/** What to pin or unpin, and how. */
export interface PinOptions {
  /** An id, an unambiguous beginning of one, `latest`, or `latest~N` of this bucket. */
  readonly snapshot: string;
  /** Where it is. */
  readonly store: SnapshotStore;
  /** The bucket that holds its versions; its server's clock dates the lock. */
  readonly bucket: Bucket;
  /** The bucket that is restored, where it is another one; see {@linkcode GcOptions.source}. */
  readonly source?: BucketIdentity | undefined;
  /** Whether gc is kept out of the store meanwhile. Default: true; see {@linkcode gc}. */
  readonly lock?: boolean | undefined;
  /** Who does it, for those who find the store locked. Default: a random text. */
  readonly owner?: string | undefined;
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Keep a snapshot whatever the retention policy says, until it is unpinned. Pinning it again does
 * nothing.
 *
 * @returns Its id
 * @throws {SnapshotError} when it is not there, cannot be told from others or is damaged;
 * `ExpiredSnapshot` when its removal was begun
 * @throws {InputError} when it is a file of 2015, which has no place for a pin, or of another bucket
 * @throws {LockError} when a snapshot, gc or delete is at work in the store
 *
 * @example
 * ```ts ignore
 * const id = await pinSnapshot({ snapshot: "latest", store, bucket: replica });
 * ```
 */
export async function pinSnapshot(options: PinOptions): Promise<string> {
  return await underLock(options, async (id, { store, signal }) => {
    const point = await openPoint(store, id, signal ? { signal } : {});
    assertJudged(point, options, "pinned");
    const { kind, expired, pinned } = point;
    if (kind === "legacy") {
      throw new InputError(`${id} is a file of 2015, which cannot be pinned: only snapshots can`);
    }
    if (expired) {
      throw new SnapshotError(
        "ExpiredSnapshot",
        `the snapshot ${id} cannot be pinned: its removal was begun, so versions may be gone`,
      );
    }
    if (pinned) return;
    await store.put(pinnedMarkName(id), new Blob([]).stream(), signal ? { signal } : {});
  });
}

/**
 * Leave a snapshot to the retention policy again. Unpinning one that is not pinned does nothing.
 *
 * @returns Its id
 * @throws {SnapshotError} when it is not there or cannot be told from others
 * @throws {InputError} when it is of another bucket; of one that is damaged nobody can tell
 * @throws {LockError} when a snapshot, gc or delete is at work in the store
 *
 * @example
 * ```ts ignore
 * const id = await unpinSnapshot({ snapshot: "latest", store, bucket: replica });
 * ```
 */
export async function unpinSnapshot(options: PinOptions): Promise<string> {
  return await underLock(options, async (id, { store, signal }) => {
    const point = await openUnlessDamaged(store, id, signal);
    if (point) assertJudged(point, options, "unpinned");
    await store.delete(pinnedMarkName(id), signal ? { signal } : {});
  });
}

/** A damaged point may have been pinned, and must be unpinned before it can be deleted. */
async function openUnlessDamaged(
  store: SnapshotStore,
  id: string,
  signal: AbortSignal | undefined,
): Promise<Point | undefined> {
  try {
    return await openPoint(store, id, signal ? { signal } : {});
  } catch (error) {
    if (error instanceof SnapshotError && error.code === "CorruptSnapshot") return;
    throw error;
  }
}

/** A pin says something to gc alone: to that of the bucket by which the point is judged. */
function assertJudged(point: Point, { bucket, source }: PinOptions, done: string): void {
  const { bucket: its, safetyFor } = point;
  if (!its || belongsTo(point, bucket.identity())) return;
  if (source && safetyFor !== undefined && isPartOf(its, source)) return;
  throw foreignPoint(point, bucket.url, done);
}

/** gc decides once what is pinned, so that must not change while it runs. */
async function underLock(
  options: PinOptions,
  change: (id: string, options: PinOptions) => Promise<void>,
): Promise<string> {
  const { store, bucket, snapshot, signal } = options;
  const id = await resolvePoint(store, snapshot, {
    ...(signal && { signal }),
    ...{ of: bucket.identity(), exactly: true },
  });
  const work = async (held: Held) => {
    await held.assertHeld();
    await change(id, { ...options, ...(held.signal && { signal: held.signal }) });
  };
  if (options.lock === false) await work(withoutLock(signal));
  else await withLock({ ...options, purpose: `pinning ${id}` }, work);
  return id;
}
