import { S3Error } from "../model/errors.ts";
import { readPoint } from "../point.ts";
import { assertNotExpired, type OpenedRestore } from "../restore_plan.ts";
import { requireVersioning } from "../s3/versioning.ts";
import { snapshot } from "../snapshot.ts";
import type { RestoreOptions } from "./restore_options.ts";
import { commonPrefix } from "./scopes.ts";

/**
 * Make sure of all that must be sure before the first change: the whole snapshot can be read, the
 * target as it is can be brought back, and gc has not come in between.
 *
 * @returns Id of the safety snapshot; null where none is wanted.
 */
export async function prepare(
  opened: OpenedRestore,
  options: RestoreOptions,
): Promise<string | null> {
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
  // gc waits while a snapshot is taken; it may have come before that.
  await assertNotExpired(opened);
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
