/** CompleteMultipartUpload: parts become an object. */
import { versionHeader } from "../bucket.ts";
import type { Call, Operation } from "../call.ts";
import { checksumHeader, checksumOf, type ChecksumValue, compositeChecksum } from "../checksum.ts";
import type { Content } from "../content.ts";
import { invalidArgument, S3Error } from "../errors.ts";
import { joinContents } from "../join_contents.ts";
import { multipartETag } from "../multipart_etag.ts";
import type { Upload, UploadedPart } from "../multipart_upload.ts";
import type { VersionStamp } from "../object_version.ts";
import { type S3Response, xmlResponse } from "../response.ts";
import { childrenNamed, childText, element, parseXml, type XmlElement } from "../xml.ts";
import { findUpload } from "./multipart.ts";
import { checkCondition } from "./write_access.ts";
import { store } from "./write_object.ts";

function namedPart(upload: Upload, named: XmlElement): UploadedPart {
  const partNumber = Number(childText(named, "PartNumber"));
  const etag = childText(named, "ETag")?.replace(/^"(.*)"$/, "$1");
  if (!Number.isInteger(partNumber) || etag === undefined) throw new S3Error("MalformedXML");
  const part = upload.parts.get(partNumber);
  const sent = part?.checksum && childText(named, `Checksum${part.checksum.algorithm}`);
  if (part?.etag !== etag || (sent !== undefined && sent !== part.checksum?.value)) {
    throw new S3Error("InvalidPart", {
      UploadId: upload.uploadId,
      PartNumber: String(partNumber),
      ETag: etag,
    });
  }
  return part;
}

function namedParts(call: Call, upload: Upload): UploadedPart[] {
  const root = parseXml(call.body);
  const named = childrenNamed(root, "Part");
  if (root.name !== "CompleteMultipartUpload" || named.length === 0) {
    throw new S3Error("MalformedXML");
  }
  const numbers = named.map((part) => Number(childText(part, "PartNumber")));
  if (numbers.some((number, index) => index > 0 && number <= numbers[index - 1]!)) {
    throw new S3Error("InvalidPartOrder", { UploadId: upload.uploadId });
  }
  const parts = named.map((part) => namedPart(upload, part));
  const { minimumPartSize } = call.state.settings;
  const small = parts.slice(0, -1).find(({ content }) => content.size < minimumPartSize);
  if (small) {
    throw new S3Error("EntityTooSmall", {
      ETag: small.etag,
      PartNumber: String(small.partNumber),
      ProposedSize: String(small.content.size),
      MinSizeAllowed: String(minimumPartSize),
    });
  }
  return parts;
}

function wholeChecksum(
  upload: Upload,
  parts: readonly UploadedPart[],
  content: Content,
): ChecksumValue | undefined {
  const { checksumAlgorithm: algorithm, checksumType } = upload;
  if (!algorithm) return undefined;
  if (checksumType === "FULL_OBJECT") return checksumOf(algorithm, content);
  return compositeChecksum(algorithm, parts.map(({ checksum }) => checksum?.value ?? ""));
}

function verifyWhole(
  call: Call,
  content: Content,
  checksum: ChecksumValue | undefined,
): void {
  const sent = checksum && call.headers[checksumHeader(checksum.algorithm)];
  if (sent !== undefined && sent !== checksum?.value) {
    throw new S3Error("BadDigest", {}, {
      message: `The ${checksum?.algorithm} you specified did not match the calculated checksum.`,
    });
  }
  const size = call.headers["x-amz-mp-object-size"];
  if (size !== undefined && Number(size) !== content.size) {
    throw invalidArgument(
      "x-amz-mp-object-size",
      size,
      `The object's size is ${content.size}`,
    );
  }
}

/**
 * In a versioned bucket the upload that began last is current, whichever ends last. A `null`
 * version takes the place of all that came before its end.
 */
function completedStamp(call: Call, { stamp }: Upload): VersionStamp {
  return call.bucket.versioning === "Enabled" ? stamp : { ...stamp, order: call.state.nextOrder() };
}

function completeUpload(call: Call): S3Response {
  const { bucket, key } = call;
  const upload = findUpload(call, bucket);
  const parts = namedParts(call, upload);
  const content = joinContents(parts.map((part) => part.content));
  const checksum = wholeChecksum(upload, parts, content);
  verifyWhole(call, content, checksum);
  checkCondition(call, bucket);
  const etag = multipartETag(parts.map((part) => part.etag));
  const object = {
    ...upload.attributes,
    content,
    etag,
    checksum,
    parts: parts.map(({ partNumber, content, checksum }) => ({
      partNumber,
      size: content.size,
      checksum,
    })),
  };
  const version = store(call, bucket, key, object, completedStamp(call, upload));
  bucket.uploads.delete(upload.uploadId);
  return xmlResponse("CompleteMultipartUploadResult", [
    element("Location", `http://${call.headers["host"]}/${bucket.name}/${key}`),
    element("Bucket", bucket.name),
    element("Key", key),
    element("ETag", `"${etag}"`),
    checksum ? element(`Checksum${checksum.algorithm}`, checksum.value) : undefined,
    element("ChecksumType", checksum?.type),
  ], { ...versionHeader(bucket, version), ...upload.attributes.encryption });
}

/** Ending an upload in parts. */
export const COMPLETE_UPLOAD_OPERATIONS: readonly Operation[] = [
  {
    name: "CompleteMultipartUpload",
    method: "POST",
    level: "object",
    marks: ["uploadId"],
    action: "s3:PutObject",
    handler: completeUpload,
  },
];
