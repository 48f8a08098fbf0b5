import type { HeadObjectCommandOutput } from "npm:@aws-sdk/client-s3@3.1169.0";
import { Buffer } from "node:buffer";
import { contentInput, setExpires } from "./content_input.ts";
import { type CopyTarget, targetInput, writeTo } from "./copy_target.ts";
import type { CurrentObject } from "./current_object.ts";
import { isMD5, partCountOf, unquoteETag } from "./multipart_etag.ts";
import { formatTags, readTags } from "./object_tags.ts";
import { guessPartSizes, learnPartSizes, type PartSizes } from "./part_sizes.ts";
import type { SourceVersion } from "./source_version.ts";
import { streamByParts } from "./stream_by_parts.ts";
import type { WriteCondition } from "./target_guard.ts";
import { streamBytes, type VersionBytes } from "./version_bytes.ts";

/** The most that S3 takes in one PutObject or part, in bytes. */
const MAX_PUT_SIZE = 5 * 1024 ** 3;

/**
 * Copy a version by download and upload, between two servers or accounts. The bytes pass through
 * and are not held. The copy has the original's parts, so that its ETag is the same. What arrives
 * is checked by its length, and by the MD5 or checksum of the original where it has one.
 */
export async function streamVersion(
  source: SourceVersion,
  target: CopyTarget,
  signal?: AbortSignal,
): Promise<CurrentObject> {
  const sizes = await choosePartSizes(source, signal);
  return sizes
    ? await streamByParts(source, target, sizes, signal)
    : await streamAtOnce(source, target, signal);
}

/** Undefined for one request. */
async function choosePartSizes(
  source: SourceVersion,
  signal?: AbortSignal,
): Promise<PartSizes | undefined> {
  const count = partCountOf(source.etag);
  if (count === undefined && source.size <= MAX_PUT_SIZE) return;
  const learnt = await learnPartSizes(source, signal);
  return learnt
    ? { sizes: learnt, areLearnt: true }
    : { sizes: guessPartSizes(source.size, count, MAX_PUT_SIZE), areLearnt: false };
}

async function streamAtOnce(
  source: SourceVersion,
  target: CopyTarget,
  signal?: AbortSignal,
): Promise<CurrentObject> {
  const { size, etag } = source;
  const input = await putInput(source, target, signal);
  function send(condition: WriteCondition): Promise<CurrentObject> {
    const put = (bytes: VersionBytes) =>
      putBytes(target, { ...input, ...condition }, bytes, source.head.ExpiresString);
    return streamBytes(source, { offset: 0, size }, put, signal);
  }
  // No probe: it would send all the bytes a second time.
  const write = { operation: "PutObject", newETag: etag, mayProbe: false };
  return await writeTo(target, { ...write, send, signal });
}

/** All that a PutObject says besides its bytes. */
async function putInput(source: SourceVersion, target: CopyTarget, signal?: AbortSignal) {
  const { bucket, key, versionId, size, head } = source;
  const tags = await readTags(bucket, key, versionId, signal);
  return {
    ...await targetInput(source, target, signal),
    ...contentInput(head),
    ...digestInput(source),
    ContentLength: size,
    ...(tags.length > 0 && { Tagging: formatTags(tags) }),
  };
}

async function putBytes(
  { bucket, key }: CopyTarget,
  input: Awaited<ReturnType<typeof putInput>> & WriteCondition,
  { body, once, signal }: VersionBytes,
  expires: string | undefined,
): Promise<CurrentObject> {
  const call = { operation: "PutObject", key, signal, once };
  const { ETag, VersionId } = await bucket.request(call, (client, sdk, http) => {
    const command = new sdk.PutObjectCommand({ ...input, Body: body });
    setExpires(command, expires);
    return client.send(command, http);
  });
  return { etag: unquoteETag(ETag), versionId: VersionId };
}

/** What the server is to find the bytes to be, as far as the original tells. */
function digestInput({ etag, head }: SourceVersion) {
  const { ServerSideEncryption = "", ChecksumType } = head;
  const isDigest = isMD5(etag) && !ServerSideEncryption.startsWith("aws:kms");
  return {
    ...(isDigest && { ContentMD5: Buffer.from(etag, "hex").toString("base64") }),
    // That of an object in parts is none of its bytes.
    ...(ChecksumType === "COMPOSITE" ? {} : checksumsOf(head)),
  };
}

function checksumsOf(head: HeadObjectCommandOutput) {
  const { ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 } = head;
  return {
    ...(ChecksumCRC32 !== undefined && { ChecksumCRC32 }),
    ...(ChecksumCRC32C !== undefined && { ChecksumCRC32C }),
    ...(ChecksumCRC64NVME !== undefined && { ChecksumCRC64NVME }),
    ...(ChecksumSHA1 !== undefined && { ChecksumSHA1 }),
    ...(ChecksumSHA256 !== undefined && { ChecksumSHA256 }),
  };
}
