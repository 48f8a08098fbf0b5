import type {
  CompletedPart,
  CompleteMultipartUploadCommandOutput,
} from "npm:@aws-sdk/client-s3@3.1169.0";
import { S3Error } from "../model/errors.ts";
import { formatCopySource } from "./copy_source.ts";
import { type CopyTarget, writeTo } from "./copy_target.ts";
import { createCopyUpload } from "./create_copy_upload.ts";
import type { CurrentObject } from "./current_object.ts";
import { isSameTags, readTags, type Tag, writeTags } from "./object_tags.ts";
import { multipartETag, unquoteETag } from "./multipart_etag.ts";
import type { PartSizes } from "./part_sizes.ts";
import { runBounded } from "./run_bounded.ts";
import type { SourceVersion } from "./source_version.ts";
import type { WriteCondition } from "./target_guard.ts";

/** A multipart upload under way. */
interface Upload {
  readonly source: SourceVersion;
  readonly target: CopyTarget;
  readonly id: string;
  /** Whether the server told the parts' sizes, as AWS does and Ceph does not. */
  readonly isLikeAws: boolean;
}

/** One part: a range of the source's bytes. */
interface Part {
  /** From 1. */
  readonly number: number;
  readonly offset: number;
  readonly size: number;
}

/**
 * Copy a version in parts of the given sizes. The upload takes its metadata, headers and tags from
 * the source, since parts bring none. On failure or abort the upload is aborted, so that its parts
 * do not stay and cost.
 */
export async function copyByParts(
  source: SourceVersion,
  target: CopyTarget,
  { sizes, areLearnt }: PartSizes,
  signal?: AbortSignal,
): Promise<CurrentObject> {
  const { bucket, key, versionId } = source;
  await target.guard?.assertUnchanged({ ...target, signal });
  const tags = await readTags(bucket, key, versionId, signal);
  const id = await createCopyUpload(source, target, tags, signal);
  const copied = await finishUpload({ source, target, id, isLikeAws: areLearnt }, sizes, signal);
  await keepTags(target, copied.versionId, tags, signal);
  return copied;
}

async function finishUpload(
  upload: Upload,
  sizes: readonly number[],
  signal?: AbortSignal,
): Promise<CurrentObject> {
  try {
    const parts = await copyParts(upload, sizes, signal);
    return await completeUpload(upload, parts, signal);
  } catch (error) {
    throw await abortUpload(upload, error);
  }
}

async function copyParts(
  upload: Upload,
  sizes: readonly number[],
  signal?: AbortSignal,
): Promise<CompletedPart[]> {
  const completed: CompletedPart[] = [];
  const limit = upload.target.bucket.concurrency;
  await runBounded(layOut(sizes), limit, async (part, stop) => {
    completed[part.number - 1] = part.size === 0
      ? await uploadEmptyPart(upload, part, stop)
      : await copyPart(upload, part, stop);
  }, signal);
  return completed;
}

function layOut(sizes: readonly number[]): Part[] {
  let offset = 0;
  return sizes.map((size, i) => {
    const part = { number: i + 1, offset, size };
    offset += size;
    return part;
  });
}

/**
 * Ceph decodes a part's source twice, so that a key with a percent sign must be encoded twice. To
 * encode it once may end a gateway of release 16: the second decoding of `% ` is too much for it.
 * Encoded once too often, a source is not found, since no other key has that version.
 */
async function copyPart(upload: Upload, part: Part, signal: AbortSignal): Promise<CompletedPart> {
  const { bucket, key, versionId } = upload.source;
  const once = formatCopySource(bucket.name, key, versionId);
  if (!key.includes("%")) return await copyPartFrom(once, upload, part, signal);
  const twice = formatCopySource(bucket.name, encodeURIComponent(key), versionId);
  const [first, second] = upload.isLikeAws ? [once, twice] : [twice, once];
  try {
    return await copyPartFrom(first, upload, part, signal);
  } catch (error) {
    if (!(error instanceof S3Error) || error.status !== 404 && error.status !== 400) throw error;
    return await copyPartFrom(second, upload, part, signal);
  }
}

