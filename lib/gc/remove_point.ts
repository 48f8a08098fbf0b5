/**
 * How a point ends. Marked, versions deleted, manifest deleted, parts deleted, mark deleted: in
 * this order a crash leaves either a point that is marked, which the next run collects again, or
 * files under a mark without a manifest, which it just deletes. A manifest never lacks its parts.
 */
import { StoreError } from "../model/errors.ts";
import type { SnapshotStore } from "../model/store.ts";
import { type Point, pointFiles, pointMarkName } from "../point.ts";

interface Options {
  readonly signal: AbortSignal;
}

/** Say that a point's removal has begun: from now on it refuses to restore, and does not count. */
export async function markExpired(
  store: SnapshotStore,
  point: Pick<Point, "id" | "kind">,
  now: number,
  options: Options,
): Promise<void> {
  const text = JSON.stringify({ markedAt: new Date(now).toISOString() }) + "\n";
  const put = (createOnly: boolean) =>
    store.put(pointMarkName(point), new Blob([text]).stream(), { createOnly, ...options });
  try {
    await put(true);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.code === "AlreadyExists") return;
    if (error.code !== "Unsupported") throw error;
    // What such a store would overwrite says the same.
    await put(false);
  }
}

/** Remove a marked point whose versions are gone. */
export async function removePoint(
  store: SnapshotStore,
  point: Pick<Point, "id" | "kind">,
  options: Options,
): Promise<void> {
  for (const name of await pointFiles(store, point, options)) await store.delete(name, options);
}
