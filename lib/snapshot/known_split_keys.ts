import { upperBound } from "../index/part_bounds.ts";
import type { BucketIdentity, Manifest } from "../model/manifest.ts";
import type { SnapshotStore } from "../model/store.ts";
import { previousSnapshot } from "./previous_snapshot.ts";

/**
 * Keys that cut a bucket into parts of about one size, as its last snapshot tells them. Without an
 * earlier snapshot there are none.
 *
 * @param options Abort: the reason is thrown.
 * @throws {StoreError} when the store does not answer
 */
export async function knownSplitKeys(
  store: SnapshotStore,
  identity: BucketIdentity,
  options: { readonly signal?: AbortSignal } = {},
): Promise<string[]> {
  return splitKeysOf(await previousSnapshot(store, identity, options));
}

/** Where the parts of a snapshot end. Without one there are none. */
export function splitKeysOf(manifest: Manifest | undefined): string[] {
  return manifest?.parts.map(upperBound) ?? [];
}
