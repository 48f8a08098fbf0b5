import { StoreError } from "../../lib/model/errors.ts";
import type { Bucket } from "../../lib/s3/bucket.ts";
import { MAX_PARTS, MultipartUpload } from "../../lib/s3/multipart_upload.ts";
import { putObject, readMetadata } from "../../lib/s3/objects.ts";
import { hasCode } from "./s3_store_errors.ts";

/** Metadata that tells which put wrote an object, when the answer to it was lost. */
const PUT_ID = "put-id";

/** How often S3 may say that another writer is in the way before that is an error. */
const MAX_CONFLICTS = 5;

/** What is written, and which put writes it. */
export interface ObjectToWrite {
  readonly bucket: Bucket;
  readonly key: string;
  /** Nobody else's. */
  readonly putId: string;
}

/**
 * Write `bytes` in one request. The request is not aborted once it is sent: nobody could tell
 * whether it took place.
 *
 * @returns false when `createOnly` was asked for and the key exists
 */
export async function writeWhole(
  target: ObjectToWrite,
  bytes: Uint8Array,
  createOnly: boolean,
): Promise<boolean> {
  const { bucket, key, putId } = target;
  for (let attempt = 1;; attempt++) {
    try {
      const metadata = { [PUT_ID]: putId };
      await putObject(bucket, key, bytes, { ifNoneMatch: createOnly, metadata });
      return true;
    } catch (error) {
      // A retry of a request that took place finds its own object.
      if (await isStored(target)) return true;
      if (createOnly && hasCode(error, "PreconditionFailed")) return false;
      const isConflict = hasCode(error, "ConditionalRequestConflict");
      if (!isConflict || attempt === MAX_CONFLICTS) throw error;
    }
  }
}

/** Write `parts` (full but for the last), of which the first were asked for already. */
export async function writeInParts(
  target: ObjectToWrite,
  parts: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const { bucket, key, putId } = target;
  const upload = await MultipartUpload.begin(bucket, key, {
    metadata: { [PUT_ID]: putId },
    signal,
  });
  try {
    let sent = 0;
    for await (const part of parts) {
      if (++sent > MAX_PARTS) throw tooLarge(target, part.length);
      await upload.send(part, { signal });
    }
    signal.throwIfAborted();
    await complete(upload, target);
  } catch (error) {
    // Nobody sees the parts; what fails here is left to the bucket's lifecycle rule.
    await upload.abort().catch(() => {});
    throw error;
  }
}

/** Not aborted, for the reason that {@linkcode writeWhole} has. */
async function complete(upload: MultipartUpload, target: ObjectToWrite): Promise<void> {
  try {
    await upload.complete();
  } catch (error) {
    if (!await isStored(target)) throw error;
  }
}

/** Whether what `target` names is what this put wrote, after a request for it failed. */
async function isStored({ bucket, key, putId }: ObjectToWrite): Promise<boolean> {
  try {
    return (await readMetadata(bucket, key))[PUT_ID] === putId;
  } catch {
    // Not there, or not to be found out: the error of the write itself says more.
    return false;
  }
}

function tooLarge({ bucket, key }: ObjectToWrite, partBytes: number): StoreError {
  return new StoreError(
    "Unsupported",
    `cannot write ${JSON.stringify(key)} in bucket ${bucket.name}: it is larger than ` +
      `${MAX_PARTS} parts of ${partBytes} bytes; choose another store`,
  );
}
