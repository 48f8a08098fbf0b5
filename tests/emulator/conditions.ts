/** Conditional requests: If-Match and its kin, for reads, copy sources and writes. */
import { toWholeSecond } from "./clock.ts";
import { S3Error } from "./errors.ts";
import type { Headers } from "./headers.ts";
import type { StoredObject } from "./object_version.ts";

function matchesETag(header: string, etag: string): boolean {
  return header.split(",").some((candidate) => {
    const bare = candidate.trim().replace(/^(?:W\/)?"(.*)"$/, "$1");
    return bare === "*" || bare === etag;
  });
}

function failed(condition: string): S3Error {
  return new S3Error("PreconditionFailed", { Condition: condition });
}

/** Milliseconds of an HTTP date; one that cannot be read makes no condition. */
function readDate(text: string | undefined): number | undefined {
  const time = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : toWholeSecond(time);
}

/**
 * Evaluates the conditions whose headers begin with `prefix`, in the order of RFC 9110.
 *
 * @returns false when the client has the object already (If-None-Match, If-Modified-Since).
 * @throws {S3Error} PreconditionFailed, for If-Match and If-Unmodified-Since.
 */
function evaluate(headers: Headers, prefix: string, object: StoredObject): boolean {
  const ifMatch = headers[`${prefix}if-match`];
  const ifUnmodified = readDate(headers[`${prefix}if-unmodified-since`]);
  if (ifMatch !== undefined) {
    if (!matchesETag(ifMatch, object.etag)) throw failed(`${prefix}If-Match`);
  } else if (ifUnmodified !== undefined && object.lastModified > ifUnmodified) {
    throw failed(`${prefix}If-Unmodified-Since`);
  }
  const ifNoneMatch = headers[`${prefix}if-none-match`];
  if (ifNoneMatch !== undefined) return !matchesETag(ifNoneMatch, object.etag);
  const ifModified = readDate(headers[`${prefix}if-modified-since`]);
  return ifModified === undefined || object.lastModified > ifModified;
}

/**
 * Conditions of GetObject and HeadObject.
 *
 * @returns false when the answer is 304 Not Modified.
 * @throws {S3Error} PreconditionFailed.
 */
export function isModified(headers: Headers, object: StoredObject): boolean {
  return evaluate(headers, "", object);
}

/**
 * Conditions of CopyObject and UploadPartCopy on their source.
 *
 * @throws {S3Error} PreconditionFailed.
 */
export function checkCopySource(headers: Headers, object: StoredObject): void {
  if (!evaluate(headers, "x-amz-copy-source-", object)) {
    throw failed("x-amz-copy-source-If-None-Match");
  }
}

/**
 * Conditions of a write on what it would replace: `If-None-Match: *` and `If-Match`.
 *
 * @throws {S3Error} PreconditionFailed, or NoSuchKey when there is nothing to match.
 */
export function checkWrite(headers: Headers, key: string, current: StoredObject | undefined): void {
  const ifNoneMatch = headers["if-none-match"];
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== "*") {
      throw new S3Error("NotImplemented", { Header: "If-None-Match" });
    }
    if (current) throw failed("If-None-Match");
  }
  const ifMatch = headers["if-match"];
  if (ifMatch === undefined) return;
  if (!current) throw new S3Error("NoSuchKey", { Key: key });
  if (!matchesETag(ifMatch, current.etag)) throw failed("If-Match");
}
