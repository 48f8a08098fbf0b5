/** PutObject, and what all operations that write an object share. */
import { checkGrants } from "../access_control.ts";
import { type Bucket, type NewObject, versionHeader } from "../bucket.ts";
import type { Call, Operation } from "../call.ts";
import { checksumHeader, type ChecksumValue, verifyBody } from "../checksum.ts";
import { toHex } from "../content.ts";
import { HeldContent } from "../held_content.ts";
import { S3Error } from "../errors.ts";
import { hasOpaqueETag } from "../encryption.ts";
import { readAttributes } from "../object_headers.ts";
import type { StoredObject, VersionStamp } from "../object_version.ts";
import { emptyResponse, type S3Response } from "../response.ts";
import { authorizeAttributes, checkCondition } from "./write_access.ts";

/** Most bytes of one PutObject or part: 5 GiB. */
export const PUT_LIMIT = 5 * 1024 ** 3;

/** The ETag of content written in one piece; random where encryption hides the digest. */
export function singlePartETag(call: Call, object: Omit<NewObject, "etag">): string {
  if (hasOpaqueETag(object)) return call.state.random.hex(32).toLowerCase();
  return toHex(object.content.md5());
}

/** Stores an object and tells replication. */
export function store(
  call: Call,
  bucket: Bucket,
  key: string,
  object: NewObject,
  stamp: VersionStamp,
): StoredObject {
  checkGrants(bucket, object.grants);
  if ((object.legalHold || object.retention) && !bucket.objectLock) {
    throw new S3Error("InvalidRequest", {}, {
      message: "Bucket is missing Object Lock Configuration",
    });
  }
  const version = bucket.put(key, object, stamp);
  call.state.replicator.enqueue(bucket, version);
  return version;
}

/** Changes what is kept beside an object's bytes, and tells replication. */
export function change(call: Call, bucket: Bucket, version: StoredObject): void {
  bucket.replace(version);
  if (version.replicationStatus !== "REPLICA") call.state.replicator.enqueue(bucket, version);
}

/** The header of a checksum, and its type. */
export function checksumHeaders(checksum: ChecksumValue | undefined): Record<string, string> {
  if (!checksum) return {};
  return {
    [checksumHeader(checksum.algorithm)]: checksum.value,
    "x-amz-checksum-type": checksum.type,
  };
}

function putObject(call: Call): S3Response {
  const { bucket, key } = call;
  const attributes = readAttributes(call.headers);
  authorizeAttributes(call, attributes);
  const content = new HeldContent(call.body);
  if (content.size > PUT_LIMIT) throw new S3Error("EntityTooLarge");
  const checksum = verifyBody(content, call.headers);
  checkCondition(call, bucket);
  const object = { ...attributes, content, checksum };
  const etag = singlePartETag(call, object);
  const version = store(call, bucket, key, { ...object, etag }, call.state.stamp());
  return emptyResponse({
    etag: `"${etag}"`,
    ...attributes.encryption,
    ...checksumHeaders(checksum),
    // A suspended bucket does not name its version null here, though it does to a reader.
    ...(bucket.versioning === "Enabled" ? versionHeader(bucket, version) : {}),
  });
}

/** Writing in one piece. */
export const WRITE_OPERATIONS: readonly Operation[] = [
  {
    name: "PutObject",
    method: "PUT",
    level: "object",
    action: "s3:PutObject",
    handler: putObject,
  },
];
