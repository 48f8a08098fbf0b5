import { type SharedSource, SharedSources } from "../lib/index/shared_sources.ts";
import type { Manifest } from "../lib/model/manifest.ts";
import type { SnapshotStore } from "../lib/model/store.ts";

/** A merge's sources: the files of many snapshots, equal ones once. Owners are indexes. */
export function partSources(store: SnapshotStore, manifests: readonly Manifest[]): SharedSource[] {
  const sources = new SharedSources(store);
  for (const [owner, manifest] of manifests.entries()) sources.add(owner, manifest);
  return sources.all();
}
