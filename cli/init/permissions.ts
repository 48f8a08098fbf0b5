/**
 * What IAM must allow for each command: the one list, which `init` prints policies from, which
 * docs/OPERATIONS.md shows, and which a test holds the commands to, action by action.
 */

/** Actions by what they are about; those without a service's name are of `s3:`. */
export interface Needs {
  /** On a bucket itself. */
  readonly bucket?: readonly string[];
  /** On the objects in it. */
  readonly objects?: readonly string[];
}

/** What a command, or an option of it, asks for. */
export interface Permission {
  /** On the bucket that holds the versions: the replica, or the source where there is none. */
  readonly holder?: Needs;
  /** On the bucket that applications write to, or that a restore is sent `--to`. */
  readonly source?: Needs;
  /** On the role that S3 takes on to replicate. */
  readonly role?: readonly string[];
  /** What is done to the store. */
  readonly store?: "read" | "written";
  /** What it comes on top of: the command alone does without. */
  readonly adds?: string;
  /** Where alone it is needed. Default: wherever it is used. */
  readonly only?: "with a replica" | "without a replica";
}

/** Ask the time, look at everything, and make sure that versions are kept. */
const LOOK = ["ListBucket", "ListBucketVersions", "GetBucketVersioning"];
/** Look for versions, and for what may have taken those that are missing. */
const FIND = ["ListBucket", "ListBucketVersions", "GetLifecycleConfiguration"];
/** Read versions with their tags, to copy them. */
const COPY = ["GetObjectVersion", "GetObjectVersionTagging"];
/**
 * Write copies, and compare them: with what is there (GetObject), from the bucket's own history,
 * and with the tags that an upload in parts was given.
 */
const WRITE = ["GetObject", ...COPY, "PutObject", "PutObjectTagging", "AbortMultipartUpload"];

/** By command, as documented. */
export const PERMISSIONS = {
  "init": {
    holder: { bucket: ["ListBucketVersions", "GetBucketVersioning"] },
    source: { bucket: ["ListBucketVersions", "GetBucketVersioning"] },
    store: "written",
  },
  "list-snapshots, ls, stats": { store: "read" },
  "snapshot": { holder: { bucket: LOOK }, store: "written" },
  "pin, unpin, unlock": { holder: { bucket: ["ListBucket"] }, store: "written" },
  "gc, delete": {
    holder: { bucket: LOOK, objects: ["DeleteObjectVersion"] },
    store: "written",
  },
  "diff": {
    holder: { bucket: ["ListBucketVersions"] },
    source: { bucket: ["ListBucketVersions"] },
    store: "read",
  },
  "verify": { store: "read" },
  "verify --replica": {
    adds: "verify",
    holder: { bucket: FIND },
    source: { bucket: FIND },
  },
  "verify --data": {
    adds: "verify --replica",
    holder: { objects: ["GetObjectVersion"] },
    source: { objects: ["GetObjectVersion"] },
  },
  "restore": {
    holder: { bucket: ["ListBucket"], objects: COPY },
    source: { bucket: LOOK, objects: WRITE },
    store: "written",
  },
  "restore without a replica": {
    adds: "restore",
    only: "without a replica",
    source: { objects: ["DeleteObjectVersion"] },
  },
  "restore --delete": { adds: "restore", source: { objects: ["DeleteObject"] } },
  "restore --undelete": {
    adds: "restore",
    only: "with a replica",
    holder: { bucket: ["ListBucketVersions"], objects: ["DeleteObjectVersion"] },
    source: { objects: ["DeleteObjectVersion"] },
  },
  "restore --at": {
    adds: "restore",
    only: "with a replica",
    holder: { bucket: ["ListBucketVersions", "GetBucketVersioning"] },
  },
  "restore of a file of 2015": {
    adds: "restore",
    only: "with a replica",
    holder: { bucket: ["ListBucketVersions"] },
  },
  "restore --acl": {
    adds: "restore",
    holder: { objects: ["GetObjectVersionAcl"] },
    source: { objects: ["GetObjectVersionAcl", "PutObjectAcl"] },
  },
  "restore --thaw": {
    adds: "restore",
    holder: { objects: ["RestoreObject"] },
    source: { objects: ["RestoreObject"] },
  },
  "restore --to-dir": {
    holder: { bucket: ["ListBucket"], objects: ["GetObjectVersion"] },
    store: "read",
  },
  "sync": {
    only: "with a replica",
    holder: { bucket: LOOK, objects: [...WRITE, "DeleteObject"] },
    source: { bucket: LOOK, objects: ["GetObject", ...COPY] },
    store: "written",
  },
  "sync --acl": {
    adds: "sync",
    only: "with a replica",
    holder: { objects: ["GetObjectVersionAcl", "PutObjectAcl"] },
    source: { objects: ["GetObjectVersionAcl"] },
  },
  "failover": {
    only: "with a replica",
    holder: {
      bucket: ["ListBucketVersions", "GetBucketVersioning", "GetReplicationConfiguration"],
    },
    source: { bucket: [...LOOK, "GetLifecycleConfiguration", "GetReplicationConfiguration"] },
  },
  "failover --apply": {
    adds: "failover",
    only: "with a replica",
    holder: { bucket: ["PutReplicationConfiguration"] },
    source: { bucket: ["PutReplicationConfiguration"] },
    role: ["iam:PassRole"],
  },
} as const satisfies Readonly<Record<string, Permission>>;

/** A line of {@linkcode PERMISSIONS}. */
export type PermissionName = keyof typeof PERMISSIONS;

/** On a store that is an S3 prefix. */
export const STORE_PERMISSIONS: Readonly<Record<"read" | "written", Needs>> = {
  read: { bucket: ["ListBucket"], objects: ["GetObject"] },
  written: {
    bucket: ["ListBucket"],
    objects: ["GetObject", "PutObject", "DeleteObject", "AbortMultipartUpload"],
  },
};

/** What the role needs that S3 takes on to replicate the source to the replica. */
export const ROLE_PERMISSIONS: { readonly source: Needs; readonly replica: Needs } = {
  source: {
    bucket: ["GetReplicationConfiguration", "ListBucket"],
    objects: ["GetObjectVersionAcl", "GetObjectVersionForReplication", "GetObjectVersionTagging"],
  },
  replica: { objects: ["ReplicateDelete", "ReplicateObject", "ReplicateTags"] },
};
