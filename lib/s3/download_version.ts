import type { GetObjectCommandOutput } from "npm:@aws-sdk/client-s3@3.1169.0";
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { S3Error } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";
import { unquoteETag } from "./multipart_etag.ts";
import { lostVersionError, type VersionReference } from "./source_version.ts";

/** Connections lost in a row, without a byte in between, before a read fails. */
const MAX_FRUITLESS_TRIES = 3;
/** An ETag that is the MD5 of the object's bytes, unless it is encrypted with somebody's key. */
const MD5 = /^[0-9a-f]{32}$/;

/** A version whose bytes are on their way. */
interface OpenVersion {
  /** Without quotes. */
  readonly etag: string;
  readonly body: Readable;
  /** Whether the ETag is the MD5 of the bytes. */
  readonly isDigest: boolean;
}

/**
 * Read one version to its end, a chunk at a time. A connection that breaks is opened again where it
 * ended. What came is checked: its length always, its MD5 where the version's ETag is that, and
 * what checksum the server sends along with a version that comes in one piece.
 *
 * @param reference What was recorded of the version: another that is `null` by now is refused.
 * @param options Abort: the connection is closed and the reason is thrown.
 * @throws {S3Error} `NoSuchVersion` when it is gone, `VersionChanged` when it is another,
 * `InvalidObjectState` when it is archived, `CutShort` and `DamagedBody` when the bytes are not right
 */
export async function* downloadVersion(
  bucket: Bucket,
  reference: VersionReference,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<Uint8Array> {
  const hash = createHash("md5");
  let opened = await openVersion(bucket, reference, 0, options);
  let offset = 0;
  for (let tries = 0;;) {
    const before = offset;
    const failure = yield* passOn(opened.body, reference.size - offset, (chunk) => {
      hash.update(chunk);
      offset += chunk.length;
    });
    if (offset === reference.size && failure === undefined) break;
    options.signal?.throwIfAborted();
    if (offset >= reference.size) throw damaged(bucket, reference, failure);
    tries = offset === before ? tries + 1 : 1;
    if (tries === MAX_FRUITLESS_TRIES) throw cutShort(bucket, reference, offset, failure);
    const same = { ...reference, etag: opened.etag };
    opened = await openVersion(bucket, same, offset, options);
  }
  if (opened.isDigest && hash.digest("hex") !== opened.etag) throw damaged(bucket, reference);
}

/** Yields what comes, at most `limit` bytes and what is too much. @returns What went wrong */
async function* passOn(
  body: Readable,
  limit: number,
  onChunk: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array, unknown> {
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > limit) return new RangeError("more bytes came than the object has");
      onChunk(chunk);
      yield chunk;
    }
  } catch (error) {
    return error ?? new Error("the connection was lost");
  } finally {
    body.destroy();
  }
}

async function openVersion(
  bucket: Bucket,
  reference: VersionReference,
  start: number,
  options: { readonly signal?: AbortSignal },
): Promise<OpenVersion> {
  const output = await getVersion(bucket, reference, start, options);
  const etag = unquoteETag(output.ETag);
  const body = output.Body as Readable;
  const size = Number(output.ContentRange?.split("/")[1] ?? output.ContentLength);
  // Not every server honours preconditions.
  if (size !== reference.size || reference.etag !== "" && etag !== reference.etag) {
    body.destroy();
    throw changed(bucket, reference);
  }
  const { ServerSideEncryption = "AES256", SSECustomerAlgorithm } = output;
  const isPlain = ServerSideEncryption === "AES256" && SSECustomerAlgorithm === undefined;
  return { etag, body, isDigest: isPlain && MD5.test(etag) };
}

async function getVersion(
  bucket: Bucket,
  { key, versionId, etag }: VersionReference,
  start: number,
  options: { readonly signal?: AbortSignal },
): Promise<GetObjectCommandOutput> {
  const call = { operation: "GetObject", key, ...options };
  try {
    return await bucket.request(call, (client, sdk, http) =>
      client.send(
        new sdk.GetObjectCommand({
          Bucket: bucket.name,
          Key: key,
          VersionId: versionId,
          ...(etag !== "" && { IfMatch: `"${etag}"` }),
          ...(start > 0 ? { Range: `bytes=${start}-` } : { ChecksumMode: "ENABLED" }),
        }),
        http,
      ));
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    if (error.status === 412) throw changed(bucket, { key, versionId }, error);
    throw error.status === 404 ? lostVersionError(bucket, { key, versionId }, error) : error;
  }
}

/** Which version an error is about. */
type VersionName = Pick<VersionReference, "key" | "versionId">;

function changed(bucket: Bucket, { key, versionId }: VersionName, cause?: S3Error): S3Error {
  return new S3Error(
    "VersionChanged",
    `version ${versionId} of ${JSON.stringify(key)} in bucket ${bucket.name} is not what was ` +
      `recorded; it was overwritten while versioning was suspended`,
    { cause },
  );
}

function cutShort(
  bucket: Bucket,
  { key, size }: VersionReference,
  offset: number,
  cause: unknown,
): S3Error {
  return new S3Error(
    "CutShort",
    `reading ${JSON.stringify(key)} in bucket ${bucket.name} ended after ${offset} of ${size} ` +
      `bytes, and again when it went on from there; try again`,
    { cause, retryable: true },
  );
}

function damaged(bucket: Bucket, { key, versionId }: VersionName, cause?: unknown): S3Error {
  return new S3Error(
    "DamagedBody",
    `the bytes that came of version ${versionId} of ${JSON.stringify(key)} in bucket ` +
      `${bucket.name} are not those of its checksum; try again`,
    { cause, retryable: true },
  );
}
