import type { SnapshotWriter } from "../index/snapshot_writer.ts";
import type { OnProgress } from "../model/progress.ts";
import type { SnapshotStore } from "../model/store.ts";
import type { Bucket } from "../s3/bucket.ts";
import { listRanges } from "../s3/list_ranges.ts";
import { selectCurrent } from "../select_current.ts";
import { knownSplitKeys } from "./known_split_keys.ts";

/** What is read, and who wants to know. */
export interface WriteCurrentOptions {
  readonly bucket: Bucket;
  /** Where earlier snapshots of the bucket tell how its keys are spread. */
  readonly store: SnapshotStore;
  /** The moment to show, in milliseconds since 1970. */
  readonly asOf: number;
  /** Only keys that begin with it, the bucket's own prefix included. Default: the bucket's own. */
  readonly prefix?: string | undefined;
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each page. */
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Write what a bucket held at one moment. Many ranges of keys are read at once, and each becomes
 * parts directly, so that memory depends on the number of ranges and not on the bucket.
 *
 * @throws {S3Error} when the bucket cannot be listed
 * @throws {StoreError} when the store does not take it
 */
export async function writeCurrent(
  writer: SnapshotWriter,
  options: WriteCurrentOptions,
): Promise<void> {
  const { bucket, store, asOf, prefix = bucket.prefix, signal, onProgress } = options;
  const abort = signal ? { signal } : {};
  const splitKeys = await knownSplitKeys(store, { ...bucket.identity(), prefix }, abort);
  let objects = 0, bytes = 0;
  await listRanges(
    bucket,
    { prefix: prefix.slice(bucket.prefix.length), splitKeys, settledBy: asOf, ...abort },
    async (versions) => {
      const range = writer.range();
      for await (const batch of selectCurrent(versions, asOf)) {
        await range.write(batch);
        objects += batch.length;
        for (const size of batch.sizes) bytes += size;
        onProgress?.({ phase: "listing", objects, bytes });
      }
      await range.finish();
    },
  );
}
