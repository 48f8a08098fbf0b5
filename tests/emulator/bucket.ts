/** A bucket: its settings and what writes and deletes do in each versioning state. */
import type { ObjectOwnership } from "./access_control.ts";
import { S3Error } from "./errors.ts";
import type { KeyVersions } from "./key_history.ts";
import { KeyTable } from "./key_table.ts";
import type { Upload } from "./multipart_upload.ts";
import {
  type DeleteMarker,
  NULL_VERSION_ID,
  type ObjectVersion,
  type StoredObject,
  type VersionIdentity,
  type VersionStamp,
} from "./object_version.ts";
import type { PageSource } from "./page_source.ts";
import type { ReplicationConfiguration } from "./replication_configuration.ts";

/** State of a bucket's versioning; undefined until it is first set. */
export type VersioningStatus = "Enabled" | "Suspended" | undefined;

/** What belongs to a version, before the bucket has put it in its place. */
export type NewObject = Omit<StoredObject, "key" | "versionId" | "order" | "lastModified" | "kind">;

/** A version id in the shape that this emulator and its peers give out. */
const VERSION_ID = /^(?:null|[0-9A-Za-z._-]{31,32})$/;

/** A bucket in memory. */
export class Bucket {
  /** The bucket's name. */
  readonly name: string;
  /** Where it lives. */
  readonly region: string;
  /** Milliseconds. */
  readonly createdAt: number;
  /** Its keys. */
  readonly keys: KeyTable;
  /** Multipart uploads in progress, by id. */
  readonly uploads: Map<string, Upload> = new Map();
  /** Versioning, as last set. */
  versioning: VersioningStatus = undefined;
  /** Whether versions can be locked; only from the bucket's creation on. */
  readonly objectLock: boolean;
  /** Who decides about the access control lists of its objects. */
  readonly ownership: ObjectOwnership;
  /** Replication from this bucket. */
  replication: ReplicationConfiguration | undefined = undefined;
  /** The lifecycle document as it was put. Nothing expires by it. */
  lifecycle: Uint8Array | undefined = undefined;
  /** What answers a whole page of a listing at once, when the keys are generated. */
  readonly source: PageSource | undefined;

  /** An empty bucket, or one over generated keys. */
  constructor(
    name: string,
    options: {
      readonly region: string;
      readonly createdAt: number;
      readonly objectLock?: boolean;
      readonly ownership?: ObjectOwnership;
      readonly source?: PageSource | undefined;
    },
  ) {
    this.name = name;
    this.region = options.region;
    this.createdAt = options.createdAt;
    this.objectLock = options.objectLock ?? false;
    if (this.objectLock) this.versioning = "Enabled";
    this.ownership = options.ownership ?? "BucketOwnerEnforced";
    this.source = options.source;
    this.keys = new KeyTable(options.source);
  }

  /** The version that a read without a version id meets; may be a delete marker. */
  current(key: string): ObjectVersion | undefined {
    return this.keys.get(key)?.versions[0];
  }

  /** The current version if it is an object. */
  currentObject(key: string): StoredObject | undefined {
    const version = this.current(key);
    return version?.kind === "object" ? version : undefined;
  }

  /** A version by id. */
  version(key: string, versionId: string): ObjectVersion | undefined {
    return this.keys.get(key)?.versions.find((version) => version.versionId === versionId);
  }

  /** Writes an object as the versioning state demands and returns the version. */
  put(key: string, object: NewObject, stamp: VersionStamp): StoredObject {
    const version: StoredObject = { ...object, ...this.#identity(key, stamp), kind: "object" };
    this.keys.history(key).add(version);
    return version;
  }

  /**
   * Deletes the current version: for good in an unversioned bucket, else by a delete marker.
   *
   * @returns the marker, when there is one.
   */
  deleteCurrent(key: string, stamp: VersionStamp): DeleteMarker | undefined {
    if (this.versioning === undefined) {
      if (this.keys.get(key)) this.keys.history(key).remove(NULL_VERSION_ID);
      return undefined;
    }
    const marker: DeleteMarker = { ...this.#identity(key, stamp), kind: "marker" };
    this.keys.history(key).add(marker);
    return marker;
  }

  /** Removes one version for good; undefined when there is none. */
  deleteVersion(key: string, versionId: string): ObjectVersion | undefined {
    if (!this.version(key, versionId)) return undefined;
    return this.keys.history(key).remove(versionId);
  }

  /** Puts a changed version in the place of itself. */
  replace(version: ObjectVersion): void {
    this.keys.history(version.key).replace(version);
  }

  /** Adds a version that keeps its identity, as replication does. */
  addReplica(version: ObjectVersion): void {
    const history = this.keys.history(version.key);
    // Replicated again after a change, such as of its tags.
    if (history.find(version.versionId)) history.replace(version);
    else history.add(version);
  }

  #identity(key: string, stamp: VersionStamp): VersionIdentity {
    const versionId = this.versioning === "Enabled" ? stamp.versionId : NULL_VERSION_ID;
    return { key, versionId, order: stamp.order, lastModified: stamp.lastModified };
  }
}

/**
 * Finds what a request means: a version by id, or the current one.
 *
 * @throws {S3Error} NoSuchKey, NoSuchVersion or, for an id of no known shape, InvalidArgument.
 */
export function findVersion(
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): ObjectVersion {
  if (versionId === undefined) {
    const version = bucket.current(key);
    if (!version) throw new S3Error("NoSuchKey", { Key: key });
    return version;
  }
  checkVersionId(versionId);
  const version = bucket.version(key, versionId);
  if (!version) throw new S3Error("NoSuchVersion", { Key: key, VersionId: versionId });
  return version;
}

/** True for what can be a version id. */
export function isVersionId(text: string): boolean {
  return VERSION_ID.test(text);
}

/**
 * Refuses what cannot be a version id.
 *
 * @throws {S3Error} InvalidArgument.
 */
export function checkVersionId(versionId: string): void {
  if (isVersionId(versionId)) return;
  throw new S3Error(
    "InvalidArgument",
    { ArgumentName: "versionId", ArgumentValue: versionId },
    { message: "Invalid version id specified" },
  );
}

/** The header that names a version, absent where the bucket never was versioned. */
export function versionHeader(
  bucket: Bucket,
  version: Pick<ObjectVersion, "versionId">,
): Record<string, string> {
  return bucket.versioning === undefined ? {} : { "x-amz-version-id": version.versionId };
}

/** The versions of a key, none if it was never written. */
export function versionsOf(bucket: Bucket, key: string): KeyVersions["versions"] {
  return bucket.keys.get(key)?.versions ?? [];
}
