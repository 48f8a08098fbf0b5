import type { Entry } from "../model/entry.ts";
import { BackupError } from "../model/errors.ts";
import type { Bucket } from "../s3/bucket.ts";
import { type DeleteResult, deleteVersions } from "../s3/delete_versions.ts";
import type { ApplyContext } from "./apply_context.ts";
import type { SeenEntry } from "./seen_entry.ts";
import { failureOf, type RestoreFailure } from "./restore_failure.ts";
import type { SourceLook } from "./source_look.ts";

/** Delete markers to remove: in the target, and in its replica. */
export interface Markers {
  readonly target: readonly Entry[];
  readonly replica: readonly Entry[];
}

/**
 * Remove delete markers, each by its version id: whatever was written since is not touched. The
 * target keeps those of a key whose markers the replica would not give up, so that the next run
 * finds both.
 */
export async function removeMarkers(markers: Markers, context: ApplyContext): Promise<void> {
  const { target, replica, tally, onChange } = context;
  const kept = await removeFrom(replica, markers.replica, context);
  tally.undeletedInReplica += countKeys(markers.replica) - kept.size;
  const rest = markers.target.filter(({ key }) => !kept.has(key));
  const failed = await removeFrom(target, rest, context);
  tally.undeleted += countKeys(rest) - failed.size;
  onChange();
}

/** The keys of which a marker is left. */
async function removeFrom(
  bucket: Bucket,
  markers: readonly Entry[],
  context: ApplyContext,
): Promise<Set<string>> {
  const failed = await deleteEach(
    new Map(markers.map((entry) => [nameOf(entry.key, entry.versionId), entry])),
    context,
    () => deleteVersions(bucket, markers.map(({ key, versionId }) => ({ key, versionId }))),
  );
  return new Set(failed.map(({ key }) => key));
}

function countKeys(entries: readonly Entry[]): number {
  return new Set(entries.map(({ key }) => key)).size;
}

/**
 * Put delete markers on keys that the snapshot lacks; where what is wanted comes from a source that
 * moves on, only on those that it still lacks.
 */
export async function deleteSurplus(
  surplus: readonly SeenEntry[],
  context: ApplyContext,
): Promise<void> {
  const { target, toPrefix, guards, look, assertHeld, tally, onChange } = context;
  const gone = look ? await stillLacking(surplus, look, context) : surplus;
  const objects = gone.map(({ key, seenETag }) => ({ key: toPrefix + key, seenETag }));
  const failed = await deleteEach(
    new Map(gone.map((entry) => [nameOf(toPrefix + entry.key), entry])),
    context,
    async () => {
      await assertHeld();
      return guards
        ? await guards.deletions.delete(objects)
        : await deleteVersions(target, objects.map(({ key }) => ({ key })));
    },
  );
  tally.deleted += gone.length - failed.length;
  const left = new Set(failed.map(({ key }) => key));
  if (look) await tellReturned(gone.filter(({ key }) => !left.has(key)), look, context);
  onChange();
}

/** Those to delete; what became of the others is counted. */
async function stillLacking(
  surplus: readonly SeenEntry[],
  look: SourceLook,
  { tally }: ApplyContext,
): Promise<readonly SeenEntry[]> {
  try {
    const { lacking, right, changed } = await look.sort(surplus);
    tally.extra += right.length;
    for (const failure of changed) await tally.failures.add(failure);
    return lacking;
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    for (const entry of surplus) await tally.failures.add(failureOf(entry, error));
    return [];
  }
}

/**
 * A key may come back, and be copied here again, between the look and its deletion. Nothing is lost
 * by that, since the next run finds it; but it must not pass for done.
 */
async function tellReturned(
  deleted: readonly SeenEntry[],
  look: SourceLook,
  { tally }: ApplyContext,
): Promise<void> {
  try {
    for (const failure of await look.returned(deleted)) await tally.failures.add(failure);
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    for (const entry of deleted) await tally.failures.add(failureOf(entry, error));
  }
}

/** Delete, and record what could not be deleted by the entries that it is about. */
async function deleteEach(
  byName: ReadonlyMap<string, Entry>,
  { tally }: ApplyContext,
  send: () => Promise<DeleteResult>,
): Promise<readonly RestoreFailure[]> {
  const failed = await tryDelete(byName, send);
  for (const failure of failed) await tally.failures.add(failure);
  return failed;
}

async function tryDelete(
  byName: ReadonlyMap<string, Entry>,
  send: () => Promise<DeleteResult>,
): Promise<RestoreFailure[]> {
  try {
    const { failed } = await send();
    return failed.map(({ key, versionId, code, message }) => {
      const entry = byName.get(nameOf(key, versionId));
      return { key: entry?.key ?? key, versionId: entry?.versionId ?? "", code, message };
    });
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    return Array.from(byName.values(), (entry) => failureOf(entry, error));
  }
}

function nameOf(key: string, versionId?: string): string {
  return JSON.stringify([key, versionId]);
}
