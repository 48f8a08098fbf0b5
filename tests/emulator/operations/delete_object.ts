/** DeleteObject and DeleteObjects. */
import { type Bucket, checkVersionId, isVersionId, versionHeader } from "../bucket.ts";
import type { Call, Operation } from "../call.ts";
import { sentChecksum, verifyBody } from "../checksum.ts";
import { checkWrite } from "../conditions.ts";
import { HeldContent } from "../held_content.ts";
import { S3Error } from "../errors.ts";
import { checkKey } from "../request.ts";
import { emptyResponse, type S3Response, xmlResponse } from "../response.ts";
import { childrenNamed, childText, element, parseXml, type XmlMarkup } from "../xml.ts";
import { checkLock } from "./object_lock.ts";

/** Most keys of one DeleteObjects. */
const DELETE_LIMIT = 1_000;

/** What a deletion is about. */
interface Target {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly etag: string | undefined;
}

/** What a deletion did. */
interface Deletion {
  /** The version deleted, or the marker made; undefined in a bucket without versions. */
  readonly versionId: string | undefined;
  /** True when a marker was made or deleted. */
  readonly deleteMarker: boolean;
}

function deleteOne(call: Call, bucket: Bucket, { key, versionId, etag }: Target): Deletion {
  const action = versionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion";
  call.authorize(action, bucket.name, key);
  if (etag !== undefined) {
    // To compare ETags is to read; to see that there is an object is not.
    if (etag !== "*") call.authorize("s3:GetObject", bucket.name, key);
    checkWrite({ "if-match": etag }, key, bucket.currentObject(key));
  }
  if (versionId !== undefined) {
    checkVersionId(versionId);
    checkLock(call, key, versionId);
    const removed = bucket.deleteVersion(key, versionId);
    return { versionId, deleteMarker: removed?.kind === "marker" };
  }
  const marker = bucket.deleteCurrent(key, call.state.stamp());
  if (marker) call.state.replicator.enqueue(bucket, marker);
  return { versionId: marker?.versionId, deleteMarker: marker !== undefined };
}

function deleteObject(call: Call): S3Response {
  const { bucket, key, versionId } = call;
  const deletion = deleteOne(call, bucket, { key, versionId, etag: call.headers["if-match"] });
  const version = deletion.versionId === undefined
    ? {}
    : versionHeader(bucket, { versionId: deletion.versionId });
  const marker = deletion.deleteMarker ? { "x-amz-delete-marker": "true" } : {};
  return emptyResponse({ ...version, ...marker }, 204);
}

function readTargets(body: Uint8Array): { targets: Target[]; quiet: boolean } {
  const root = parseXml(body);
  const targets = childrenNamed(root, "Object").map((object) => ({
    key: childText(object, "Key") ?? "",
    versionId: childText(object, "VersionId"),
    etag: childText(object, "ETag"),
  }));
  const valid = root.name === "Delete" && targets.length > 0 && targets.length <= DELETE_LIMIT &&
    targets.every(({ key }) => key !== "");
  if (!valid) throw new S3Error("MalformedXML");
  return { targets, quiet: childText(root, "Quiet") === "true" };
}

function deletedElement(target: Target, deletion: Deletion): XmlMarkup {
  return element("Deleted", [
    element("Key", target.key),
    element("VersionId", target.versionId),
    element("DeleteMarker", deletion.deleteMarker ? true : undefined),
    element("DeleteMarkerVersionId", deletion.deleteMarker ? deletion.versionId : undefined),
  ]);
}

function deleteListed(call: Call, bucket: Bucket, target: Target, quiet: boolean): XmlMarkup {
  try {
    checkKey(target.key);
    // Where DeleteObject answers InvalidArgument, a batch says that there is no such version.
    if (target.versionId !== undefined && !isVersionId(target.versionId)) {
      throw new S3Error("NoSuchVersion");
    }
    const deletion = deleteOne(call, bucket, target);
    return quiet ? element("Deleted", undefined) : deletedElement(target, deletion);
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return element("Error", [
      element("Key", target.key),
      element("VersionId", target.versionId),
      element("Code", error.code),
      element("Message", error.message),
    ]);
  }
}

function deleteObjects(call: Call): S3Response {
  const { bucket } = call;
  if (call.headers["content-md5"] === undefined && !sentChecksum(call.headers)) {
    throw new S3Error("InvalidRequest", {}, {
      message: "Missing required header for this request: Content-MD5",
    });
  }
  verifyBody(new HeldContent(call.body), call.headers);
  const { targets, quiet } = readTargets(call.body);
  return xmlResponse(
    "DeleteResult",
    targets.map((target) => deleteListed(call, bucket, target, quiet)),
  );
}

/** Deleting. */
export const DELETE_OPERATIONS: readonly Operation[] = [
  {
    name: "DeleteObject",
    method: "DELETE",
    level: "object",
    parameters: ["versionId"],
    handler: deleteObject,
  },
  {
    name: "DeleteObjects",
    method: "POST",
    level: "bucket",
    marks: ["delete"],
    handler: deleteObjects,
  },
];
