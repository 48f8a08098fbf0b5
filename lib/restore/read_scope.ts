import { lowerBound, upperBound } from "../index/part_bounds.ts";
import type { EntryBatch } from "../model/entry_batch.ts";
import { compareKeys } from "../model/key_order.ts";
import type { PartInfo } from "../model/manifest.ts";
import { type Point, readPoint } from "../point.ts";
import type { SnapshotStore } from "../model/store.ts";
import { namesWithin } from "./selection.ts";

/** What of a point is read, and from where. */
export interface ReadScopeOptions {
  readonly store: SnapshotStore;
  readonly point: Point;
  /** Keys begin with it. */
  readonly scope: string;
  /** Only these keys are wanted, ascending; undefined for all. */
  readonly names: readonly string[] | undefined;
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The entries of a point whose keys begin with a scope, in key order. Where keys are named, only the
 * parts that may hold one of them are read; the rest of these parts' entries come, too.
 *
 * @throws {SnapshotError} `CorruptSnapshot`
 * @throws {StoreError} when the store does not answer
 */
export function readScope(
  { store, point, scope, names, signal }: ReadScopeOptions,
): AsyncGenerator<EntryBatch> {
  const narrowed = names ? withPartsOf(point, namesWithin(names, scope)) : point;
  return readPoint(store, narrowed, { prefix: scope, ...(signal && { signal }) });
}

function withPartsOf(point: Point, names: readonly string[]): Point {
  const { manifest } = point;
  if (!manifest) return point;
  const parts = manifest.parts.filter((part) => holdsOne(part, names));
  return { ...point, manifest: { ...manifest, parts } };
}

/** Whether a name lies where a part's keys do. */
function holdsOne(part: PartInfo, names: readonly string[]): boolean {
  const firstKey = lowerBound(part), lastKey = upperBound(part);
  let low = 0, high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(names[middle]!, firstKey) < 0) low = middle + 1;
    else high = middle;
  }
  return low < names.length && compareKeys(names[low]!, lastKey) <= 0;
}
