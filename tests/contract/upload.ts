/** Uploads in parts, for the suites that are about them. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { CompleteMultipartUploadCommandOutput } from "npm:@aws-sdk/client-s3@3.1169.0";
import type { Contract } from "./contract.ts";

/** The smallest part that may have another behind it: 5 MiB. */
export const PART: Uint8Array = new Uint8Array(5 * 1024 * 1024).fill(0x61);
/** A part that may only be the last. */
export const LAST: Uint8Array = new TextEncoder().encode("the end");

/** An upload in parts that is under way. */
export interface Upload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string | undefined;
}

/** What a completion says of a part. */
export interface UploadedPart {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
}

/** Begins an upload. */
export async function begin(s3: Contract, Bucket: string, Key = "a"): Promise<Upload> {
  const { UploadId } = await s3.sdk.createMultipartUpload({ Bucket, Key });
  return { Bucket, Key, UploadId };
}

/** Uploads parts numbered from 1; resolves to what completion wants of them. */
export async function uploadParts(
  s3: Contract,
  upload: Upload,
  bodies: readonly Uint8Array[],
): Promise<UploadedPart[]> {
  const parts = [];
  for (const [index, Body] of bodies.entries()) {
    const PartNumber = index + 1;
    const { ETag } = await s3.sdk.uploadPart({ ...upload, PartNumber, Body });
    parts.push({ PartNumber, ETag });
  }
  return parts;
}

/** A whole upload in parts. */
export async function uploadAll(
  s3: Contract,
  Bucket: string,
  Key: string,
  bodies: readonly Uint8Array[],
): Promise<CompleteMultipartUploadCommandOutput> {
  const upload = await begin(s3, Bucket, Key);
  const Parts = await uploadParts(s3, upload, bodies);
  return await s3.sdk.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
}

/** The ETag of an object of several parts: the MD5 of the parts' MD5s, and their number. */
export function multipartETag(bodies: readonly Uint8Array[]): string {
  const digests = bodies.map((body) => createHash("md5").update(body).digest());
  return `"${createHash("md5").update(Buffer.concat(digests)).digest("hex")}-${bodies.length}"`;
}
