/** ListMultipartUploads and ListParts. */
import type { Call, Operation } from "../call.ts";
import { isoTime } from "../clock.ts";
import { compareKeys } from "../key_order.ts";
import { commonPrefixOf } from "../listing.ts";
import type { Upload } from "../multipart_upload.ts";
import { initiatorElement, ownerElement } from "../owner.ts";
import { type S3Response, xmlResponse } from "../response.ts";
import { PAGE_SIZE } from "../settings.ts";
import { element, type XmlMarkup } from "../xml.ts";
import { keyWriter } from "./listing_elements.ts";
import { findUpload } from "./multipart.ts";

type Listed = Upload | { readonly commonPrefix: string };

function compareUploads(a: Upload, b: Upload): number {
  return compareKeys(a.key, b.key) || a.stamp.order - b.stamp.order;
}

/** Uploads after the markers, in the order of keys and then of initiation. */
function selectUploads(call: Call, keyMarker: string, uploadIdMarker: string): Upload[] {
  const { uploads } = call.bucket;
  const prefix = call.request.query.get("prefix") ?? "";
  const marked = uploads.get(uploadIdMarker);
  return [...uploads.values()].filter((upload) => {
    if (!upload.key.startsWith(prefix)) return false;
    const order = compareKeys(upload.key, keyMarker);
    const follows = marked?.key === keyMarker && upload.stamp.order > marked.stamp.order;
    return order > 0 || (order === 0 && follows);
  }).sort(compareUploads);
}

function rollUp(call: Call, uploads: readonly Upload[], keyMarker: string): Listed[] {
  const prefix = call.request.query.get("prefix") ?? "";
  const delimiter = call.request.query.get("delimiter") ?? "";
  const listed = new Map<string, Listed>();
  for (const upload of uploads) {
    const rolled = commonPrefixOf(upload.key, prefix, delimiter);
    if (rolled === undefined) listed.set(`upload ${upload.uploadId}`, upload);
    else if (compareKeys(rolled, keyMarker) > 0) {
      listed.set(`prefix ${rolled}`, { commonPrefix: rolled });
    }
  }
  return [...listed.values()];
}

function uploadElement(upload: Upload, write: (text: string) => string): XmlMarkup {
  return element("Upload", [
    element("Key", write(upload.key)),
    element("UploadId", upload.uploadId),
    initiatorElement(),
    ownerElement(),
    element("StorageClass", upload.attributes.storageClass),
    element("Initiated", isoTime(upload.stamp.lastModified)),
    element("ChecksumAlgorithm", upload.checksumAlgorithm),
    element("ChecksumType", upload.checksumType),
  ]);
}

function listMultipartUploads(call: Call): S3Response {
  const { query } = call.request;
  const write = keyWriter(call);
  const keyMarker = query.get("key-marker") ?? "";
  const uploadIdMarker = query.get("upload-id-marker") ?? "";
  const limit = call.count("max-uploads", PAGE_SIZE, PAGE_SIZE);
  const all = rollUp(call, selectUploads(call, keyMarker, uploadIdMarker), keyMarker);
  const page = all.slice(0, limit);
  const isTruncated = limit > 0 && page.length < all.length;
  const last = isTruncated ? page.at(-1) : undefined;
  const delimiter = query.get("delimiter");
  return xmlResponse("ListMultipartUploadsResult", [
    element("Bucket", call.bucket.name),
    element("KeyMarker", write(keyMarker)),
    element("UploadIdMarker", uploadIdMarker),
    element("NextKeyMarker", last && write("key" in last ? last.key : last.commonPrefix)),
    element("NextUploadIdMarker", last && "key" in last ? last.uploadId : undefined),
    element("Prefix", write(query.get("prefix") ?? "")),
    element("Delimiter", delimiter ? write(delimiter) : undefined),
    element("EncodingType", call.urlEncoding ? "url" : undefined),
    element("MaxUploads", limit),
    element("IsTruncated", isTruncated),
    ...page.map((listed) =>
      "key" in listed
        ? uploadElement(listed, write)
        : element("CommonPrefixes", element("Prefix", write(listed.commonPrefix)))
    ),
  ]);
}

function listParts(call: Call): S3Response {
  const { bucket } = call;
  const upload = findUpload(call, bucket);
  const marker = call.count("part-number-marker", 0, Infinity);
  const limit = call.count("max-parts", PAGE_SIZE, PAGE_SIZE);
  const following = [...upload.parts.values()]
    .filter(({ partNumber }) => partNumber > marker)
    .sort((a, b) => a.partNumber - b.partNumber);
  const page = following.slice(0, limit);
  const isTruncated = page.length < following.length;
  return xmlResponse("ListPartsResult", [
    element("Bucket", bucket.name),
    element("Key", upload.key),
    element("UploadId", upload.uploadId),
    initiatorElement(),
    ownerElement(),
    element("StorageClass", upload.attributes.storageClass),
    element("PartNumberMarker", marker),
    element("NextPartNumberMarker", isTruncated ? page.at(-1)?.partNumber ?? marker : undefined),
    element("MaxParts", limit),
    element("IsTruncated", isTruncated),
    element("ChecksumAlgorithm", upload.checksumAlgorithm),
    element("ChecksumType", upload.checksumType),
    ...page.map((part) =>
      element("Part", [
        element("PartNumber", part.partNumber),
        element("LastModified", isoTime(part.lastModified)),
        element("ETag", `"${part.etag}"`),
        element("Size", part.content.size),
        part.checksum && element(`Checksum${part.checksum.algorithm}`, part.checksum.value),
      ])
    ),
  ]);
}

/** Listing what is not yet an object. */
export const LIST_UPLOADS_OPERATIONS: readonly Operation[] = [
  {
    name: "ListMultipartUploads",
    method: "GET",
    level: "bucket",
    marks: ["uploads"],
    parameters: [
      "prefix",
      "delimiter",
      "key-marker",
      "upload-id-marker",
      "max-uploads",
      "encoding-type",
    ],
    action: "s3:ListBucketMultipartUploads",
    handler: listMultipartUploads,
  },
  {
    name: "ListParts",
    method: "GET",
    level: "object",
    marks: ["uploadId"],
    parameters: ["max-parts", "part-number-marker"],
    action: "s3:ListMultipartUploadParts",
    handler: listParts,
  },
];
