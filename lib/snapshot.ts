import type { ReuseLimits, UpdateOptions } from "./index/range_updater.ts";
import { SnapshotWriter } from "./index/snapshot_writer.ts";
import { type Held, withLock, withoutLock } from "./lock/with_lock.ts";
import { type BackupError, InputError } from "./model/errors.ts";
import type { Manifest } from "./model/manifest.ts";
import type { OnProgress } from "./model/progress.ts";
import { makeSnapshotId, pinnedMarkName } from "./model/snapshot_id.ts";
import type { SnapshotStore } from "./model/store.ts";
import type { Bucket } from "./s3/bucket.ts";
import { serverNow } from "./s3/server_time.ts";
import { requireVersioning } from "./s3/versioning.ts";
import { previousSnapshot } from "./snapshot/previous_snapshot.ts";
import { writeCurrent, type WriteCurrentOptions } from "./snapshot/write_current.ts";
import { type Delay, settleMoment } from "./snapshot/moment.ts";
import { VersionDates } from "./snapshot/version_dates.ts";

/** What to take a snapshot of, and how. */
export interface SnapshotOptions {
  /** The replica, or the only bucket. It must be versioned. */
  readonly bucket: Bucket;
  /** Where the snapshot goes. */
  readonly store: SnapshotStore;
  /** The moment to show, in milliseconds since 1970, not in the future. Default: now. */
  readonly at?: number;
  /**
   * Whether a snapshot of an earlier moment may hold nothing though the bucket has versions that are
   * younger. Default: false, since that is mostly a time that was mistyped.
   */
  readonly allowEmpty?: boolean;
  /** Only keys that begin with it, which must lie within the bucket's own prefix. Default: all. */
  readonly prefix?: string;
  /** Text for humans. Default: none. */
  readonly label?: string;
  /** Whether gc keeps it whatever its policy says, until it is unpinned. Default: false. */
  readonly pin?: boolean;
  /**
   * Whether the entries are compressed. Parts that are taken over from the snapshot before stay as
   * they are. Default: true.
   */
  readonly compress?: boolean;
  /** The snapshot whose restore this one makes undoable. Default: none. */
  readonly safetyFor?: string;
  /**
   * Whether gc, sync and other snapshots are kept out of the store meanwhile. Default: true. Say no only
   * for a store that cannot lock, and then see to it that no gc runs.
   */
  readonly lock?: boolean;
  /** Who takes it, for those who find the store locked. Default: a random text. */
  readonly owner?: string;
  /** Abort: nothing of the snapshot stays in the store, and the reason is thrown. */
  readonly signal?: AbortSignal;
  /** Told of each page of the listing. */
  readonly onProgress?: OnProgress;
  /** When parts of the snapshot before are stored again. Default: where that pays. */
  readonly reuse?: ReuseLimits;
  /**
   * Told why a part of the snapshot before could not be read. This one does not need it: the part is
   * written anew. But that one may be damaged. Default: nobody is.
   */
  readonly onUnreadable?: (error: BackupError) => void;
  /** Gives a number from 0 up to, not including, 1. Default: `Math.random`. */
  readonly random?: () => number;
  /** Waits for the end of a second. Default: a timer. */
  readonly delay?: Delay;
}

/** A snapshot that was taken. */
export interface SnapshotReport {
  /** Its name in the store. */
  readonly id: string;
  /** The moment it shows. ISO 8601, UTC, by the server's clock. */
  readonly asOf: string;
  /** The bucket's URL. */
  readonly bucket: string;
  /** Entries. */
  readonly objects: number;
  /** Sum of the objects' sizes. */
  readonly bytes: number;
  /** Files of entries, besides the manifest. */
  readonly parts: number;
  /** From the call to the stored manifest. */
  readonly durationMs: number;
}

/**
 * Store which version of each object was current in a bucket at one moment.
 *
 * The snapshot holds, for every key, the newest version whose LastModified is not after that
 * moment, or nothing if that is a delete marker, however long the listing takes and whoever writes
 * meanwhile. Without `at` the moment is the end of the second in which the call was made, so this
 * takes a second at least. It exists once its manifest is stored, which happens last.
 *
 * Two things are dated earlier than they come about: a multipart upload by its initiation, and what
 * replication brings by its date in the source. Such a version may be missing from a snapshot of a
 * moment just past; one of a moment further back than the longest upload and the replication's lag
 * holds everything.
 *
 * @throws {S3Error} `NotVersioned`, with the command that enables versioning, and others
 * @throws {InputError} when `at` is in the future, or the bucket held nothing then, see `allowEmpty`; or
 * the prefix is outside the bucket's
 * @throws {LockError} when another snapshot, sync or gc is at work in the store
 * @throws {StoreError} when the store does not take it
 *
 * @example
 * ```ts ignore
 * await using bucket = openBucket("s3://photos-replica?region=eu-central-1");
 * await using store = await openStore("file:///var/backups/photos");
 * const { id, objects } = await snapshot({ bucket, store, label: "before the migration" });
 * ```
 */
