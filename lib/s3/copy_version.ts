import type { Bucket } from "./bucket.ts";
import { copyByParts } from "./copy_by_parts.ts";
import { formatCopySource } from "./copy_source.ts";
import { type CopyTarget, targetInput, writeTo } from "./copy_target.ts";
import type { CurrentObject } from "./current_object.ts";
import { partCountOf, unquoteETag } from "./multipart_etag.ts";
import { guessPartSizes, learnPartSizes, type PartSizes } from "./part_sizes.ts";
import { readSourceVersion, type SourceVersion, type VersionReference } from "./source_version.ts";
import { type Encryption, KEEP_ENCRYPTION } from "./encryption.ts";
import { streamVersion } from "./stream_version.ts";
import type { TargetGuard, WriteCondition } from "./target_guard.ts";

/** One copy. */
export interface CopyVersionOptions extends VersionReference {
  /** Where the version is. */
  readonly from: Bucket;
  /** Where the copy goes. */
  readonly to: Bucket;
  /** The copy's key: a whole one, the bucket's prefix is not put before it. */
  readonly toKey: string;
  /** Of the copy. Default: what the version has now. */
  readonly storageClass?: string;
  /** How the server encrypts the copy. Default: as the version is. */
  readonly encryption?: Encryption;
  /**
   * Whether the copy gets the version's access control list. Default: false, it is its owner's
   * alone. Where the target has no such lists, a version with one is refused as
   * `AccessControlListNotSupported`.
   */
  readonly keepsGrants?: boolean;
  /** Bytes that one CopyObject may copy. Default: S3's limit, 5 GiB. */
  readonly maxCopySize?: number;
  /**
   * Whether the bytes are downloaded and uploaded, rather than copied by the server. Default: only
   * where the buckets are on two servers.
   */
  readonly stream?: boolean;
  /** Keeps the copy from replacing anything but `seenETag`. Default: whatever is there, is replaced. */
  readonly guard?: TargetGuard | undefined;
  /** ETag of the object that may be replaced, `*` for any, empty for none. Default: none. */
  readonly seenETag?: string;
  /** Abort: requests in flight are given up, a multipart upload is aborted. */
  readonly signal?: AbortSignal;
}

/** What came of a copy. */
export interface CopyResult extends CurrentObject {
  /** False when the copy's ETag differs, so that it cannot be recognised by it later. */
  readonly etagKept: boolean;
}

/** The most that S3 copies in one request, in bytes. */
export const MAX_COPY_SIZE = 5 * 1024 ** 3;

/**
 * Copy one version to a key, on the server's side where both buckets are on one: bytes, user metadata, content headers, tags,
 * website redirect, storage class, encryption, and the access control list on request.
 *
 * An object that was uploaded in parts has an ETag that depends on where they begin. A copy in one
 * request gets another ETag on AWS, and the same on Ceph. So: where the server tells the parts'
 * sizes, the copy is made of the same parts; where it does not, by one request; over 5 GiB, which
 * no single request copies, of parts whose size is guessed from their number. `etagKept` tells
 * whether that went well. Under KMS keys an ETag is no digest, and never kept.
 *
 * @throws {S3Error} when the version is gone or changed, `TargetChanged` when the guard finds
 * something else under the key than was seen, or whatever the server refuses
 */
export async function copyVersion(options: CopyVersionOptions): Promise<CopyResult> {
  const { from, to, toKey, guard, seenETag = "", signal, maxCopySize = MAX_COPY_SIZE } = options;
  const { encryption = KEEP_ENCRYPTION, keepsGrants = false } = options;
  const source = await readSourceVersion(from, options, signal ? { signal } : {});
  const storageClass = options.storageClass ?? source.head.StorageClass ?? "STANDARD";
  const target = { bucket: to, key: toKey, storageClass, encryption, keepsGrants, guard, seenETag };
  // Within one handle a server copies whatever it can read.
  const streams = from !== to && (options.stream || !isOneServer(from, to));
  const { etag, versionId } = streams
    ? await streamVersion(source, target, signal)
    : await copyWithin(source, target, maxCopySize, signal);
  return { etag, versionId, etagKept: etag === source.etag };
}

async function copyWithin(
  source: SourceVersion,
  target: CopyTarget,
  maxCopySize: number,
  signal?: AbortSignal,
): Promise<CurrentObject> {
  const sizes = await choosePartSizes(source, maxCopySize, signal);
  return sizes
    ? await copyByParts(source, target, sizes, signal)
    : await copyAtOnce(source, target, signal);
}

/** A server copies within itself only. */
function isOneServer(from: Bucket, to: Bucket): boolean {
  return serverOf(from) === serverOf(to);
}

function serverOf({ location: { endpoint } }: Bucket): string | undefined {
  return endpoint === undefined ? undefined : new URL(endpoint).href;
}

/** Undefined for one request; see {@linkcode copyVersion}. */
async function choosePartSizes(
  source: SourceVersion,
  maxCopySize: number,
  signal?: AbortSignal,
): Promise<PartSizes | undefined> {
  const learnt = await learnPartSizes(source, signal);
  if (learnt?.every((size) => size <= maxCopySize)) return { sizes: learnt, areLearnt: true };
  if (source.size <= maxCopySize) return undefined;
  const sizes = guessPartSizes(source.size, partCountOf(source.etag), maxCopySize);
  return { sizes, areLearnt: false };
}

async function copyAtOnce(
  source: SourceVersion,
  target: CopyTarget,
  signal?: AbortSignal,
): Promise<CurrentObject> {
  const { bucket, key } = target;
  const call = { operation: "CopyObject", key, ...(signal && { signal }) };
  const input = await targetInput(source, target, signal);
  async function send(condition: WriteCondition): Promise<CurrentObject> {
    const output = await bucket.request(call, (client, sdk, http) =>
      client.send(
        new sdk.CopyObjectCommand({
          ...input,
          ...condition,
          CopySource: formatCopySource(source.bucket.name, source.key, source.versionId),
          // The version "null" may be overwritten between the question and the copy.
          CopySourceIfMatch: `"${source.etag}"`,
          MetadataDirective: "COPY",
          TaggingDirective: "COPY",
        }),
        http,
      ));
    return { etag: unquoteETag(output.CopyObjectResult?.ETag), versionId: output.VersionId };
  }
  // A source that changes is refused like a target that does, and would be taken for an answer.
  const mayProbe = source.versionId !== "null";
  return await writeTo(target, { ...call, newETag: source.etag, mayProbe, send, signal });
}
