/** What IAM must allow, and what S3 should be told, for buckets to be kept by this program. */
import { type BucketLocation, parseBucketUrl, partitionOf } from "../../lib/s3/bucket_url.ts";
import { replicationConfiguration } from "../../lib/s3/replication.ts";
import type { Answers } from "./answers.ts";
import { type Permission, type PermissionName, PERMISSIONS } from "./permissions.ts";
import {
  isFor,
  type Places,
  POLICY_VERSION,
  policyFor,
  policyOfOptions,
  policyOfRole,
} from "./policy.ts";

/** The role that S3 takes on to replicate. */
const REPLICATION_ROLE = "backup-my-bucket-replication";

/** What is done with one identity, mostly. Options that are not here get statements of their own. */
const POLICIES: Readonly<Record<string, readonly PermissionName[]>> = {
  "snapshot, pin, unpin and unlock": ["snapshot", "pin, unpin, unlock"],
  "gc and delete": ["gc, delete"],
  "restore": ["restore", "restore without a replica", "restore --to-dir"],
  "verify, diff, list-snapshots, ls and stats": [
    ...["verify", "verify --replica", "verify --data"] as const,
    ...["diff", "list-snapshots, ls, stats"] as const,
  ],
  "sync": ["sync"],
  "failover": ["failover"],
};

/** Policies and settings for these buckets, each by what it is for. */
export function awsDocuments(answers: Answers): Record<string, unknown> {
  const source = parseBucketUrl(answers.source);
  const replica = answers.replica === undefined ? undefined : parseBucketUrl(answers.replica);
  const store = answers.store.startsWith("s3://") ? parseBucketUrl(answers.store) : undefined;
  const role = `arn:${partitionOf(source.region ?? "")}:iam::ACCOUNT:role/${REPLICATION_ROLE}`;
  return {
    ...policies({ source, replica, store, role }),
    ...(replica && replicationDocuments(source, replica, role)),
    [`lifecycle of ${(replica ?? source).bucket}`]: holderLifecycle(replica ?? source),
    ...(replica && { [`lifecycle of ${source.bucket}`]: sourceLifecycle(source) }),
  };
}

function policies(places: Places): Record<string, unknown> {
  const commands = Object.entries(POLICIES)
    .map(([title, names]) => [title, names.filter((name) => isFor(places, name))] as const)
    .filter(([, [first]]) => first !== undefined);
  return {
    ...Object.fromEntries(
      commands.map(([title, names]) => [`policy for ${title}`, policyFor(names, places)]),
    ),
    "more for options, each in statements of its name": policyOfOptions(optionNames(), places),
  };
}

function optionNames(): PermissionName[] {
  const printed: readonly string[] = Object.values(POLICIES).flat();
  const all: readonly (readonly [string, Permission])[] = Object.entries(PERMISSIONS);
  return all.filter(([name, { adds }]) => adds !== undefined && !printed.includes(name))
    .map(([name]) => name as PermissionName);
}

function replicationDocuments(
  source: BucketLocation,
  replica: BucketLocation,
  role: string,
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
    "policy of the replication role": policyOfRole(source, replica),
    [`replication of ${source.bucket}`]: replicationConfiguration({
      role,
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
