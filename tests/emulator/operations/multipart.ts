/** Multipart uploads: begun and aborted. */
import { checkGrants } from "../access_control.ts";
import type { Bucket } from "../bucket.ts";
import type { Call, Operation } from "../call.ts";
import { type ChecksumValue, parseChecksumAlgorithm } from "../checksum.ts";
import { invalidArgument, S3Error } from "../errors.ts";
import type { Upload } from "../multipart_upload.ts";
import { readAttributes } from "../object_headers.ts";
import { emptyResponse, type S3Response, xmlResponse } from "../response.ts";
import { element } from "../xml.ts";
import { authorizeAttributes } from "./write_access.ts";

/**
 * The upload that a request names.
 *
 * @throws {S3Error} NoSuchUpload.
 */
export function findUpload(call: Call, bucket: Bucket): Upload {
  const uploadId = call.request.query.get("uploadId") ?? "";
  const upload = bucket.uploads.get(uploadId);
  if (upload?.key !== call.key) throw new S3Error("NoSuchUpload", { UploadId: uploadId });
  return upload;
}

function readChecksumType(call: Call): ChecksumValue["type"] | undefined {
  const type = call.headers["x-amz-checksum-type"];
  if (type === undefined || type === "FULL_OBJECT" || type === "COMPOSITE") return type;
  throw invalidArgument("x-amz-checksum-type", type, "Value for x-amz-checksum-type is invalid.");
}

function createUpload(call: Call): S3Response {
  const { bucket, key } = call;
  const algorithm = call.headers["x-amz-checksum-algorithm"];
  const checksumAlgorithm = algorithm === undefined ? undefined : parseChecksumAlgorithm(algorithm);
  const attributes = readAttributes(call.headers);
  authorizeAttributes(call, attributes);
  checkGrants(bucket, attributes.grants);
  const upload: Upload = {
    uploadId: call.state.random.versionId() + call.state.random.versionId(),
    key,
    attributes: call.state.settings.dropsUploadTags ? { ...attributes, tags: [] } : attributes,
    stamp: call.state.stamp(),
    checksumAlgorithm,
    checksumType: readChecksumType(call) ??
      (checksumAlgorithm === "CRC64NVME" ? "FULL_OBJECT" : checksumAlgorithm && "COMPOSITE"),
    parts: new Map(),
  };
  bucket.uploads.set(upload.uploadId, upload);
  return xmlResponse("InitiateMultipartUploadResult", [
    element("Bucket", bucket.name),
    element("Key", key),
    element("UploadId", upload.uploadId),
  ], {
    ...upload.attributes.encryption,
    ...(checksumAlgorithm ? { "x-amz-checksum-algorithm": checksumAlgorithm } : {}),
    ...(upload.checksumType ? { "x-amz-checksum-type": upload.checksumType } : {}),
  });
}

function abortUpload(call: Call): S3Response {
  const { bucket } = call;
  bucket.uploads.delete(findUpload(call, bucket).uploadId);
  return emptyResponse({}, 204);
}

/** Beginning an upload in parts, and giving it up. */
export const MULTIPART_OPERATIONS: readonly Operation[] = [
  {
    name: "CreateMultipartUpload",
    method: "POST",
    level: "object",
    marks: ["uploads"],
    action: "s3:PutObject",
    handler: createUpload,
  },
  {
    name: "AbortMultipartUpload",
    method: "DELETE",
    level: "object",
    marks: ["uploadId"],
    action: "s3:AbortMultipartUpload",
    handler: abortUpload,
  },
];
