/** Which snapshots a store holds. */
import { BackupError, SnapshotError } from "../model/errors.ts";
import type { Manifest } from "../model/manifest.ts";
import {
  expiredMarkName,
  isSnapshotId,
  manifestName,
  pinnedMarkName,
} from "../model/snapshot_id.ts";
import type { SnapshotStore } from "../model/store.ts";
import { mapInOrder } from "./map_in_order.ts";
import { readManifest } from "./snapshot_reader.ts";

/** Manifests read at a time: hides the store's latency, and bounds the memory. */
const MANIFESTS_IN_FLIGHT = 8;

/** The files whose presence alone says something. */
const MARKS = [manifestName, expiredMarkName, pinnedMarkName];

/** A snapshot as the store lists it, its manifest not read yet. */
export interface ListedSnapshot {
  readonly id: string;
  /** Whether gc or delete has begun to remove it. */
  readonly expired: boolean;
  /** Whether it is kept whatever the retention policy says. */
  readonly pinned: boolean;
}

/** A snapshot of the store, or why it cannot be read. */
export type CatalogItem =
  | (ListedSnapshot & { readonly manifest: Manifest; readonly error?: undefined })
  | (ListedSnapshot & { readonly manifest?: undefined; readonly error: BackupError });

/** How a catalog is read. */
export interface CatalogOptions {
  /** Abort: the call rejects with the reason. */
  readonly signal?: AbortSignal;
}

/** How manifests are read. */
export interface ReadManifestsOptions extends CatalogOptions {
  /** Told of each that was listed, and was gone when it was to be read. Default: nobody is. */
  readonly onRemoved?: ((id: string) => void) | undefined;
}

/** Finds the snapshots among the names of a store. */
export class SnapshotFinder {
  /** By id: which of the files that say something by their presence there are. */
  readonly #found = new Map<string, Set<string>>();

  /** Look at a name. They may come in any order. */
  see(name: string): void {
    const id = name.slice(0, name.indexOf("/"));
    if (!isSnapshotId(id)) return;
    if (!this.#found.has(id)) this.#found.set(id, new Set());
    if (MARKS.some((markName) => markName(id) === name)) this.#found.get(id)!.add(name);
  }

  /** What has a manifest, in the order in which it was first seen. Parts alone are no snapshot. */
  found(): ListedSnapshot[] {
    return [...this.#found].filter(([id, marks]) => marks.has(manifestName(id)))
      .map(([id, marks]) => ({
        id,
        expired: marks.has(expiredMarkName(id)),
        pinned: marks.has(pinnedMarkName(id)),
      }));
  }
}

/**
 * The snapshots of a store, oldest first: what has a manifest. Parts without one are no snapshot.
 *
 * @throws {StoreError} when the store does not answer
 */
export async function listSnapshots(
  store: SnapshotStore,
  options: CatalogOptions & { readonly prefix?: string } = {},
): Promise<ListedSnapshot[]> {
  const finder = new SnapshotFinder();
  for await (const { name } of store.list(options)) finder.see(name);
  return finder.found();
}

/**
 * Listed snapshots with their manifests, in the same order; one that cannot be read with the error
 * instead. One that was removed meanwhile is left out: it is not listed any more. What `onRemoved`
 * throws is thrown.
 */
export async function* readManifests(
  store: SnapshotStore,
  snapshots: readonly ListedSnapshot[],
  options: ReadManifestsOptions = {},
): AsyncGenerator<CatalogItem> {
  const items = mapInOrder(
    snapshots,
    MANIFESTS_IN_FLIGHT,
    (snapshot) => readItem(store, snapshot, options),
  );
  let at = 0;
  for await (const item of items) {
    const { id } = snapshots[at++]!;
    if (item) yield item;
    else options.onRemoved?.(id);
  }
}

async function readItem(
  store: SnapshotStore,
  snapshot: ListedSnapshot,
  options: CatalogOptions,
): Promise<CatalogItem | undefined> {
  try {
    return { ...snapshot, manifest: await readManifest(store, snapshot.id, options) };
  } catch (error) {
    if (error instanceof SnapshotError && error.code === "UnknownSnapshot") return;
    if (error instanceof BackupError) return { ...snapshot, error };
    throw error;
  }
}
