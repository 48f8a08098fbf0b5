/** CopyObject, and what it shares with UploadPartCopy: the source. */
import { type Bucket, findVersion, versionHeader } from "../bucket.ts";
import type { Call, Operation } from "../call.ts";
import { checksumOf, parseChecksumAlgorithm } from "../checksum.ts";
import { isoTime } from "../clock.ts";
import { checkCopySource } from "../conditions.ts";
import { S3Error } from "../errors.ts";
import { readAttributes } from "../object_headers.ts";
import { isReadable, type ObjectAttributes, type StoredObject } from "../object_version.ts";
import { type S3Response, xmlResponse } from "../response.ts";
import { decodeForm } from "../uri.ts";
import { element, type XmlMarkup } from "../xml.ts";
import { hidingMissing } from "./hide_missing.ts";
import { authorizeAttributes, checkCondition } from "./write_access.ts";
import { singlePartETag, store } from "./write_object.ts";

/** Where a copy comes from. */
export interface CopySource {
  /** The source's bucket. */
  readonly bucket: Bucket;
  /** The source. */
  readonly object: StoredObject;
  /** The version id that the client gave. */
  readonly versionId: string | undefined;
}

function parseSource(header: string): { bucket: string; key: string; versionId?: string } {
  const [path = "", query = ""] = header.split("?", 2);
  const decoded = decodeForm(path).replace(/^\//, "");
  const slash = decoded.indexOf("/");
  if (slash < 1 || slash === decoded.length - 1) {
    throw new S3Error("InvalidArgument", {
      ArgumentName: "x-amz-copy-source",
      ArgumentValue: header,
    }, { message: "Copy Source must mention the source bucket and key: sourcebucket/sourcekey" });
  }
  const source = { bucket: decoded.slice(0, slash), key: decoded.slice(slash + 1) };
  const versionId = /^versionId=(.*)$/.exec(query)?.[1];
  return versionId === undefined ? source : { ...source, versionId: decodeForm(versionId) };
}

/**
 * Finds the source of a copy and asks whether it may be read.
 *
 * @throws {S3Error} as S3 does for a source that is missing, deleted, archived or denied.
 */
export function findCopySource(call: Call): CopySource {
  const { bucket: name, key, versionId } = parseSource(call.headers["x-amz-copy-source"] ?? "");
  call.authorize(versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion", name, key);
  const bucket = call.state.bucket(name);
  const object = hidingMissing(call, bucket, () => findVersion(bucket, key, versionId));
  if (object.kind === "marker") {
    if (versionId === undefined) throw new S3Error("NoSuchKey", { Key: key });
    throw new S3Error("InvalidRequest", {}, {
      message: "The source of a copy request may not specifically refer to a delete marker by " +
        "version id.",
    });
  }
  checkCopySource(call.headers, object);
  if (!isReadable(object, call.state.now())) {
    throw new S3Error("InvalidObjectState", { StorageClass: object.storageClass }, {
      message: "Operation is not valid for the source object's storage class",
    });
  }
  return { bucket, object, versionId };
}

/** The header that names the version copied. */
export function sourceVersionHeader({ bucket, object }: CopySource): Record<string, string> {
  if (bucket.versioning === undefined) return {};
  return { "x-amz-copy-source-version-id": object.versionId };
}

function directive(call: Call, name: string): "COPY" | "REPLACE" {
  const value = call.headers[name] ?? "COPY";
  if (value === "COPY" || value === "REPLACE") return value;
  throw new S3Error("InvalidArgument", { ArgumentName: name, ArgumentValue: value }, {
    message: `Unknown directive: ${value}`,
  });
}

function copiedAttributes(call: Call, source: CopySource): ObjectAttributes {
  const given = readAttributes(call.headers);
  const { object } = source;
  const keepMetadata = directive(call, "x-amz-metadata-directive") === "COPY";
  const keepTags = directive(call, "x-amz-tagging-directive") === "COPY";
  if (keepTags && object.tags.length > 0) {
    const read = source.versionId === undefined
      ? "s3:GetObjectTagging"
      : "s3:GetObjectVersionTagging";
    call.authorize(read, source.bucket.name, object.key);
  }
  const tags = keepTags ? object.tags : given.tags;
  authorizeAttributes(call, { ...given, tags });
  return {
    ...given,
    tags,
    contentHeaders: keepMetadata ? object.contentHeaders : given.contentHeaders,
    metadata: keepMetadata ? object.metadata : given.metadata,
  };
}

/** Headers that make a copy of an object onto itself more than nothing. */
const CHANGES = [
  "x-amz-storage-class",
  "x-amz-website-redirect-location",
  "x-amz-server-side-encryption",
];

function checkChange(call: Call, source: CopySource): void {
  const ontoItself = source.bucket === call.bucket && source.object.key === call.key &&
    source.versionId === undefined;
  const changes = directive(call, "x-amz-metadata-directive") === "REPLACE" ||
    CHANGES.some((header) => call.headers[header] !== undefined);
  if (!ontoItself || changes) return;
  throw new S3Error("InvalidRequest", {}, {
    message: "This copy request is illegal because it is trying to copy an object to itself " +
      "without changing the object's metadata, storage class, website redirect location or " +
      "encryption attributes.",
  });
}

/** ETag and time, in the way both copies answer. */
export function copyResult(
  root: string,
  etag: string,
  lastModified: number,
): [string, XmlMarkup[]] {
  return [root, [
    element("LastModified", isoTime(lastModified)),
    element("ETag", `"${etag}"`),
  ]];
}

function copyObject(call: Call): S3Response {
  const { bucket, key, state } = call;
  const source = findCopySource(call);
  const { content } = source.object;
  checkChange(call, source);
  if (content.size > state.settings.copyLimit) {
    throw new S3Error("InvalidRequest", {}, {
      message: "The specified copy source is larger than the maximum allowable size for a copy " +
        `source: ${state.settings.copyLimit}`,
    });
  }
  const attributes = copiedAttributes(call, source);
  checkCondition(call, bucket);
  const wanted = call.headers["x-amz-checksum-algorithm"] ?? source.object.checksum?.algorithm;
  const checksum = wanted && checksumOf(parseChecksumAlgorithm(wanted), content);
  const object = { ...attributes, content, checksum: checksum || undefined };
  const etag = singlePartETag(call, object);
  const version = store(call, bucket, key, { ...object, etag }, state.stamp());
  const [root, result] = copyResult("CopyObjectResult", etag, version.lastModified);
  return xmlResponse(root, [
    ...result,
    checksum ? element(`Checksum${checksum.algorithm}`, checksum.value) : undefined,
    checksum ? element("ChecksumType", checksum.type) : undefined,
  ], {
    ...sourceVersionHeader(source),
    ...versionHeader(bucket, version),
    ...attributes.encryption,
  });
}

/** Copying in one piece. */
export const COPY_OPERATIONS: readonly Operation[] = [
  {
    name: "CopyObject",
    method: "PUT",
    level: "object",
    header: "x-amz-copy-source",
    action: "s3:PutObject",
    handler: copyObject,
  },
];
