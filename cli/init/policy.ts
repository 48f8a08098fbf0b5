/** IAM policies from what commands need. */
import { bucketArn, type BucketLocation } from "../../lib/s3/bucket_url.ts";
import {
  type Needs,
  type Permission,
  type PermissionName,
  PERMISSIONS,
  ROLE_PERMISSIONS,
  STORE_PERMISSIONS,
} from "./permissions.ts";

/** The version of the policy language, as AWS has it. */
export const POLICY_VERSION = "2012-10-17";

/** Of an IAM policy. */
export interface Statement {
  /** Letters and digits; no two in a policy have the same. */
  readonly Sid?: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: string;
}

/** An IAM policy for an identity. */
export interface Policy {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

/** What the policies are about. */
export interface Places {
  readonly source: BucketLocation;
  /** Undefined where the source keeps its own versions. */
  readonly replica: BucketLocation | undefined;
  /** Undefined unless it is an S3 prefix. */
  readonly store: BucketLocation | undefined;
  /** ARN of the role that S3 takes on to replicate. */
  readonly role: string;
}

/** All that these need, a statement for each resource. */
export function policyFor(names: readonly PermissionName[], places: Places): Policy {
  return policyOf(merged(names.flatMap((name) => statementsFor(name, places))));
}

/** The same with statements of their own for each, named after what needs them. */
export function policyOfOptions(names: readonly PermissionName[], places: Places): Policy {
  return policyOf(
    names.flatMap((name) =>
      merged(statementsFor(name, places)).map((statement, i, { length }) => ({
        Sid: sidOf(name) + (length > 1 ? i + 1 : ""),
        ...statement,
      }))
    ),
  );
}

/** What S3 needs to replicate the source to the replica. */
export function policyOfRole(source: BucketLocation, replica: BucketLocation): Policy {
  return policyOf([
    ...allow(source, ROLE_PERMISSIONS.source),
    ...allow(replica, ROLE_PERMISSIONS.replica),
  ]);
}

/** Whether there is anything here that could need it. */
export function isFor({ replica }: Places, name: PermissionName): boolean {
  const { only }: Permission = PERMISSIONS[name];
  return only === undefined || (only === "with a replica") === (replica !== undefined);
}

function statementsFor(name: PermissionName, places: Places): Statement[] {
  if (!isFor(places, name)) return [];
  const { holder, source, role, store }: Permission = PERMISSIONS[name];
  return [
    ...allow(places.replica ?? places.source, holder),
    ...allow(places.source, source),
    ...(role ? [statement(role, places.role)] : []),
    ...(places.store && store ? allow(folderOf(places.store), STORE_PERMISSIONS[store]) : []),
  ];
}

function allow(location: BucketLocation, { bucket, objects }: Needs = {}): Statement[] {
  const arn = bucketArn(location);
  return [
    ...(bucket ? [statement(bucket, arn)] : []),
    ...(objects ? [statement(objects, `${arn}/${location.prefix}*`)] : []),
  ];
}

/** A store keeps its files below its prefix as in a folder, whether its slash is written or not. */
function folderOf(store: BucketLocation): BucketLocation {
  const prefix = store.prefix.replace(/[^/]$/, "$&/");
  return { ...store, prefix };
}

function statement(actions: readonly string[], Resource: string): Statement {
  const Action = actions.map((action) => action.includes(":") ? action : `s3:${action}`);
  return { Effect: "Allow", Action, Resource };
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

function policyOf(statements: readonly Statement[]): Policy {
  return { Version: POLICY_VERSION, Statement: statements };
}

function sidOf(name: string): string {
  return name.split(/[^A-Za-z0-9]+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
}
