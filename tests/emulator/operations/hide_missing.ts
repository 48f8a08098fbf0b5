/** Whether a caller is told that something is missing. */
import type { Bucket } from "../bucket.ts";
import type { Call } from "../call.ts";
import { S3Error } from "../errors.ts";

const MISSING = ["NoSuchKey", "NoSuchVersion"];

/**
 * What is found, but that who may not list a bucket is not told what is missing from it.
 *
 * @throws {S3Error} AccessDenied, or what `find` throws.
 */
export function hidingMissing<T>(call: Call, { name }: Bucket, find: () => T): T {
  try {
    return find();
  } catch (error) {
    const isHidden = error instanceof S3Error && MISSING.includes(error.code) &&
      !call.mayDo("s3:ListBucket", name, "");
    throw isHidden ? new S3Error("AccessDenied", {}, { cause: error }) : error;
  }
}
