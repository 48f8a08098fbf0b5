import {
  copyLegacyFile,
  copyPin,
  copySnapshotFiles,
  type CopyStores,
  removeCopy,
} from "./copy/copy_files.ts";
import { listSnapshots } from "./index/catalog.ts";
import { acquireLock } from "./lock.ts";
import { type Held, heldBy, withoutLock } from "./lock/with_lock.ts";
import { InputError, SnapshotError, StoreError } from "./model/errors.ts";
import type { SnapshotStore } from "./model/store.ts";
import type { Point } from "./point.ts";
import { isExpiredNow, listLegacyNames } from "./points.ts";
import type { Bucket } from "./s3/bucket.ts";
import { serverNow } from "./s3/server_time.ts";

/** Between which stores snapshots are copied. */
export interface CopySnapshotsOptions {
  /** Where they are. Nothing is changed there, and nothing is locked. */
  readonly from: SnapshotStore;
  /** Where they are to be, too. */
  readonly to: SnapshotStore;
  /** The bucket of the snapshots; its server's clock dates the lock of `to`. Needed unless `lock` is false. */
  readonly bucket?: Bucket | undefined;
  /**
   * Whether gc, delete and other copies are kept out of `to` meanwhile. Default: true. Say no only for a
   * store in which nothing else is ever at work, or that cannot lock.
   */
  readonly lock?: boolean | undefined;
  /** Who does it, for those who find that store locked. Default: a random text. */
  readonly owner?: string | undefined;
  /** Abort: the reason is thrown. The snapshot that was being copied is none, and is the next run's. */
  readonly signal?: AbortSignal;
}

/** What became of one snapshot. */
export interface CopiedSnapshot {
  /** The snapshot's id, or the name of a file of 2015. */
  readonly id: string;
  /**
   * - `copied`.
   * - `present`: it was there already.
   * - `expired`: gc has begun to remove it in one of the stores, so it was not copied.
   * - `failed`: it cannot be read, and nothing of it is there; `problem` says why.
   * - `gone`: it is there, and gc or delete has begun to remove it from `from`, or it is not there any
   *   more. So versions that it names may be gone; `verify` tells.
   */
  readonly outcome: "copied" | "present" | "expired" | "failed" | "gone";
  /** Bytes that were copied of its files. */
  readonly bytes: number;
  /** What is wrong with one that failed; otherwise null. */
  readonly problem: string | null;
}

/** A point as a list of names tells it. */
type Listed = Pick<Point, "id" | "kind" | "expired" | "pinned">;

/**
 * Copy the snapshots of a store, and its files of 2015, to another one of any kind, so that the loss
 * of a store is not the loss of all points. Each is told as it is done, the newest first. What is
 * there already is skipped, so that a run that was cut off is finished by the next one.
 *
 * Each file is held against the SHA-256 of the manifest while it is copied (one of 2015 has none:
 * it is parsed), and the manifest comes last: a copy is whole, or it is no snapshot. Pins are copied,
 * and not taken back.
 *
 * A copy protects no version: gc and delete go by the points of the store that they are given. Run
 * them with the first store alone. What is `gone` stays in the second one until its files are
 * removed.
 *
 * @throws {InputError} when both are one store, or there is no bucket whose clock dates the lock
 * @throws {LockError} when somebody is at work in the second store, or took over during this
 * @throws {StoreError} when a store does not answer, or does not take a file
 *
 * @example
 * ```ts ignore
 * await using second = await openStore("sqlite:///mnt/safe/photos.db");
 * const stores = { from: store, to: second, bucket: replica };
 * for await (const { id, outcome, problem } of copySnapshots(stores)) {
 *   console.log(id, outcome, problem ?? "");
 * }
 * ```
 */
