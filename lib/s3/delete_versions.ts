import { S3Error } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";
import {
  batchesOf,
  deleteBatch,
  type DeleteFailure,
  type VersionToDelete,
} from "./delete_batch.ts";
import { pause } from "./pause.ts";
import { runBounded } from "./run_bounded.ts";

/** What came of it. */
export interface DeleteResult {
  /** Those that were gone already are among them. */
  readonly deleted: number;
  /** In no particular order. */
  readonly failed: readonly DeleteFailure[];
}

/** How often keys are sent that the server was too busy for. */
const MAX_ROUNDS = 4;
/** Codes of single keys, within an answer, that may go well later. */
const BUSY_CODES = ["InternalError", "ServiceUnavailable", "SlowDown"];
/** Bad requests of a kind that the next one would be, too. */
const HOPELESS_CODES = ["AuthorizationHeaderMalformed", "ExpiredToken", "InvalidToken"];

/**
 * Delete versions, a thousand a request and several requests at once. One key's failure stops
 * nothing else. A version that is gone already counts as deleted.
 *
 * Abort: nothing more is sent, and the reason is thrown; what was deleted until then stays deleted.
 *
 * @throws {S3Error} when no request could work: no such bucket, no permission for any of it, not
 * reachable
 */
export async function deleteVersions(
  bucket: Bucket,
  versions: readonly VersionToDelete[],
  options: { readonly signal?: AbortSignal } = {},
): Promise<DeleteResult> {
  const { signal } = options;
  const failed: DeleteFailure[] = [];
  let left = versions;
  for (let round = 1; left.length > 0; round++) {
    if (round > 1) await pause(bucket.retryPause * 2 ** (round - 2), signal);
    const { busy = [], refused = [] } = Object.groupBy(
      await deleteOnce(bucket, left, signal),
      ({ code }) => BUSY_CODES.includes(code) && round < MAX_ROUNDS ? "busy" : "refused",
    );
    for (const failure of refused) failed.push(failure);
    left = busy;
  }
  return { deleted: versions.length - failed.length, failed };
}

async function deleteOnce(
  bucket: Bucket,
  versions: readonly VersionToDelete[],
  signal?: AbortSignal,
): Promise<DeleteFailure[]> {
  const failed: DeleteFailure[] = [];
  await runBounded(batchesOf(versions), bucket.concurrency, async (batch, stop) => {
    for (const failure of await tryBatch(bucket, batch, stop)) failed.push(failure);
  }, signal);
  return failed;
}

/** A request that fails for reasons of its own is the failure of each of its keys. */
async function tryBatch(
  bucket: Bucket,
  batch: readonly VersionToDelete[],
  signal: AbortSignal,
): Promise<readonly DeleteFailure[]> {
  try {
    return await deleteBatch(bucket, batch, signal);
  } catch (error) {
    if (!(error instanceof S3Error) || !isOfThisRequest(error)) throw error;
    const { code, message } = error;
    return batch.map((version) => ({ ...version, code, message }));
  }
}

/** Whether another request may fare better: a malformed one, or a server in trouble. */
function isOfThisRequest({ status, code }: S3Error): boolean {
  if (status === undefined || HOPELESS_CODES.includes(code)) return false;
  return status >= 500 || status === 429 || status === 400;
}
