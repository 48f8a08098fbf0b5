/** What a caller needs for a write beyond the right to write. */
import type { Bucket } from "../bucket.ts";
import type { Call } from "../call.ts";
import { checkWrite } from "../conditions.ts";
import type { ObjectAttributes } from "../object_version.ts";
import { hidingMissing } from "./hide_missing.ts";

/**
 * Refuses an object with more to it than the caller may give.
 *
 * @throws {S3Error} AccessDenied.
 */
export function authorizeAttributes(call: Call, attributes: ObjectAttributes): void {
  if (attributes.tags.length > 0) call.authorize("s3:PutObjectTagging");
  if (attributes.grants) call.authorize("s3:PutObjectAcl");
  if (attributes.legalHold) call.authorize("s3:PutObjectLegalHold");
  if (attributes.retention) call.authorize("s3:PutObjectRetention");
}

/**
 * Refuses a write whose condition does not hold. To compare ETags is to read.
 *
 * @throws {S3Error} as `checkWrite`, and AccessDenied.
 */
export function checkCondition(call: Call, bucket: Bucket): void {
  const { headers, key } = call;
  if (headers["if-match"] !== undefined) call.authorize("s3:GetObject");
  hidingMissing(call, bucket, () => checkWrite(headers, key, bucket.currentObject(key)));
}
