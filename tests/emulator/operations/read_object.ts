/** GetObject and HeadObject. */
import { type Bucket, findVersion, versionHeader } from "../bucket.ts";
import type { Call, Operation } from "../call.ts";
import { httpTime } from "../clock.ts";
import { isModified } from "../conditions.ts";
import type { Content } from "../content.ts";
import { invalidArgument, S3Error } from "../errors.ts";
import { describeObject } from "../object_headers.ts";
import { isReadable, type ObjectVersion, type StoredObject } from "../object_version.ts";
import { selectRange } from "../range.ts";
import { emptyResponse, type S3Response } from "../response.ts";
import { hidingMissing } from "./hide_missing.ts";
import { checksumHeaders } from "./write_object.ts";

/** Query parameters that replace a header of the answer. */
const OVERRIDES = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
];
const OVERRIDE_PARAMETERS = OVERRIDES.map((name) => `response-${name}`);

/**
 * The object that a read means.
 *
 * @throws {S3Error} NoSuchKey, NoSuchVersion or MethodNotAllowed, telling of delete markers.
 */
export function findObject(call: Call, bucket: Bucket): StoredObject {
  const version = findVisible(call, bucket);
  if (version.kind === "object") return version;
  const headers = { "x-amz-delete-marker": "true", ...versionHeader(bucket, version) };
  if (call.versionId === undefined) {
    throw new S3Error("NoSuchKey", { Key: call.key }, { headers });
  }
  throw new S3Error("MethodNotAllowed", {
    Method: call.request.method,
    ResourceType: "DeleteMarker",
  }, {
    headers: { ...headers, allow: "DELETE", "last-modified": httpTime(version.lastModified) },
  });
}

function findVisible(call: Call, bucket: Bucket): ObjectVersion {
  return hidingMissing(call, bucket, () => findVersion(bucket, call.key, call.versionId));
}

function overrides(call: Call): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of OVERRIDES) {
    const value = call.request.query.get(`response-${name}`);
    if (value === undefined) continue;
    if (!/^[\x20-\x7e\xa0-\xff]*$/.test(value)) {
      throw invalidArgument(
        `response-${name}`,
        value,
        `Header value cannot be represented using ISO-8859-1.response-${name}`,
      );
    }
    headers[name] = value;
  }
  return headers;
}

function readHeaders(call: Call, bucket: Bucket, object: StoredObject): Record<string, string> {
  const wholeAndWanted = call.headers["x-amz-checksum-mode"]?.toUpperCase() === "ENABLED" &&
    call.headers["range"] === undefined && !call.request.query.has("partNumber");
  return {
    ...describeObject(object, call.state.now()),
    ...versionHeader(bucket, object),
    ...(wholeAndWanted ? checksumHeaders(object.checksum) : {}),
    ...overrides(call),
  };
}

function answer(call: Call, object: StoredObject, headers: Record<string, string>): S3Response {
  const partNumber = call.request.query.get("partNumber");
  const range = selectRange(object, { range: call.headers["range"], partNumber });
  const count = partNumber !== undefined && object.parts
    ? { "x-amz-mp-parts-count": String(object.parts.length) }
    : {};
  if (!range) return { status: 200, headers, body: object.content };
  const body: Content = object.content.slice(range.start, range.end);
  const contentRange = object.content.size === 0
    ? {}
    : { "content-range": `bytes ${range.start}-${range.end - 1}/${object.content.size}` };
  return { status: 206, headers: { ...headers, ...count, ...contentRange }, body };
}

function notModified(headers: Record<string, string>): S3Response {
  const kept = ["etag", "last-modified", "cache-control", "expires", "x-amz-version-id"];
  return emptyResponse(
    Object.fromEntries(Object.entries(headers).filter(([name]) => kept.includes(name))),
    304,
  );
}

function getObject(call: Call): S3Response {
  const { bucket } = call;
  const object = findObject(call, bucket);
  const headers = readHeaders(call, bucket, object);
  if (!isModified(call.headers, object)) return notModified(headers);
  if (!isReadable(object, call.state.now())) {
    throw new S3Error("InvalidObjectState", { StorageClass: object.storageClass });
  }
  return answer(call, object, headers);
}

function headObject(call: Call): S3Response {
  const { bucket } = call;
  const object = findObject(call, bucket);
  const headers = readHeaders(call, bucket, object);
  if (!isModified(call.headers, object)) return notModified(headers);
  return answer(call, object, headers);
}

/** Reading. */
export const READ_OPERATIONS: readonly Operation[] = [
  {
    name: "GetObject",
    method: "GET",
    level: "object",
    parameters: ["versionId", "partNumber", ...OVERRIDE_PARAMETERS],
    action: ["s3:GetObject", "s3:GetObjectVersion"],
    handler: getObject,
  },
  {
    name: "HeadObject",
    method: "HEAD",
    level: "object",
    parameters: ["versionId", "partNumber", ...OVERRIDE_PARAMETERS],
    action: ["s3:GetObject", "s3:GetObjectVersion"],
    handler: headObject,
  },
];