export async function snapshot(options: SnapshotOptions): Promise<SnapshotReport> {
  const began = performance.now();
  const { bucket, store, owner, lock = true, signal } = options;
  assertWithin(bucket, options.prefix);
  await requireVersioning(bucket, signal ? { signal } : {});
  if (!lock) return await snapshotHeld(options, withoutLock(signal), began);
  const purpose = `snapshot of ${bucket.url}`;
  return await withLock(
    { store, bucket, purpose, owner, signal },
    (held) => snapshotHeld(options, held, began),
  );
}

/** The same, once all is known to be possible, and others are kept away. `began` is when. */
export async function snapshotHeld(
  options: SnapshotOptions,
  { signal, assertHeld }: Held,
  began: number,
): Promise<SnapshotReport> {
  const manifest = await takeSnapshot(options, signal, assertHeld);
  return {
    id: manifest.id,
    asOf: manifest.asOf,
    bucket: options.bucket.url,
    ...manifest.totals,
    parts: manifest.parts.length,
    durationMs: Math.round(performance.now() - began),
  };
}

function assertWithin(bucket: Bucket, prefix: string | undefined): void {
  if (prefix === undefined || prefix.startsWith(bucket.prefix)) return;
  throw new InputError(
    `cannot take a snapshot of the keys that begin with ${JSON.stringify(prefix)}: the bucket's ` +
      `URL ${bucket.url} limits it to those that begin with ${JSON.stringify(bucket.prefix)}`,
  );
}

/**
 * What {@linkcode snapshot} does once it holds the lock, or is to do without.
 *
 * @param assertSafe Called before the manifest makes the snapshot exist. What gc did until then it
 * did without a look at this snapshot, so gc must have been kept out.
 */
export async function takeSnapshot(
  options: SnapshotOptions,
  signal: AbortSignal | undefined,
  assertSafe: () => Promise<void>,
): Promise<Manifest> {
  const { bucket, store, random } = options;
  const asOf = await settleMoment(bucket, { ...options, signal });
  const id = makeSnapshotId(asOf, random);
  const abort = signal ? { signal } : {};
  const previous = await findPrevious(options, abort);
  const writer = new SnapshotWriter(store, id, {
    compress: options.compress ?? true,
    ...(previous && { previous: updateOf(previous, options) }),
    ...abort,
  });
  try {
    await writeEntries(writer, { ...options, previous, asOf, signal });
    const createdAt = await serverNow(bucket, signal ? { signal } : {});
    // First, so that there is no moment in which it is a snapshot and not pinned.
    if (options.pin) await store.put(pinnedMarkName(id), new Blob([]).stream());
    await assertSafe();
    const manifest = await writer.finish(describe(options, asOf, createdAt));
    // Who slept just before that made it exist too late: gc did not know that it needs anything.
    await assertSafe();
    return manifest;
  } catch (error) {
    // What failed first says why; gc removes the parts that cannot be removed now.
    await Promise.allSettled([writer.abort(), options.pin && store.delete(pinnedMarkName(id))]);
    throw error;
  }
}

async function writeEntries(
  writer: SnapshotWriter,
  options: WriteCurrentOptions & Pick<SnapshotOptions, "at" | "allowEmpty">,
): Promise<void> {
  const { bucket, at, allowEmpty = false, asOf } = options;
  // A snapshot of now is right, whatever it holds.
  const dates = at === undefined || allowEmpty ? undefined : new VersionDates();
  const objects = await writeCurrent(writer, { ...options, dates });
  if (!dates || objects > 0 || dates.newest <= asOf) return;
  const [moment, from, to] = [asOf, dates.oldest, dates.newest]
    .map((time) => new Date(time).toISOString());
  throw new InputError(
    `a snapshot of ${bucket.url} as of ${moment} would hold nothing: of the versions that are left, ` +
      `which are of ${from} to ${to}, none was current then. Name another moment, or allow it ` +
      `(--allow-empty, or allowEmpty: true)`,
  );
}

function updateOf(manifest: Manifest, { onUnreadable, reuse }: SnapshotOptions): UpdateOptions {
  return { manifest, ...reuse, ...(onUnreadable && { onUnreadable }) };
}

function findPrevious(
  { bucket, store, prefix = bucket.prefix }: SnapshotOptions,
  abort: { readonly signal?: AbortSignal },
): Promise<Manifest | undefined> {
  return previousSnapshot(store, { ...bucket.identity(), prefix }, abort);
}

function describe(
  { bucket, prefix = bucket.prefix, label, safetyFor }: SnapshotOptions,
  asOf: number,
  createdAt: number,
) {
  const { prefix: _, ...identity } = bucket.identity();
  return {
    createdAt: new Date(createdAt).toISOString(),
    asOf: new Date(asOf).toISOString(),
    bucket: { ...identity, ...(prefix !== "" && { prefix }) },
    ...(label !== undefined && { label }),
    ...(safetyFor !== undefined && { safetyFor }),
  };
}
