import type { StorageClass } from "npm:@aws-sdk/client-s3@3.1169.0";
import { type GrantInput, readGrants } from "./access_control.ts";
import type { Bucket } from "./bucket.ts";
import type { CurrentObject } from "./current_object.ts";
import { type Encryption, type EncryptionInput, encryptionInput } from "./encryption.ts";
import type { SourceVersion } from "./source_version.ts";
import type { GuardedWrite, TargetGuard } from "./target_guard.ts";

/** Where a copy goes. */
export interface CopyTarget {
  readonly bucket: Bucket;
  readonly key: string;
  readonly storageClass: string;
  readonly encryption: Encryption;
  /** Whether the version's access control list is put on the copy. */
  readonly keepsGrants: boolean;
  /** Keeps it from replacing what was not seen; undefined to replace whatever there is. */
  readonly guard: TargetGuard | undefined;
  /** ETag of the object that may be replaced; empty for none. Of no account without a guard. */
  readonly seenETag: string;
}

/** Carry out the write that makes the copy, under the target's guard if it has one. */
export async function writeTo(
  { key, guard, seenETag }: CopyTarget,
  write: Omit<GuardedWrite, "key" | "seenETag">,
): Promise<CurrentObject> {
  return guard ? await guard.write({ ...write, key, seenETag }) : await write.send({});
}

/** What a request that makes a copy must say whatever it copies from, or S3 does not keep it. */
export interface TargetInput extends EncryptionInput, GrantInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly StorageClass: StorageClass;
  readonly WebsiteRedirectLocation?: string;
}

/** The part of a copy's request that tells where it goes and what no copy keeps by itself. */
export async function targetInput(
  { bucket: from, key, versionId, head }: SourceVersion,
  target: CopyTarget,
  signal?: AbortSignal,
): Promise<TargetInput> {
  const { bucket: to, storageClass, encryption, keepsGrants } = target;
  const { WebsiteRedirectLocation } = head;
  return {
    Bucket: to.name,
    Key: target.key,
    // Servers other than AWS have names of their own.
    StorageClass: storageClass as StorageClass,
    ...(WebsiteRedirectLocation !== undefined && { WebsiteRedirectLocation }),
    ...await encryptionInput(encryption, head, from, to),
    ...(keepsGrants ? await readGrants(from, key, versionId, signal) : {}),
  };
}
