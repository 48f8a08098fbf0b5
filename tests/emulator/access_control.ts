/** Access control lists: who may do what with an object, besides policies. Told, not enforced. */
import { invalidArgument, S3Error } from "./errors.ts";
import type { Headers } from "./headers.ts";
import { OWNER_ID } from "./owner.ts";

/** What a grant allows. */
export const PERMISSIONS = ["FULL_CONTROL", "READ", "READ_ACP", "WRITE_ACP"] as const;

/** One line of a list. */
export interface Grant {
  /** What is allowed. */
  readonly permission: typeof PERMISSIONS[number];
  /** How the grantee is named. */
  readonly by: "id" | "uri" | "emailAddress";
  /** The grantee. */
  readonly grantee: string;
}

/** Who decides about an object's list; in an enforced bucket there are none but the owner's. */
export type ObjectOwnership = typeof OWNERSHIPS[number];
const OWNERSHIPS = ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"] as const;

/** Everybody in the world. */
const ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers";
/** The list of an object whose writer gave none. */
export const PRIVATE: readonly Grant[] = [
  { permission: "FULL_CONTROL", by: "id", grantee: OWNER_ID },
];
const CANNED: Readonly<Record<string, readonly Grant[]>> = {
  "private": PRIVATE,
  "public-read": [...PRIVATE, { permission: "READ", by: "uri", grantee: ALL_USERS }],
  "bucket-owner-full-control": PRIVATE,
};

/**
 * The list that a writer asks for; undefined when it names none.
 *
 * @throws {S3Error} InvalidArgument.
 */
export function readGrants(headers: Headers): readonly Grant[] | undefined {
  const canned = headers["x-amz-acl"];
  if (canned !== undefined) {
    if (CANNED[canned]) return CANNED[canned];
    throw invalidArgument("x-amz-acl", canned, "This emulator does not know this canned ACL");
  }
  const grants = PERMISSIONS.flatMap((permission) => {
    const name = `x-amz-grant-${permission.toLowerCase().replace("_", "-")}`;
    return headers[name] === undefined ? [] : readGrantees(name, headers[name], permission);
  });
  return grants.length > 0 ? grants : undefined;
}

function readGrantees(
  name: string,
  header: string,
  permission: Grant["permission"],
): readonly Grant[] {
  return header.split(",").map((text) => {
    const [, by, grantee] = /^\s*(id|uri|emailAddress)="([^"]+)"\s*$/.exec(text) ?? [];
    if (grantee === undefined) {
      throw invalidArgument(name, header, "Argument format not recognized");
    }
    return { permission, by: by as Grant["by"], grantee };
  });
}

/**
 * What the creator of a bucket decides about lists; AWS does without them by default.
 *
 * @throws {S3Error} InvalidArgument.
 */
export function readOwnership(headers: Headers): ObjectOwnership {
  const name = "x-amz-object-ownership";
  const value = headers[name] ?? "BucketOwnerEnforced";
  const ownership = OWNERSHIPS.find((known) => known === value);
  if (ownership) return ownership;
  throw invalidArgument(name, value, "Invalid x-amz-object-ownership header");
}

/** @throws {S3Error} AccessControlListNotSupported where the owner of the bucket owns it all. */
export function checkGrants(
  { ownership }: { readonly ownership: ObjectOwnership },
  grants: readonly Grant[] | undefined,
): void {
  if (!grants || ownership !== "BucketOwnerEnforced") return;
  if (
    grants.every(({ permission, grantee }) => permission === "FULL_CONTROL" && grantee === OWNER_ID)
  ) {
    return;
  }
  throw new S3Error("AccessControlListNotSupported");
}