export async function* copySnapshots(
  options: CopySnapshotsOptions,
): AsyncGenerator<CopiedSnapshot> {
  const { from, to, bucket, owner, signal } = options;
  if (from.url === to.url) {
    throw new InputError(`${from.url} is both stores: name another one to copy to`);
  }
  if (options.lock === false) return yield* copyHeld(options, withoutLock(signal));
  if (!bucket) {
    throw new InputError(
      `cannot lock ${to.url} to copy there: give the bucket of the snapshots, whose server's clock ` +
        `dates the lock, or say lock: false where nothing else is at work`,
    );
  }
  const now = (abort?: { readonly signal?: AbortSignal }) => serverNow(bucket, abort);
  const purpose = `copying of ${from.url}`;
  await using lock = await acquireLock(to, { purpose, owner, now, signal });
  yield* copyHeld(options, heldBy(lock, signal));
}

/** The same, once others are kept away. */
async function* copyHeld(
  { from, to }: CopySnapshotsOptions,
  held: Held,
): AsyncGenerator<CopiedSnapshot> {
  const { signal } = held;
  const stores: CopyStores = { from, to, ...(signal && { signal }), assertHeld: held.assertHeld };
  const here = await listPoints(from, signal);
  const there = new Map((await listPoints(to, signal)).map((point) => [point.id, point]));
  for (const point of here.reverse()) {
    const copied = await copyPoint(stores, point, there.get(point.id));
    if (copied) yield copied;
  }
  const ids = new Set(here.map(({ id }) => id));
  for (const { id, kind } of there.values()) {
    if (kind === "snapshot" && !ids.has(id)) yield outcomeOf(id, "gone");
  }
}

/** By their names alone, oldest first; other files may count as those of 2015. */
async function listPoints(store: SnapshotStore, signal?: AbortSignal): Promise<Listed[]> {
  const abort = signal ? { signal } : {};
  const legacy = (await listLegacyNames(store, abort))
    .map(({ name, expired }) => ({ id: name, kind: "legacy", expired, pinned: false }) as const);
  const snapshots = (await listSnapshots(store, abort))
    .map((listed) => ({ ...listed, kind: "snapshot" }) as const);
  return [...legacy, ...snapshots];
}

/** Undefined for a file that is no snapshot at all. */
async function copyPoint(
  stores: CopyStores,
  point: Listed,
  there: Listed | undefined,
): Promise<CopiedSnapshot | undefined> {
  const { id, kind, expired } = point;
  if (expired && there) return outcomeOf(id, "gone");
  if (expired || there?.expired) return outcomeOf(id, "expired");
  try {
    if (there) return await keepPresent(stores, point, there);
    const copy = kind === "legacy" ? copyLegacyFile : copySnapshotFiles;
    return outcomeOf(id, "copied", { bytes: await copy(id, stores) });
  } catch (error) {
    if (!isOfThePoint(error)) throw error;
    return await failureOf(stores, point, error);
  }
}

/** Whether another point may fare better. */
function isOfThePoint(error: unknown): error is SnapshotError | StoreError {
  if (error instanceof SnapshotError) return true;
  return error instanceof StoreError && (error.code === "NotFound" || error.code === "Corrupt");
}

async function keepPresent(
  { to, signal, assertHeld }: CopyStores,
  { id, pinned }: Listed,
  there: Listed,
): Promise<CopiedSnapshot> {
  if (pinned && !there.pinned) {
    await assertHeld();
    await copyPin(to, id, signal);
  }
  return outcomeOf(id, "present");
}

/** A copy that came to nothing leaves nothing. */
async function failureOf(
  { from, to, signal, assertHeld }: CopyStores,
  { id, kind }: Listed,
  { code, message }: SnapshotError | StoreError,
): Promise<CopiedSnapshot | undefined> {
  const abort = signal ? { signal } : {};
  if (kind === "legacy" && code === "UnknownSnapshot") return;
  if (kind === "snapshot") {
    await assertHeld();
    await removeCopy(to, id, abort);
  }
  const isExpired = await isExpiredNow(from, { id, kind }, abort);
  return isExpired ? outcomeOf(id, "expired") : outcomeOf(id, "failed", { problem: message });
}

function outcomeOf(
  id: string,
  outcome: CopiedSnapshot["outcome"],
  more: Partial<CopiedSnapshot> = {},
): CopiedSnapshot {
  return { id, outcome, bytes: 0, problem: null, ...more };
}
