/** UploadPart and UploadPartCopy. */
import type { Call, Operation } from "../call.ts";
import { checksumOf, type ChecksumValue, verifyBody } from "../checksum.ts";
import { toWholeSecond } from "../clock.ts";
import { type Content, toHex } from "../content.ts";
import { invalidArgument, S3Error } from "../errors.ts";
import { HeldContent } from "../held_content.ts";
import type { Upload, UploadedPart } from "../multipart_upload.ts";
import { emptyResponse, type S3Response, xmlResponse } from "../response.ts";
import { copyResult, findCopySource, sourceVersionHeader } from "./copy_object.ts";
import { findUpload } from "./multipart.ts";
import { checksumHeaders, PUT_LIMIT } from "./write_object.ts";

/** Highest part number. */
const MAXIMUM_PARTS = 10_000;

function readPartNumber(call: Call): number {
  const text = call.request.query.get("partNumber") ?? "";
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= MAXIMUM_PARTS) return number;
  throw invalidArgument(
    "partNumber",
    text,
    `Part number must be an integer between 1 and ${MAXIMUM_PARTS}, inclusive`,
  );
}

function addPart(
  call: Call,
  upload: Upload,
  content: Content,
  checksum: ChecksumValue | undefined,
): UploadedPart {
  const part: UploadedPart = {
    partNumber: readPartNumber(call),
    etag: toHex(content.md5()),
    lastModified: toWholeSecond(call.state.now()),
    content,
    checksum,
  };
  upload.parts.set(part.partNumber, part);
  return part;
}

function uploadPart(call: Call): S3Response {
  const upload = findUpload(call, call.bucket);
  const content = new HeldContent(call.body);
  if (content.size > PUT_LIMIT) throw new S3Error("EntityTooLarge");
  const sent = verifyBody(content, call.headers);
  const { checksumAlgorithm: wanted } = upload;
  if (sent && wanted && sent.algorithm !== wanted) {
    throw new S3Error("InvalidRequest", {}, {
      message: `Checksum Type mismatch occurred, expected checksum Type: ${wanted}, actual ` +
        `checksum Type: ${sent.algorithm}`,
    });
  }
  const checksum = sent ?? (wanted && checksumOf(wanted, content));
  const part = addPart(call, upload, content, checksum);
  const { "x-amz-checksum-type": _, ...headers } = checksumHeaders(checksum);
  return emptyResponse({ etag: `"${part.etag}"`, ...upload.attributes.encryption, ...headers });
}

function copiedRange(call: Call, content: Content): Content {
  const header = call.headers["x-amz-copy-source-range"];
  if (header === undefined) return content;
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  const [first, last] = match ? [Number(match[1]), Number(match[2])] : [1, 0];
  if (first > last || last >= content.size) {
    throw invalidArgument(
      "x-amz-copy-source-range",
      header,
      match
        ? `Range specified is not valid for source object of size: ${content.size}`
        : "The x-amz-copy-source-range value must be of the form bytes=first-last where first " +
          "and last are the zero-based offsets of the first and last bytes to copy",
    );
  }
  return content.slice(first, last + 1);
}

function uploadPartCopy(call: Call): S3Response {
  const upload = findUpload(call, call.bucket);
  const source = findCopySource(call);
  const content = copiedRange(call, source.object.content);
  const { copyLimit } = call.state.settings;
  if (content.size > copyLimit) {
    throw new S3Error("InvalidRequest", {}, {
      message: "The specified copy source is larger than the maximum allowable size for a copy " +
        `source: ${copyLimit}`,
    });
  }
  const wanted = upload.checksumAlgorithm;
  const part = addPart(call, upload, content, wanted && checksumOf(wanted, content));
  const [root, result] = copyResult("CopyPartResult", part.etag, part.lastModified);
  return xmlResponse(root, result, {
    ...sourceVersionHeader(source),
    ...upload.attributes.encryption,
  });
}

/** Uploading the parts. */
export const UPLOAD_PART_OPERATIONS: readonly Operation[] = [
  {
    name: "UploadPartCopy",
    method: "PUT",
    level: "object",
    marks: ["uploadId", "partNumber"],
    header: "x-amz-copy-source",
    action: "s3:PutObject",
    handler: uploadPartCopy,
  },
  {
    name: "UploadPart",
    method: "PUT",
    level: "object",
    marks: ["uploadId", "partNumber"],
    action: "s3:PutObject",
    handler: uploadPart,
  },
];
