/** Between the headers of a request or an answer and the attributes of an object. */
import { httpTime } from "./clock.ts";
import { S3Error } from "./errors.ts";
import {
  isArchived,
  type ObjectAttributes,
  type Retention,
  STORAGE_CLASSES,
  type StoredObject,
} from "./object_version.ts";
import { parseQuery } from "./uri.ts";

type Headers = Readonly<Record<string, string>>;

const METADATA_PREFIX = "x-amz-meta-";
/** Most bytes of user metadata, names and values together. */
const METADATA_LIMIT = 2_048;
/** Most tags of an object. */
const TAG_LIMIT = 10;
const DEFAULT_CONTENT_TYPE = "binary/octet-stream";
const CONTENT_HEADERS = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
];
const ENCRYPTION = "x-amz-server-side-encryption";
const ENCRYPTION_HEADERS = [
  ENCRYPTION,
  `${ENCRYPTION}-aws-kms-key-id`,
  `${ENCRYPTION}-bucket-key-enabled`,
];

function pick(headers: Headers, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) if (headers[name] !== undefined) picked[name] = headers[name];
  return picked;
}

/** The content headers; the framing of the request itself is not the object's. */
export function readContentHeaders(headers: Headers): Record<string, string> {
  const content = { "content-type": DEFAULT_CONTENT_TYPE, ...pick(headers, CONTENT_HEADERS) };
  const encoding = (content as Record<string, string>)["content-encoding"]?.split(",")
    .map((name) => name.trim()).filter((name) => name !== "aws-chunked" && name !== "").join(",");
  const { "content-encoding": _, ...rest } = content as Record<string, string>;
  return encoding ? { ...rest, "content-encoding": encoding } : rest;
}

/**
 * User metadata by name without its prefix.
 *
 * @throws {S3Error} MetadataTooLarge.
 */
export function readMetadata(headers: Headers): Record<string, string> {
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
 * Refuses tags that S3 would.
 *
 * @throws {S3Error} BadRequest for too many, InvalidTag for a wrong one.
 */
export function checkTags(tags: readonly (readonly [string, string])[]): void {
  if (tags.length > TAG_LIMIT) {
    throw new S3Error("BadRequest", {}, { message: "Object tags cannot be greater than 10" });
  }
  const names = new Set(tags.map(([name]) => name));
  const problem = names.size < tags.length
    ? "Cannot provide multiple Tags with the same key"
    : tags.some(([name]) => name === "" || name.length > 128)
    ? "The TagKey you have provided is invalid"
    : tags.some(([, value]) => value.length > 256)
    ? "The TagValue you have provided is invalid"
    : undefined;
  if (problem) throw new S3Error("InvalidTag", {}, { message: problem });
}

/** The tags of an `x-amz-tagging` header. */
export function readTags(headers: Headers): [string, string][] {
  const tags = parseQuery(headers["x-amz-tagging"] ?? "");
  checkTags(tags);
  return tags;
}

/**
 * The storage class that a writer asks for.
 *
 * @throws {S3Error} InvalidStorageClass.
 */
export function readStorageClass(headers: Headers): string {
  const storageClass = headers["x-amz-storage-class"] ?? "STANDARD";
  if (STORAGE_CLASSES.has(storageClass)) return storageClass;
  throw new S3Error("InvalidStorageClass", { StorageClassRequested: storageClass });
}

/** The encryption that a writer asks for; AWS encrypts with a key of its own by default. */
export function readEncryption(headers: Headers): Record<string, string> {
  const method = headers[ENCRYPTION] ?? "AES256";
  if (!["AES256", "aws:kms", "aws:kms:dsse"].includes(method)) {
    throw new S3Error("InvalidArgument", { ArgumentName: ENCRYPTION, ArgumentValue: method }, {
      message: "The encryption method specified is not supported",
    });
  }
  return { ...pick(headers, ENCRYPTION_HEADERS), [ENCRYPTION]: method };
}

/** Retention from headers, in pairs or not at all. */
export function readRetention(headers: Headers): Retention | undefined {
  const mode = headers["x-amz-object-lock-mode"];
  const until = headers["x-amz-object-lock-retain-until-date"];
  if (mode === undefined && until === undefined) return undefined;
  if (mode === undefined || until === undefined) {
    throw new S3Error("InvalidArgument", {}, {
      message:
        "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
    });
  }
  return checkRetention(mode, until);
}

/**
 * Retention from its two texts.
 *
 * @throws {S3Error} InvalidArgument.
 */
export function checkRetention(mode: string, until: string): Retention {
  const time = Date.parse(until);
  if ((mode === "GOVERNANCE" || mode === "COMPLIANCE") && !Number.isNaN(time)) {
    return { mode, until: time };
  }
  throw new S3Error("InvalidArgument", {}, { message: "Unknown wormMode directive." });
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
    websiteRedirect: headers["x-amz-website-redirect-location"],
    legalHold: headers["x-amz-object-lock-legal-hold"],
    retention: readRetention(headers),
  };
}

/** True for an object whose ETag says nothing about its bytes. */
export function hasOpaqueETag(attributes: ObjectAttributes): boolean {
  return attributes.encryption[ENCRYPTION] !== "AES256";
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
