/** Between the headers of a request or an answer and the attributes of an object. */
import { readGrants } from "./access_control.ts";
import { httpTime } from "./clock.ts";
import { readEncryption } from "./encryption.ts";
import { S3Error } from "./errors.ts";
import { type Headers, pickHeaders } from "./headers.ts";
import {
  isArchived,
  type ObjectAttributes,
  STORAGE_CLASSES,
  type StoredObject,
} from "./object_version.ts";
import { readTags } from "./object_tags.ts";
import { readRetention } from "./retention.ts";

const METADATA_PREFIX = "x-amz-meta-";
/** Most bytes of user metadata, names and values together. */
const METADATA_LIMIT = 2_048;
const DEFAULT_CONTENT_TYPE = "binary/octet-stream";
const CONTENT_HEADERS = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
];
/** The content headers; the framing of the request itself is not the object's. */
function readContentHeaders(headers: Headers): Record<string, string> {
  const { "content-encoding": encodings = "", ...content } = pickHeaders(headers, CONTENT_HEADERS);
  const encoding = encodings.split(",").map((name) => name.trim())
    .filter((name) => name !== "aws-chunked" && name !== "").join(",");
  return {
    "content-type": DEFAULT_CONTENT_TYPE,
    ...content,
    ...(encoding === "" ? {} : { "content-encoding": encoding }),
  };
}

/**
 * User metadata by name without its prefix.
 *
 * @throws {S3Error} MetadataTooLarge.
 */
function readMetadata(headers: Headers): Record<string, string> {
  const metadata: Record<string, string> = {};
  let size = 0;
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(METADATA_PREFIX)) continue;
    const name = header.slice(METADATA_PREFIX.length);
    metadata[name] = value;
    size += name.length + value.length;
  }
  if (size > METADATA_LIMIT) {
    throw new S3Error("MetadataTooLarge", {
      Size: String(size),
      MaxSizeAllowed: String(METADATA_LIMIT),
    });
  }
  return metadata;
}

/**
 * The storage class that a writer asks for.
 *
 * @throws {S3Error} InvalidStorageClass.
 */
function readStorageClass(headers: Headers): string {
  const storageClass = headers["x-amz-storage-class"] ?? "STANDARD";
  if (STORAGE_CLASSES.has(storageClass)) return storageClass;
  throw new S3Error("InvalidStorageClass", { StorageClassRequested: storageClass });
}

/**
 * All that the headers of PutObject or CreateMultipartUpload say about an object.
 *
 * @throws {S3Error} for what S3 would not store.
 */
export function readAttributes(headers: Headers): ObjectAttributes {
  return {
    contentHeaders: readContentHeaders(headers),
    metadata: readMetadata(headers),
    tags: readTags(headers),
    storageClass: readStorageClass(headers),
    encryption: readEncryption(headers),
    grants: readGrants(headers),
    websiteRedirect: headers["x-amz-website-redirect-location"],
    legalHold: headers["x-amz-object-lock-legal-hold"],
    retention: readRetention(headers),
  };
}

function restoreHeader(object: StoredObject, now: number): string | undefined {
  const { restored } = object;
  if (!restored || !isArchived(object) || now >= restored.expiresAt) return undefined;
  if (now < restored.readyAt) return 'ongoing-request="true"';
  return `ongoing-request="false", expiry-date="${httpTime(restored.expiresAt)}"`;
}

function lockHeaders(object: StoredObject): Record<string, string | undefined> {
  return {
    "x-amz-object-lock-legal-hold": object.legalHold,
    "x-amz-object-lock-mode": object.retention?.mode,
    "x-amz-object-lock-retain-until-date": object.retention &&
      new Date(object.retention.until).toISOString(),
  };
}

/** The headers of GetObject and HeadObject that describe a version. */
export function describeObject(object: StoredObject, now: number): Record<string, string> {
  const metadata = Object.entries(object.metadata).map(([name, value]) => [
    METADATA_PREFIX + name,
    value,
  ]);
  const optional: Record<string, string | undefined> = {
    "x-amz-storage-class": object.storageClass === "STANDARD" ? undefined : object.storageClass,
    "x-amz-tagging-count": object.tags.length > 0 ? String(object.tags.length) : undefined,
    "x-amz-website-redirect-location": object.websiteRedirect,
    "x-amz-replication-status": object.replicationStatus,
    "x-amz-restore": restoreHeader(object, now),
    ...lockHeaders(object),
  };
  const present = Object.entries(optional).filter(([, value]) => value !== undefined);
  return {
    "last-modified": httpTime(object.lastModified),
    "etag": `"${object.etag}"`,
    "accept-ranges": "bytes",
    ...object.contentHeaders,
    ...object.encryption,
    ...Object.fromEntries(metadata),
    ...Object.fromEntries(present),
  };
}
