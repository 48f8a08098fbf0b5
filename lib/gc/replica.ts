import type { EntryBatch } from "../model/entry_batch.ts";
import type { BucketIdentity } from "../model/manifest.ts";
import type { Bucket } from "../s3/bucket.ts";
import type { DeleteFailure } from "../s3/delete_batch.ts";
import { deleteVersions } from "../s3/delete_versions.ts";
import { listInOrder } from "../s3/list_in_order.ts";
import { listVersions } from "../s3/list_versions.ts";
import { serverNow } from "../s3/server_time.ts";

/** One version that is to go. */
export interface DoomedVersion {
  readonly key: string;
  readonly versionId: string;
}

/** Options that every call takes. */
export interface CallOptions {
  /** Abort: the call rejects with the reason. */
  readonly signal?: AbortSignal;
}

/** How versions are listed. */
export interface ListOptions extends CallOptions {
  /** Keys that cut the bucket into ranges that may be read at once. Default: page after page. */
  readonly splitKeys?: readonly string[];
}

/** What collection needs of the bucket that holds the versions: three calls. */
export interface Replica {
  /** For messages. */
  readonly url: string;
  readonly identity: BucketIdentity;
  /** Deletions worth having in flight at once. */
  readonly concurrency: number;
  /** The server's clock: milliseconds since 1970. */
  now(options?: CallOptions): Promise<number>;
  /** Versions of the keys after `after`, in key order, from the server's present state. */
  listVersions(after: string, options?: ListOptions): AsyncIterable<EntryBatch>;
  /** Deletes at most a thousand versions; those that are gone already count as deleted. */
  deleteVersions(
    versions: readonly DoomedVersion[],
    options?: CallOptions,
  ): Promise<{ readonly failed: readonly DeleteFailure[] }>;
}

/** Deletion requests in flight: each has a thousand keys, and the server answers them slowly. */
const MAX_DELETIONS_IN_FLIGHT = 8;

/** The bucket as collection sees it. */
export function replicaOf(bucket: Bucket): Replica {
  return {
    url: bucket.url,
    identity: bucket.identity(),
    concurrency: Math.min(bucket.concurrency, MAX_DELETIONS_IN_FLIGHT),
    now: (options) => serverNow(bucket, options),
    listVersions: (after, options = {}) => {
      const range = { ...options, ...(after !== "" && { after }) };
      return options.splitKeys ? listInOrder(bucket, range) : listVersions(bucket, range);
    },
    deleteVersions: (versions, options) => deleteVersions(bucket, versions, options),
  };
}
