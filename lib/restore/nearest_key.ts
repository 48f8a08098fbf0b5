import { readPoint } from "../point.ts";
import { firstKey } from "./emptied_target.ts";
import type { WantedSnapshot } from "./wanted.ts";

/**
 * A key of a snapshot that begins like a text for as long as any does. It takes a few looks into one
 * part each. Undefined for an empty snapshot, and for a file of 2015, which would be read whole.
 *
 * @throws {SnapshotError} `CorruptSnapshot`
 * @throws {StoreError} when the store does not answer
 */
export async function nearestKey(
  { store, point }: WantedSnapshot,
  text: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (point.kind === "legacy") return undefined;
  const characters = Array.from(text);
  const first = (length: number) => {
    const prefix = characters.slice(0, length).join("");
    return firstKey(readPoint(store, point, { prefix, ...(signal && { signal }) }));
  };
  // Where some key begins with so much of it, it begins with less of it, too.
  let key = await first(0);
  for (let low = 0, high = characters.length; low < high;) {
    const middle = (low + high + 1) >>> 1;
    const found = await first(middle);
    if (found === undefined) high = middle - 1;
    else [low, key] = [middle, found];
  }
  return key;
}
