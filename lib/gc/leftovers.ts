/** What earlier runs that did not come to their end left in a store. */
import { isLegacyName, legacyMarkName } from "../legacy/legacy_name.ts";
import {
  expiredMarkName,
  isSnapshotId,
  manifestName,
  snapshotIdTime,
} from "../model/snapshot_id.ts";
import type { SnapshotStore } from "../model/store.ts";

/** Parts without a manifest may be a snapshot that is being written; after a day they are not. */
export const MAX_SNAPSHOT_DURATION: number = 24 * 60 * 60 * 1000;

/** What is done about them. */
export interface LeftoverOptions {
  /** The server's clock: milliseconds since 1970. */
  readonly now: number;
  /**
   * Whether nobody else can be writing a snapshot. Otherwise parts without a mark stay: one of a
   * moment that is long gone (`--at`) has an old name from its beginning.
   */
  readonly alone: boolean;
  /** Called before each deletion. */
  readonly beforeDelete: () => Promise<void>;
  /** Abort: the reason is thrown. */
  readonly signal: AbortSignal;
}

/**
 * Delete the files of snapshots whose manifest is gone, or never came. A mark goes last, so that
 * what is left of a removal is always recognised.
 *
 * @throws {StoreError} when the store refuses
 */
export async function removeLeftovers(
  store: SnapshotStore,
  { now, alone, beforeDelete, signal }: LeftoverOptions,
): Promise<void> {
  for (const [id, names] of await filesBySnapshot(store, signal)) {
    const mark = isSnapshotId(id) ? expiredMarkName(id) : legacyMarkName(id);
    if (names.has(manifestName(id)) || names.has(id)) continue;
    const isOrphan = alone && snapshotIdTime(id) < now - MAX_SNAPSHOT_DURATION;
    if (!names.has(mark) && !isOrphan) continue;
    await beforeDelete();
    for (const name of names) if (name !== mark) await store.delete(name, { signal });
    if (names.has(mark)) await store.delete(mark, { signal });
  }
}

/** By snapshot id, and by name for the files of 2015, which have at most a mark beside them. */
async function filesBySnapshot(
  store: SnapshotStore,
  signal: AbortSignal,
): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for await (const { name } of store.list({ signal })) {
    const id = ownerOf(name);
    if (id === undefined) continue;
    if (!found.has(id)) found.set(id, new Set());
    found.get(id)!.add(name);
  }
  return found;
}

const LEGACY_MARK = legacyMarkName("");

function ownerOf(name: string): string | undefined {
  const slash = name.indexOf("/");
  if (slash >= 0) return isSnapshotId(name.slice(0, slash)) ? name.slice(0, slash) : undefined;
  const file = name.endsWith(LEGACY_MARK) ? name.slice(0, -LEGACY_MARK.length) : name;
  return isLegacyName(file) ? file : undefined;
}
