import type { SnapshotWriter } from "../index/snapshot_writer.ts";
import type { Manifest } from "../model/manifest.ts";
import type { OnProgress } from "../model/progress.ts";
import type { Bucket } from "../s3/bucket.ts";
import { listRanges } from "../s3/list_ranges.ts";
import { selectCurrent } from "../select_current.ts";
import { splitKeysOf } from "./known_split_keys.ts";
import type { VersionDates } from "./version_dates.ts";

/** What is read, and who wants to know. */
export interface WriteCurrentOptions {
  readonly bucket: Bucket;
  /** The last snapshot of the bucket, which tells how its keys are spread. Default: none. */
  readonly previous?: Manifest | undefined;
  /** The moment to show, in milliseconds since 1970. */
  readonly asOf: number;
  /** Only keys that begin with it, the bucket's own prefix included. Default: the bucket's own. */
  readonly prefix?: string | undefined;
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each page. */
  readonly onProgress?: OnProgress | undefined;
  /** Shown all versions, whether or not they are written. */
  readonly dates?: VersionDates | undefined;
}

/**
 * Write what a bucket held at one moment. Many ranges of keys are read at once, and each becomes
 * parts directly, so that memory depends on the number of ranges and not on the bucket. Ranges are
 * cut where the parts of the last snapshot end, so that these can be stored again.
 *
 * @returns How many entries were written.
 * @throws {S3Error} when the bucket cannot be listed
 * @throws {StoreError} when the store does not take it
 */
export async function writeCurrent(
  writer: SnapshotWriter,
  options: WriteCurrentOptions,
): Promise<number> {
  const { bucket, previous, asOf, prefix = bucket.prefix, signal, onProgress, dates } = options;
  const abort = signal ? { signal } : {};
  const splitKeys = splitKeysOf(previous);
  let objects = 0, bytes = 0;
  await listRanges(
    bucket,
    { prefix: prefix.slice(bucket.prefix.length), splitKeys, settledBy: asOf, ...abort },
    async (versions, rangeNow) => {
      const range = writer.range(rangeNow());
      for await (const batch of selectCurrent(dates?.watch(versions) ?? versions, asOf)) {
        await range.write(batch);
        objects += batch.length;
        for (const size of batch.sizes) bytes += size;
        onProgress?.({ phase: "listing", objects, bytes });
      }
      await range.finish(rangeNow());
    },
  );
  return objects;
}
