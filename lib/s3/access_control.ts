import type { Grant } from "npm:@aws-sdk/client-s3@3.1169.0";
import { S3Error } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";

/** The part of a request that says who may do what with the object that it makes. */
export interface GrantInput {
  readonly GrantFullControl?: string;
  readonly GrantRead?: string;
  readonly GrantReadACP?: string;
  readonly GrantWriteACP?: string;
}

/** Permissions that an object can grant, by the input that grants them. */
const INPUTS = {
  FULL_CONTROL: "GrantFullControl",
  READ: "GrantRead",
  READ_ACP: "GrantReadACP",
  WRITE_ACP: "GrantWriteACP",
} as const;

/**
 * The grants of a version's access control list, as the request that makes a copy can take them:
 * so the copy never is without them. Empty for a version that is its owner's alone, which is what
 * a copy becomes by itself, in buckets without lists too.
 *
 * @throws {S3Error} whatever the server refused; `UnknownGrant` for one that no request can name
 */
export async function readGrants(
  bucket: Bucket,
  key: string,
  versionId: string,
  signal?: AbortSignal,
): Promise<GrantInput> {
  const call = { operation: "GetObjectAcl", key, ...(signal && { signal }) };
  const { Owner, Grants = [] } = await bucket.request(call, (client, sdk, http) => {
    const input = { Bucket: bucket.name, Key: key, VersionId: versionId };
    return client.send(new sdk.GetObjectAclCommand(input), http);
  });
  if (Grants.every((grant) => isOwners(grant, Owner?.ID))) return {};
  const input: { -readonly [Name in keyof GrantInput]: string } = {};
  for (const { Permission, Grantee } of Grants) {
    const name = INPUTS[Permission as keyof typeof INPUTS];
    const grantee = granteeText(Grantee);
    if (name === undefined || grantee === undefined) throw unknownGrant(bucket, key, Permission);
    input[name] = input[name] === undefined ? grantee : `${input[name]}, ${grantee}`;
  }
  return input;
}

function isOwners({ Grantee, Permission }: Grant, owner: string | undefined): boolean {
  return Permission === "FULL_CONTROL" && Grantee?.ID === owner;
}

function unknownGrant(bucket: Bucket, key: string, permission: string | undefined): S3Error {
  return new S3Error(
    "UnknownGrant",
    `${JSON.stringify(key)} in bucket ${bucket.name} has an access control list that no copy can ` +
      `be given: it grants ${permission ?? "nothing"} to somebody without an id`,
  );
}

function granteeText(grantee: Grant["Grantee"]): string | undefined {
  if (grantee?.ID) return `id="${grantee.ID}"`;
  if (grantee?.URI) return `uri="${grantee.URI}"`;
  if (grantee?.EmailAddress) return `emailAddress="${grantee.EmailAddress}"`;
}
