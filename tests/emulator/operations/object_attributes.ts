/** GetObjectAttributes. */
import { versionHeader } from "../bucket.ts";
import type { Call, Operation } from "../call.ts";
import type { ChecksumValue } from "../checksum.ts";
import { httpTime } from "../clock.ts";
import { invalidArgument } from "../errors.ts";
import type { StoredObject } from "../object_version.ts";
import { type S3Response, xmlResponse } from "../response.ts";
import { element, type XmlMarkup } from "../xml.ts";
import { findObject } from "./read_object.ts";

/** Most parts of a page. */
const PARTS_LIMIT = 1_000;
const ATTRIBUTES = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"] as const;
type Attribute = typeof ATTRIBUTES[number];

function readAttributeNames(call: Call): Attribute[] {
  const header = call.headers["x-amz-object-attributes"] ?? "";
  return header.split(",").map((name) => {
    const attribute = ATTRIBUTES.find((known) => known === name.trim());
    if (attribute) return attribute;
    throw invalidArgument("x-amz-object-attributes", header, "Invalid attribute name specified.");
  });
}

function checksumElement({ algorithm, value }: ChecksumValue): XmlMarkup {
  return element(`Checksum${algorithm}`, value);
}

function headerNumber(call: Call, name: string, fallback: number): number {
  const text = call.headers[name] ?? String(fallback);
  if (/^\d+$/.test(text)) return Number(text);
  throw invalidArgument(name, text, `${name} must be a whole number`);
}

function partsElement(call: Call, object: StoredObject): XmlMarkup {
  const { parts } = object;
  if (!parts) return element("ObjectParts", undefined);
  // S3 tells the single parts of those objects only whose parts have checksums.
  if (!parts.every(({ checksum }) => checksum)) {
    return element("ObjectParts", element("PartsCount", parts.length));
  }
  const marker = headerNumber(call, "x-amz-part-number-marker", 0);
  const limit = Math.min(headerNumber(call, "x-amz-max-parts", PARTS_LIMIT), PARTS_LIMIT);
  const following = parts.filter(({ partNumber }) => partNumber > marker);
  const page = following.slice(0, limit);
  const isTruncated = page.length < following.length;
  return element("ObjectParts", [
    element("PartsCount", parts.length),
    element("PartNumberMarker", marker),
    element("NextPartNumberMarker", isTruncated ? page.at(-1)?.partNumber ?? marker : undefined),
    element("MaxParts", limit),
    element("IsTruncated", isTruncated),
    ...page.map(({ partNumber, size, checksum }) =>
      element("Part", [
        element("PartNumber", partNumber),
        element("Size", size),
        checksum && checksumElement(checksum),
      ])
    ),
  ]);
}

function attributeElement(call: Call, object: StoredObject, name: Attribute): XmlMarkup {
  const { checksum } = object;
  switch (name) {
    case "ETag":
      return element("ETag", object.etag);
    case "Checksum":
      return element(
        "Checksum",
        checksum && [
          checksumElement(checksum),
          element("ChecksumType", checksum.type),
        ],
      );
    case "ObjectParts":
      return partsElement(call, object);
    case "StorageClass":
      return element("StorageClass", object.storageClass);
    case "ObjectSize":
      return element("ObjectSize", object.content.size);
  }
}

function getObjectAttributes(call: Call): S3Response {
  const { bucket } = call;
  const object = findObject(call, bucket);
  const names = readAttributeNames(call);
  return xmlResponse(
    "GetObjectAttributesResponse",
    ATTRIBUTES.filter((name) => names.includes(name))
      .map((name) => attributeElement(call, object, name)),
    { "last-modified": httpTime(object.lastModified), ...versionHeader(bucket, object) },
  );
}

/** What an object is, without its bytes. */
export const ATTRIBUTES_OPERATIONS: readonly Operation[] = [
  {
    name: "GetObjectAttributes",
    method: "GET",
    level: "object",
    marks: ["attributes"],
    parameters: ["versionId"],
    action: ["s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"],
    handler: getObjectAttributes,
  },
];
