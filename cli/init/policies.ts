/** What IAM must allow, and what S3 should be told, for buckets to be kept by this program. */
import {
  bucketArn,
  type BucketLocation,
  parseBucketUrl,
  partitionOf,
} from "../../lib/s3/bucket_url.ts";
import { replicationConfiguration } from "../../lib/s3/replication.ts";
import type { Answers } from "./answers.ts";

/** The version of the policy language, as AWS has it. */
const POLICY_VERSION = "2012-10-17";
/** The role that S3 takes on to replicate. */
const REPLICATION_ROLE = "backup-my-bucket-replication";

/** Of an IAM policy. */
interface Statement {
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: string;
}

/** What a command asks of a bucket and of its objects. */
interface Needs {
  readonly bucket: readonly string[];
  readonly objects?: readonly string[];
}

const LIST = ["ListBucket", "ListBucketVersions"];
const LOOK = [...LIST, "GetBucketVersioning"];
const READ = ["GetObject", "GetObjectVersion", "GetObjectVersionTagging"];

/** The same for the bucket that holds the versions, the one that is restored, and an S3 store. */
const STORE: Needs = {
  bucket: ["ListBucket"],
  objects: ["AbortMultipartUpload", "DeleteObject", "GetObject", "PutObject"],
};
const COMMANDS: Readonly<Record<string, { readonly holder: Needs; readonly target?: Needs }>> = {
  snapshot: { holder: { bucket: LOOK } },
  restore: {
    holder: { bucket: LIST, objects: ["GetObjectVersion", "GetObjectVersionTagging"] },
    target: {
      bucket: LOOK,
      objects: [
        ...["AbortMultipartUpload", "DeleteObject", "DeleteObjectVersion"],
        ...[...READ, "PutObject", "PutObjectTagging"],
      ],
    },
  },
  gc: { holder: { bucket: LOOK, objects: ["DeleteObjectVersion"] } },
  verify: {
    holder: { bucket: [...LOOK, "GetLifecycleConfiguration"], objects: ["GetObjectVersion"] },
  },
};

/** Policies and settings for these buckets, each by what it is for. */
export function awsDocuments(answers: Answers): Record<string, unknown> {
  const source = parseBucketUrl(answers.source);
  const replica = answers.replica === undefined ? undefined : parseBucketUrl(answers.replica);
  const store = answers.store.startsWith("s3://") ? parseBucketUrl(answers.store) : undefined;
  const commands = Object.entries(COMMANDS).map(([command, needs]) => [
    `policy for ${command}`,
    commandPolicy(needs, { holder: replica ?? source, target: source, store }),
  ]);
  return {
    ...Object.fromEntries(commands),
    ...(replica && replicationDocuments(source, replica)),
    [`lifecycle of ${(replica ?? source).bucket}`]: holderLifecycle(replica ?? source),
    ...(replica && { [`lifecycle of ${source.bucket}`]: sourceLifecycle(source) }),
  };
}

function commandPolicy(
  { holder, target }: { readonly holder: Needs; readonly target?: Needs },
  buckets: {
    readonly holder: BucketLocation;
    readonly target: BucketLocation;
    readonly store: BucketLocation | undefined;
  },
): object {
  return policy([
    ...allow(buckets.holder, holder),
    ...(target ? allow(buckets.target, target) : []),
    ...(buckets.store ? allow(buckets.store, STORE) : []),
  ]);
}

function policy(statements: readonly Statement[]): object {
  return { Version: POLICY_VERSION, Statement: merged(statements) };
}

/** One statement for each resource, its actions in order. */
function merged(statements: readonly Statement[]): Statement[] {
  const byResource = Map.groupBy(statements, ({ Resource }) => Resource);
  return [...byResource].map(([Resource, group]) => ({
    Effect: "Allow",
    Action: [...new Set(group.flatMap(({ Action }) => Action))].sort(),
    Resource,
  }));
}

function allow(location: BucketLocation, { bucket, objects = [] }: Needs): Statement[] {
  return [
    statement(bucket, bucketArn(location)),
    ...(objects.length > 0 ? [statement(objects, objectsArn(location))] : []),
  ];
}

function statement(actions: readonly string[], Resource: string): Statement {
  return { Effect: "Allow", Action: actions.map((action) => `s3:${action}`), Resource };
}

function replicationDocuments(
  source: BucketLocation,
  replica: BucketLocation,
): Record<string, unknown> {
  return {
    "trust of the replication role": {
      Version: POLICY_VERSION,
      Statement: [{
        Effect: "Allow",
        Principal: { Service: "s3.amazonaws.com" },
        Action: "sts:AssumeRole",
      }],
    },
    "policy of the replication role": policy([
      statement(["GetReplicationConfiguration", "ListBucket"], bucketArn(source)),
      statement(
        ["GetObjectVersionAcl", "GetObjectVersionForReplication", "GetObjectVersionTagging"],
        objectsArn(source),
      ),
      statement(["ReplicateDelete", "ReplicateObject", "ReplicateTags"], objectsArn(replica)),
    ]),
    [`replication of ${source.bucket}`]: replicationConfiguration({
      role: `arn:${partitionOf(source.region ?? "")}:iam::ACCOUNT:role/${REPLICATION_ROLE}`,
      to: replica,
      prefix: source.prefix,
    }),
  };
}

/** No rule here expires versions: gc does, when no point needs them. */
function holderLifecycle({ prefix }: BucketLocation): object {
  return {
    Rules: [{
      ID: "backup-my-bucket-leftovers",
      Status: "Enabled",
      Filter: { Prefix: prefix },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      Expiration: { ExpiredObjectDeleteMarker: true },
    }],
  };
}

/** Restores take versions from the replica: the source need not pay for them for long. */
function sourceLifecycle({ prefix }: BucketLocation): object {
  return {
    Rules: [{
      ID: "backup-my-bucket-history",
      Status: "Enabled",
      Filter: { Prefix: prefix },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      NoncurrentVersionExpiration: { NoncurrentDays: 7 },
      Expiration: { ExpiredObjectDeleteMarker: true },
    }],
  };
}

function objectsArn(location: BucketLocation): string {
  return `${bucketArn(location)}/${location.prefix}*`;
}
