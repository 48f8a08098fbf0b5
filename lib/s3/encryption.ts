import type {
  HeadObjectCommandOutput,
  ServerSideEncryption,
} from "npm:@aws-sdk/client-s3@3.1169.0";
import { InputError } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";

/** How the server is to encrypt copies. */
export type Encryption =
  /**
   * As the version is. A KMS key of another region, and whatever another server did, give way to
   * the bucket's default.
   */
  | { readonly kind: "keep" }
  /** By the target bucket's default. */
  | { readonly kind: "bucket" }
  /** In this way; a KMS key is AWS's own for S3 unless one is named. */
  | {
    readonly kind: "given";
    readonly algorithm: ServerSideEncryption;
    readonly keyId: string | undefined;
  };

/** As the version is encrypted. */
export const KEEP_ENCRYPTION: Encryption = { kind: "keep" };

const GIVEN = /^(AES256|aws:kms:dsse|aws:kms)(?::(.+))?$/s;

/**
 * Read `keep`, `bucket`, `AES256`, `aws:kms[:KEY]` or `aws:kms:dsse[:KEY]`, where KEY is a KMS key's
 * id, alias or ARN.
 *
 * @throws {InputError} when it is none of these
 */
export function parseEncryption(text: string): Encryption {
  if (text === "keep" || text === "bucket") return { kind: text };
  const [, algorithm, keyId] = GIVEN.exec(text) ?? [];
  if (algorithm === undefined || algorithm === "AES256" && keyId !== undefined) {
    throw new InputError(
      `${JSON.stringify(text)} is no encryption: use keep, bucket, AES256, aws:kms, ` +
        `aws:kms:KEY, aws:kms:dsse or aws:kms:dsse:KEY`,
    );
  }
  return { kind: "given", algorithm: algorithm as ServerSideEncryption, keyId };
}

/** The part of a request that says how to encrypt. */
export interface EncryptionInput {
  readonly ServerSideEncryption?: ServerSideEncryption;
  readonly SSEKMSKeyId?: string;
  readonly BucketKeyEnabled?: boolean;
}

/** What the request for a copy of `head`'s version, from one bucket to another, must say. */
export async function encryptionInput(
  encryption: Encryption,
  head: HeadObjectCommandOutput,
  from: Bucket,
  to: Bucket,
): Promise<EncryptionInput> {
  if (encryption.kind === "bucket") return {};
  if (encryption.kind === "keep") return await keptEncryption(head, from, to);
  const { algorithm, keyId } = encryption;
  return { ServerSideEncryption: algorithm, ...(keyId !== undefined && { SSEKMSKeyId: keyId }) };
}

async function keptEncryption(
  { ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled }: HeadObjectCommandOutput,
  from: Bucket,
  to: Bucket,
): Promise<EncryptionInput> {
  if (ServerSideEncryption === undefined) return {};
  if (from.location.endpoint !== to.location.endpoint) return {};
  if (!ServerSideEncryption.startsWith("aws:kms")) return { ServerSideEncryption };
  // A KMS key works in its own region only.
  if (SSEKMSKeyId === undefined || await from.region() !== await to.region()) return {};
  return {
    ServerSideEncryption,
    SSEKMSKeyId,
    ...(BucketKeyEnabled !== undefined && { BucketKeyEnabled }),
  };
}
