import { openStore } from "../../backends/open_store.ts";
import { restore } from "../../lib/restore.ts";
import { deleteVersions } from "../../lib/s3/delete_versions.ts";
import { textAt } from "../../lib/model/entry_batch.ts";
import { listVersions } from "../../lib/s3/list_versions.ts";
import { selectCurrent } from "../../lib/select_current.ts";
import { type BucketAddress, openBenchBucket } from "./server.ts";

/** What is restored, and by which way. */
export interface RestoreBucketOptions extends BucketAddress {
  /** Where the snapshot is: its latest is restored. */
  readonly directory: string;
  /** Whether delete markers are removed, or everything is copied. */
  readonly undelete: boolean;
}

/** A restore to the latest snapshot, safety snapshot included. @returns The objects that are right */
export async function restoreBucket(
  { directory, undelete, ...address }: RestoreBucketOptions,
): Promise<number> {
  await using target = openBenchBucket(address);
  await using store = await openStore(directory);
  const report = await restore({ snapshot: "latest", store, target, undelete });
  if (report.failed[0]) throw new Error(`${report.failed[0].key}: ${report.failed[0].message}`);
  return report.unchanged + (undelete ? report.undeleted : report.copied);
}

/** Delete every object, as any client does: by a delete marker on top. @returns How many */
export async function deleteAll(address: BucketAddress): Promise<number> {
  await using bucket = openBenchBucket(address);
  let deleted = 0;
  for await (const batch of selectCurrent(listVersions(bucket), Infinity)) {
    const keys = Array.from({ length: batch.length }, (_, i) => ({ key: textAt(batch.keys, i) }));
    const { failed } = await deleteVersions(bucket, keys);
    if (failed[0]) throw new Error(`${failed[0].key}: ${failed[0].message}`);
    deleted += keys.length;
  }
  return deleted;
}
