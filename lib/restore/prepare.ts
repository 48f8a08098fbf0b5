import { acquireLock } from "../lock.ts";
import type { Lock } from "../lock/held_lock.ts";
import { S3Error } from "../model/errors.ts";
import type { OpenedRestore } from "../restore_plan.ts";
import type { SnapshotStore } from "../model/store.ts";
import { serverNow } from "../s3/server_time.ts";
import { requireVersioning } from "../s3/versioning.ts";
import { takeSnapshot } from "../snapshot.ts";
import { type RestoreOptions, storeOfSafetySnapshot } from "./restore_options.ts";
import { readScope } from "./read_scope.ts";
import { assertNotExpired } from "./wanted.ts";

/**
 * Make sure of all that must be sure before the first change: gc stays out until the restore is
 * done, the whole snapshot can be read, and the target as it is can be brought back.
 *
 * @param held Takes the lock, to be disposed of when the restore is done.
 * @returns Id of the safety snapshot; null where none is wanted.
 */
export async function prepare(
  opened: OpenedRestore,
  options: RestoreOptions,
  held: AsyncDisposableStack,
): Promise<string | null> {
  const store = storeOfSafetySnapshot(options);
  if (store) await requireUndoable(options);
  // A store that takes no safety snapshot may be one that cannot be written.
  const mine = store && options.lock !== false
    ? held.use(await lockOut(opened, options, store))
    : undefined;
  await readThrough(opened);
  const safety = store ? await takeSafetySnapshot(opened, options, { store, lock: mine }) : null;
  // All of that took its time; without the lock nothing else would notice.
  await assertNotExpired(opened.wanted, options);
  return safety;
}

/** Whatever is wrong with the snapshot is thrown. */
async function readThrough({ wanted, selection, options: { signal } }: OpenedRestore) {
  if (wanted.kind !== "snapshot") return;
  for (const scope of selection.scopes) {
    for await (const _ of readScope({ ...wanted, scope, names: selection.names, signal }));
  }
}

/**
 * The lock only keeps others away: once the safety snapshot is stored, a restore that lost it deletes
 * nothing, and goes on.
 */
async function lockOut(
  { wanted }: OpenedRestore,
  { target, owner, signal }: RestoreOptions,
  store: SnapshotStore,
): Promise<Lock> {
  return await acquireLock(store, {
    purpose: `restore of ${wanted.name} to ${target.url}`,
    owner,
    now: (options) => serverNow(target, options),
    signal,
  });
}

async function takeSafetySnapshot(
  { wanted, selection }: OpenedRestore,
  { target, toPrefix = "", signal, random, delay }: RestoreOptions,
  { store, lock }: { readonly store: SnapshotStore; readonly lock: Lock | undefined },
): Promise<string> {
  const what = {
    bucket: target,
    store,
    prefix: toPrefix + selection.prefix,
    label: `before the restore of ${wanted.name}`,
    safetyFor: wanted.name,
    ...(random && { random }),
    ...(delay && { delay }),
  };
  const { id } = await takeSnapshot(what, signal, async () => await lock?.assertHeld());
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
        `${error.message}. Or do without a way back: restore without a safety snapshot ` +
        `(--no-safety-snapshot, or safetySnapshot: false)`,
      { cause: error },
    );
  }
}
