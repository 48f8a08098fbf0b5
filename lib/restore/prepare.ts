import { acquireLock } from "../lock.ts";
import type { Lock } from "../lock/held_lock.ts";
import { S3Error } from "../model/errors.ts";
import { assertNotExpired, type OpenedRestore } from "../restore_plan.ts";
import { serverNow } from "../s3/server_time.ts";
import { requireVersioning } from "../s3/versioning.ts";
import { takeSnapshot } from "../snapshot.ts";
import type { RestoreOptions } from "./restore_options.ts";
import { readScope } from "./read_scope.ts";

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
  const { safetySnapshot = true, lock = true } = options;
  if (safetySnapshot) await requireUndoable(options);
  // A store that takes no safety snapshot may be one that cannot be written.
  const mine = safetySnapshot && lock ? held.use(await lockOut(opened, options)) : undefined;
  await readThrough(opened);
  const safety = safetySnapshot ? await takeSafetySnapshot(opened, options, mine) : null;
  // All of that took its time; without the lock nothing else would notice.
  await assertNotExpired(opened);
  return safety;
}

/** Whatever is wrong with the snapshot is thrown. */
async function readThrough({ point, selection, options }: OpenedRestore): Promise<void> {
  const { store, signal } = options;
  for (const scope of selection.scopes) {
    for await (const _ of readScope({ store, point, scope, names: selection.names, signal }));
  }
}

/**
 * The lock only keeps others away: once the safety snapshot is stored, a restore that lost it deletes
 * nothing, and goes on.
 */
async function lockOut(
  { point }: OpenedRestore,
  { store, target, owner, signal }: RestoreOptions,
): Promise<Lock> {
  return await acquireLock(store, {
    purpose: `restore of ${point.id} to ${target.url}`,
    owner,
    now: () => serverNow(target),
    signal,
  });
}

async function takeSafetySnapshot(
  { point, selection }: OpenedRestore,
  { store, target, toPrefix = "", signal, random, delay }: RestoreOptions,
  lock: Lock | undefined,
): Promise<string> {
  const what = {
    bucket: target,
    store,
    prefix: toPrefix + selection.prefix,
    label: `before the restore of ${point.id}`,
    safetyFor: point.id,
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
