import type { MergeSource } from "../lib/index/merge_source.ts";
import { readPart } from "../lib/index/part_reader.ts";
import type { Manifest } from "../lib/model/manifest.ts";
import type { SnapshotStore } from "../lib/model/store.ts";

/** A merge's sources: the parts of many snapshots, equal ones once. Owners are indexes. */
export function partSources(store: SnapshotStore, manifests: readonly Manifest[]): MergeSource[] {
  const owners = new Map<string, number[]>();
  const sources: MergeSource[] = [];
  for (const [owner, { id, parts }] of manifests.entries()) {
    for (const part of parts) {
      const known = owners.get(part.sha256);
      if (known) known.push(owner);
      else {
        const own = [owner];
        owners.set(part.sha256, own);
        const open = () => readPart(store, id, part);
        sources.push({ owners: own, firstKey: part.firstKey, open });
      }
    }
  }
  return sources;
}
