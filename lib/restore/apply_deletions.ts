import type { Entry } from "../model/entry.ts";
import { BackupError } from "../model/errors.ts";
import { type DeleteResult, deleteVersions } from "../s3/delete_versions.ts";
import type { ApplyContext, SeenEntry } from "./apply_context.ts";
import { failureOf, type RestoreFailure } from "./restore_report.ts";

/** Remove delete markers, each by its version id: whatever was written since is not touched. */
export async function removeMarkers(
  markers: readonly Entry[],
  context: ApplyContext,
): Promise<void> {
  const { target, toPrefix, tally, onChange } = context;
  const failed = await deleteEach(
    new Map(markers.map((entry) => [nameOf(toPrefix + entry.key, entry.versionId), entry])),
    context,
    () => {
      const versions = markers.map(({ key, versionId }) => ({ key: toPrefix + key, versionId }));
      return deleteVersions(target, versions);
    },
  );
  const keys = new Set(markers.map(({ key }) => key));
  for (const { key } of failed) keys.delete(key);
  tally.undeleted += keys.size;
  onChange();
}

/** Put delete markers on keys that the snapshot lacks. */
export async function deleteSurplus(
  surplus: readonly SeenEntry[],
  context: ApplyContext,
): Promise<void> {
  const { target, toPrefix, guards, tally, onChange } = context;
  const objects = surplus.map(({ key, seenETag }) => ({ key: toPrefix + key, seenETag }));
  const failed = await deleteEach(
    new Map(surplus.map((entry) => [nameOf(toPrefix + entry.key), entry])),
    context,
    () =>
      guards
        ? guards.deletions.delete(objects)
        : deleteVersions(target, objects.map(({ key }) => ({ key }))),
  );
  tally.deleted += surplus.length - failed.length;
  onChange();
}

/** Delete, and record what could not be deleted by the entries that it is about. */
async function deleteEach(
  byName: ReadonlyMap<string, Entry>,
  { tally }: ApplyContext,
  send: () => Promise<DeleteResult>,
): Promise<readonly RestoreFailure[]> {
  const failed = await tryDelete(byName, send);
  tally.failed.push(...failed);
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
