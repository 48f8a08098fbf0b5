import { BackupError } from "../model/errors.ts";
import { isSnapshotId } from "../model/snapshot_id.ts";
import type { SnapshotStore } from "../model/store.ts";
import { listPoints, openPoint } from "../points.ts";
import { resolvePoint } from "../resolve_point.ts";
import type { Bucket } from "../s3/bucket.ts";
import { PointDraft } from "./point_draft.ts";

/** Which points are opened. */
export interface OpenDraftsOptions {
  readonly store: SnapshotStore;
  /** Default: all. */
  readonly snapshots?: readonly string[] | undefined;
  /** `latest` counts only points of this bucket. */
  readonly replica?: Bucket | undefined;
}

/**
 * The points in question, oldest first, each once; one that cannot be opened with its problem.
 *
 * @throws {SnapshotError} `UnknownSnapshot` and `AmbiguousSnapshot`
 * @throws {StoreError} when the store does not answer
 */
export async function openDrafts(
  { store, snapshots, replica }: OpenDraftsOptions,
  signal: AbortSignal,
): Promise<PointDraft[]> {
  if (!snapshots) {
    return await Array.fromAsync(listPoints(store, { signal }), (item) => new PointDraft(item));
  }
  const options = { signal, ...(replica && { of: replica.identity() }) };
  const ids = new Set<string>();
  for (const reference of snapshots) ids.add(await resolvePoint(store, reference, options));
  const drafts: PointDraft[] = [];
  for (const id of [...ids].sort()) drafts.push(await openDraft(store, id, signal));
  return drafts;
}

async function openDraft(
  store: SnapshotStore,
  id: string,
  signal: AbortSignal,
): Promise<PointDraft> {
  try {
    const point = await openPoint(store, id, { signal });
    return new PointDraft({ id, kind: point.kind, expired: point.expired, point });
  } catch (error) {
    if (!(error instanceof BackupError) || error.code === "UnknownSnapshot") throw error;
    const kind = isSnapshotId(id) ? "snapshot" : "legacy";
    return new PointDraft({ id, kind, expired: false, error });
  }
}
