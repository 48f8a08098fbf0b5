import type { StoreErrorCode } from "../../lib/model/errors.ts";
import { StoreError } from "../../lib/model/errors.ts";
import type { Bucket } from "../../lib/s3/bucket.ts";
import { deleteObject, putObject } from "../../lib/s3/objects.ts";
import { hasCode } from "./s3_store_errors.ts";

const CODE: StoreErrorCode = "Unsupported";
/** How servers answer a condition that they do not know. */
const REFUSALS = ["NotImplemented", "InvalidArgument", "InvalidRequest", "BadRequest"];

/**
 * Find out whether the server honours `If-None-Match: *` where the store is: create a key of our
 * own, and see that it cannot be created again. Servers differ (Ceph's gateway ignores the condition
 * in a versioned bucket), and one that ignores it would overwrite without a word.
 *
 * The key is nobody else's, so that any number of processes may probe at once, and is removed again
 * with its versions, or where that is not allowed hidden by a delete marker.
 *
 * @param key Not a store name, so that no listing shows it.
 * @throws {StoreError} `Unsupported`, with what to do
 * @throws {S3Error} when the server could not be asked
 */
export async function probeCreateOnly(bucket: Bucket, key: string): Promise<void> {
  const versions: (string | undefined)[] = [];
  const create = async () => {
    versions.push((await putObject(bucket, key, NOTHING, { ifNoneMatch: true })).versionId);
  };
  try {
    await create();
    await create();
  } catch (error) {
    if (versions.length === 1 && hasCode(error, "PreconditionFailed")) return;
    throw hasCode(error, ...REFUSALS) ? unsupported(bucket, "refuses", error) : error;
  } finally {
    await cleanUp(bucket, key, versions);
  }
  throw unsupported(bucket, "ignores");
}

const NOTHING = new Uint8Array();

function unsupported(bucket: Bucket, does: string, cause?: unknown): StoreError {
  return new StoreError(
    CODE,
    `bucket ${bucket.name} cannot hold a store: its server ${does} "If-None-Match: *" there, ` +
      `without which two writers could overwrite each other. Keep the store in an unversioned ` +
      `bucket of its own (Ceph's gateway honours the condition only there), or in a directory`,
    { cause, misplaced: true },
  );
}

/** Where that is not allowed, it is hidden like all else that the store deletes. */
async function deleteForGood(
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): Promise<void> {
  if (versionId === undefined) return await deleteObject(bucket, key);
  try {
    await deleteObject(bucket, key, { versionId });
  } catch (error) {
    if (!hasCode(error, "AccessDenied")) throw error;
    await deleteObject(bucket, key);
  }
}

async function cleanUp(
  bucket: Bucket,
  key: string,
  versions: readonly (string | undefined)[],
): Promise<void> {
  for (const versionId of versions) {
    try {
      await deleteForGood(bucket, key, versionId);
    } catch {
      // It is empty, and no listing shows it: not worth failing what the probe was made for.
    }
  }
}
