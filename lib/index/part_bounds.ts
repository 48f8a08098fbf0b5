/** What a part with its patch comes to. A part without one is what its file is. */
import { compareKeys } from "../model/key_order.ts";
import type { PartInfo } from "../model/manifest.ts";

/** No key of the part sorts before it. The snapshot need not hold it: a patch may remove it. */
export function lowerBound({ firstKey, patch }: PartInfo): string {
  return patch && compareKeys(patch.firstKey, firstKey) < 0 ? patch.firstKey : firstKey;
}

/** No key of the part sorts after it. The snapshot need not hold it: a patch may remove it. */
export function upperBound({ lastKey, patch }: PartInfo): string {
  return patch && compareKeys(patch.lastKey, lastKey) > 0 ? patch.lastKey : lastKey;
}

/** How many entries the snapshot holds there. */
export function entriesIn({ entries, patch }: PartInfo): number {
  return patch ? entries + patch.added - patch.removed : entries;
}