async function copyPartFrom(
  copySource: string,
  { source, target, id }: Upload,
  { number, offset, size }: Part,
  signal: AbortSignal,
): Promise<CompletedPart> {
  const { bucket, key } = target;
  const call = { operation: "UploadPartCopy", key, signal };
  const { CopyPartResult = {} } = await bucket.request(call, (client, sdk, http) =>
    client.send(
      new sdk.UploadPartCopyCommand({
        Bucket: bucket.name,
        Key: key,
        UploadId: id,
        PartNumber: number,
        CopySource: copySource,
        CopySourceIfMatch: `"${source.etag}"`,
        // S3 takes no range of an object below 5 MiB.
        ...(size < source.size && { CopySourceRange: `bytes=${offset}-${offset + size - 1}` }),
      }),
      http,
    ));
  const { LastModified: _, ...etagAndChecksums } = CopyPartResult;
  return { ...etagAndChecksums, PartNumber: number };
}

/** No range is empty, but an object's last part may be. */
async function uploadEmptyPart(
  { target: { bucket, key }, id }: Upload,
  { number }: Part,
  signal: AbortSignal,
): Promise<CompletedPart> {
  const call = { operation: "UploadPart", key, signal };
  const { ETag } = await bucket.request(call, (client, sdk, http) => {
    const input = { Bucket: bucket.name, Key: key, UploadId: id, PartNumber: number };
    return client.send(new sdk.UploadPartCommand({ ...input, Body: new Uint8Array() }), http);
  });
  return { ETag, PartNumber: number };
}

/** Without a probe: a server may drop an upload whose completion it refused. */
async function completeUpload(
  { source, target, id }: Upload,
  parts: CompletedPart[],
  signal?: AbortSignal,
): Promise<CurrentObject> {
  const { bucket, key } = target;
  const call = { operation: "CompleteMultipartUpload", key, ...(signal && { signal }) };
  async function send(condition: WriteCondition): Promise<CurrentObject> {
    const output = await bucket.request(call, (client, sdk, http) => {
      const upload = { Bucket: bucket.name, Key: key, UploadId: id };
      const input = { ...upload, ...condition, MultipartUpload: { Parts: parts } };
      return client.send(new sdk.CompleteMultipartUploadCommand(input), http);
    });
    return { etag: resultETag(output, parts), versionId: output.VersionId };
  }
  return await writeTo(target, { ...call, newETag: source.etag, mayProbe: false, send, signal });
}

/** Some servers ignore the tags of a multipart upload: look, and set them on what it became. */
async function keepTags(
  { bucket, key }: CopyTarget,
  versionId: string | undefined,
  tags: readonly Tag[],
  signal?: AbortSignal,
): Promise<void> {
  if (tags.length === 0) return;
  if (isSameTags(tags, await readTags(bucket, key, versionId, signal))) return;
  await writeTags(bucket, key, versionId, tags, signal);
}

/** Ceph answers with an empty ETag. */
function resultETag(
  { ETag }: CompleteMultipartUploadCommandOutput,
  parts: readonly CompletedPart[],
): string {
  const etag = unquoteETag(ETag);
  return etag !== "" ? etag : multipartETag(parts.map((part) => unquoteETag(part.ETag))) ?? "";
}

/** Remove the parts so far, whatever the signal says. Gives the error to throw. */
async function abortUpload({ target, id }: Upload, error: unknown): Promise<unknown> {
  const { bucket, key } = target;
  const call = { operation: "AbortMultipartUpload", key };
  try {
    await bucket.request(call, (client, sdk, http) => {
      const input = { Bucket: bucket.name, Key: key, UploadId: id };
      return client.send(new sdk.AbortMultipartUploadCommand(input), http);
    });
    return error;
  } catch (abortError) {
    if (abortError instanceof S3Error && abortError.code === "NoSuchUpload") return error;
    if (!(error instanceof S3Error) || !(abortError instanceof S3Error)) return error;
    return new S3Error(
      error.code,
      `${error.message}. Its multipart upload stays: ${abortError.message}; a lifecycle rule that ` +
        `aborts incomplete uploads removes it`,
      { cause: error.cause, retryable: error.retryable, status: error.status },
    );
  }
}
