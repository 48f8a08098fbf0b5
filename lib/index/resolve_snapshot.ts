import { SnapshotError } from "../model/errors.ts";
import { isSnapshotId } from "../model/snapshot_id.ts";
import type { SnapshotStore } from "../model/store.ts";
import { type CatalogOptions, type ListedSnapshot, listSnapshots } from "./catalog.ts";
import { readManifest } from "./snapshot_reader.ts";

const LATEST = /^latest(?:~(\d+))?$/;

/** Snapshots that a message names. */
const NAMED_IN_MESSAGES = 3;

/**
 * The snapshot that a user means: an id, a beginning that one id has, `latest`, or `latest~N` for
 * the Nth before it. `latest` counts neither the snapshots that restores made of what they were
 * about to change, nor those that gc has begun to remove; both can be named by their ids.
 *
 * @throws {SnapshotError} `UnknownSnapshot`; `AmbiguousSnapshot`; what reading a manifest throws,
 * so that `latest` never quietly means an older one
 * @throws {StoreError} when the store does not answer
 */
export async function resolveSnapshot(
  store: SnapshotStore,
  reference: string,
  options: CatalogOptions = {},
): Promise<string> {
  const latest = LATEST.exec(reference);
  if (latest) return await findLatest(store, reference, Number(latest[1] ?? 0), options);
  if (isSnapshotId(reference)) {
    const [found] = await listSnapshots(store, { ...options, prefix: `${reference}/` });
    if (found) return found.id;
  }
  const snapshots = await listSnapshots(store, options);
  const matches = snapshots.filter(({ id }) => reference !== "" && id.startsWith(reference));
  if (matches.length === 0) throw unknown(store, reference, snapshots);
  if (matches.length > 1) throw ambiguous(store, reference, matches);
  return matches[0]!.id;
}

async function findLatest(
  store: SnapshotStore,
  reference: string,
  back: number,
  options: CatalogOptions,
): Promise<string> {
  const snapshots = await listSnapshots(store, options);
  let left = back;
  for (const { id } of snapshots.filter(({ expired }) => !expired).reverse()) {
    const { safetyFor } = await readManifest(store, id, options);
    if (safetyFor === undefined && left-- === 0) return id;
  }
  throw unknown(store, reference, snapshots);
}

function unknown(
  store: SnapshotStore,
  reference: string,
  snapshots: readonly ListedSnapshot[],
): SnapshotError {
  const near = nearest(reference, snapshots);
  return new SnapshotError(
    "UnknownSnapshot",
    `no snapshot ${JSON.stringify(reference)} in ${store.url}, which holds ${snapshots.length}` +
      (near.length > 0 ? `; near are ${near.join(", ")}` : "") +
      `; see them all with "backup-my-bucket list-snapshots"`,
  );
}

function ambiguous(
  store: SnapshotStore,
  reference: string,
  matches: readonly ListedSnapshot[],
): SnapshotError {
  const named = matches.slice(0, NAMED_IN_MESSAGES).map(({ id }) => id);
  const more = matches.length - named.length;
  return new SnapshotError(
    "AmbiguousSnapshot",
    `${matches.length} snapshots in ${store.url} begin with ${JSON.stringify(reference)}: ` +
      named.join(", ") + (more > 0 ? ` and ${more} more` : "") + `; give more of the id`,
  );
}

/** The ids that have the most of their beginning in common with `reference`, newest last. */
function nearest(reference: string, snapshots: readonly ListedSnapshot[]): string[] {
  const ids = snapshots.map(({ id }) => id);
  const longest = Math.max(0, ...ids.map((id) => commonLength(id, reference)));
  if (longest === 0) return ids.slice(-NAMED_IN_MESSAGES);
  return ids.filter((id) => commonLength(id, reference) === longest).slice(-NAMED_IN_MESSAGES);
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
