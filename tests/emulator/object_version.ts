/** What a bucket keeps of a key: objects and delete markers. */
import type { Grant } from "./access_control.ts";
import type { ChecksumValue } from "./checksum.ts";
import type { Content } from "./content.ts";

/** The version id of what an unversioned or suspended bucket writes. */
export const NULL_VERSION_ID = "null";

/** A part of an object that came by multipart upload. */
export interface ObjectPart {
  /** 1 to 10,000; gaps are allowed. */
  readonly partNumber: number;
  /** Bytes. */
  readonly size: number;
  /** The part's checksum, when the client sent one. */
  readonly checksum?: ChecksumValue | undefined;
}

/** What the writer of an object says about it. */
export interface ObjectAttributes {
  /** `content-type`, `cache-control` and the like, by lower-case name. */
  readonly contentHeaders: Readonly<Record<string, string>>;
  /** User metadata by lower-case name, without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Tags, in the order given. */
  readonly tags: readonly (readonly [name: string, value: string])[];
  /** `STANDARD` unless the writer says otherwise. */
  readonly storageClass: string;
  /** The server-side encryption headers, as they are sent back. */
  readonly encryption: Readonly<Record<string, string>>;
  /** Its access control list; left out for the owner's alone. */
  readonly grants?: readonly Grant[] | undefined;
  /** `x-amz-website-redirect-location`. */
  readonly websiteRedirect?: string | undefined;
  /** `ON` or `OFF`, once set. */
  readonly legalHold?: string | undefined;
  /** Object Lock retention, once set. */
  readonly retention?: Retention | undefined;
}

/** How long a version cannot be deleted. */
export interface Retention {
  /** GOVERNANCE may be bypassed by permission, COMPLIANCE never. */
  readonly mode: "GOVERNANCE" | "COMPLIANCE";
  /** End of the retention; milliseconds. */
  readonly until: number;
}

/** A thawed copy of an archived object. */
export interface RestoredCopy {
  /** When the copy can be read; milliseconds. */
  readonly readyAt: number;
  /** When the copy is dropped; milliseconds. */
  readonly expiresAt: number;
}

/** Identity and place of a new version. */
export interface VersionStamp {
  /** 32 characters, or `null`. */
  readonly versionId: string;
  /** Place in the history: the newest version has the highest. */
  readonly order: number;
  /** Milliseconds, a whole second. */
  readonly lastModified: number;
}

/** What tells a version from all others. */
export interface VersionIdentity extends VersionStamp {
  /** The key. */
  readonly key: string;
}

/** A version that has content. */
export interface StoredObject extends VersionIdentity, ObjectAttributes {
  /** Tells it from a delete marker. */
  readonly kind: "object";
  /** Without quotes. */
  readonly etag: string;
  /** The bytes. */
  readonly content: Content;
  /** Parts, when it came by multipart upload. */
  readonly parts?: readonly ObjectPart[] | undefined;
  /** Checksum, when the writer asked for one. */
  readonly checksum?: ChecksumValue | undefined;
  /** State of its replication: a source's PENDING, COMPLETED or FAILED, a copy's REPLICA. */
  readonly replicationStatus?: string | undefined;
  /** Thawed copy of an archived object. */
  readonly restored?: RestoredCopy | undefined;
}

/** A version that says that the key was deleted. */
export interface DeleteMarker extends VersionIdentity {
  /** Tells it from an object. */
  readonly kind: "marker";
  /** REPLICA when it was replicated. */
  readonly replicationStatus?: string | undefined;
}

/** One version of a key. */
export type ObjectVersion = StoredObject | DeleteMarker;

/** Storage classes whose objects must be thawed before they can be read. */
const ARCHIVED: ReadonlySet<string> = new Set(["GLACIER", "DEEP_ARCHIVE"]);

/** The storage classes that a writer may name. */
export const STORAGE_CLASSES: ReadonlySet<string> = new Set([
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER",
  "DEEP_ARCHIVE",
  "GLACIER_IR",
]);

/** True for an object whose storage class is read only after a thaw. */
export function isArchived(object: StoredObject): boolean {
  return ARCHIVED.has(object.storageClass);
}

/** True for an object that can be read or copied at `now`. */
export function isReadable(object: StoredObject, now: number): boolean {
  if (!isArchived(object)) return true;
  const { restored } = object;
  return restored !== undefined && restored.readyAt <= now && now < restored.expiresAt;
}
