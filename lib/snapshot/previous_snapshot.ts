import { isSameBucket } from "../bucket_identity.ts";
import { listSnapshots } from "../index/catalog.ts";
import { readManifest } from "../index/snapshot_reader.ts";
import { SnapshotError } from "../model/errors.ts";
import type { BucketIdentity, Manifest } from "../model/manifest.ts";
import type { SnapshotStore } from "../model/store.ts";

/**
 * Snapshots that are looked at before the bucket counts as new to the store. A store that many
 * buckets share must not cost a manifest for each of their snapshots.
 */
const MAX_MANIFESTS = 8;

/**
 * The last snapshot of a bucket and prefix, which tells how the keys are spread, and of which most
 * parts may serve again; undefined where there is none that can be read.
 *
 * @param options Abort: the reason is thrown.
 * @throws {StoreError} when the store does not answer
 */
export async function previousSnapshot(
  store: SnapshotStore,
  identity: BucketIdentity,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Manifest | undefined> {
  const snapshots = await listSnapshots(store, options);
  for (const { id } of snapshots.toReversed().slice(0, MAX_MANIFESTS)) {
    const manifest = await tryRead(store, id, options);
    if (manifest && isSameListing(manifest.bucket, identity)) return manifest;
  }
}

/** A damaged manifest is told of where it matters; here another serves as well. */
async function tryRead(
  store: SnapshotStore,
  id: string,
  options: { readonly signal?: AbortSignal },
): Promise<Manifest | undefined> {
  try {
    return await readManifest(store, id, options);
  } catch (error) {
    if (error instanceof SnapshotError) return undefined;
    throw error;
  }
}

function isSameListing(a: BucketIdentity, b: BucketIdentity): boolean {
  return isSameBucket(a, b) && (a.prefix ?? "") === (b.prefix ?? "");
}
