import { listRanges } from "../../lib/s3/list_ranges.ts";
import { type BucketAddress, openBenchBucket } from "./server.ts";

/** What {@linkcode listWithRanges} reads, and how. */
export interface ListWithRangesOptions extends BucketAddress {
  readonly concurrency?: number;
  readonly splitKeys?: readonly string[];
}

/** Read a bucket's versions by ranges. @returns Their number */
export async function listWithRanges(
  { concurrency, splitKeys, ...address }: ListWithRangesOptions,
): Promise<number> {
  await using bucket = openBenchBucket(address, concurrency === undefined ? {} : { concurrency });
  let versions = 0;
  await listRanges(bucket, splitKeys ? { splitKeys } : {}, async (batches) => {
    for await (const { length } of batches) versions += length;
  });
  return versions;
}
