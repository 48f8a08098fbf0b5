import type { EntryBatch } from "../model/entry_batch.ts";
import type { Manifest, PartInfo } from "../model/manifest.ts";
import type { SnapshotStore } from "../model/store.ts";
import { readPart } from "./part_reader.ts";

/** A stream of entries with ascending keys that is opened when a merge reaches it. */
export interface MergeSource {
  /** Whose entries these are: numbers that mean something to the caller. */
  readonly owners: readonly number[];
  /** No key sorts before it. Left out: opened at once. */
  readonly firstKey?: string;
  /** Begin to read. Called once. */
  open(): AsyncIterable<EntryBatch>;
}

/** A snapshot and where its parts are. */
export interface StoredSnapshot {
  readonly store: SnapshotStore;
  readonly manifest: Manifest;
}

/**
 * The parts of many snapshots, each distinct one once: parts with equal SHA-256 are the same bytes,
 * and are read from the first snapshot that has them.
 *
 * @returns Sources whose owners are indexes into `snapshots`
 */
export function snapshotSources(
  snapshots: readonly StoredSnapshot[],
  options: { readonly signal?: AbortSignal } = {},
): MergeSource[] {
  const sources = new Map<string, MergeSource & { readonly owners: number[] }>();
  for (const [owner, { store, manifest }] of snapshots.entries()) {
    for (const part of manifest.parts) {
      const known = sources.get(part.sha256);
      if (known) known.owners.push(owner);
      else sources.set(part.sha256, partSource(store, manifest.id, part, owner, options));
    }
  }
  return [...sources.values()];
}

function partSource(
  store: SnapshotStore,
  id: string,
  part: PartInfo,
  owner: number,
  options: { readonly signal?: AbortSignal },
): MergeSource & { readonly owners: number[] } {
  return {
    owners: [owner],
    firstKey: part.firstKey,
    open: () => readPart(store, id, part, options),
  };
}
