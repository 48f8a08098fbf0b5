import type {
  ChecksumAlgorithm,
  CompletedPart,
  CompleteMultipartUploadCommandOutput,
} from "npm:@aws-sdk/client-s3@3.1169.0";
import { S3Error } from "../model/errors.ts";
import { type CopyTarget, writeTo } from "./copy_target.ts";
import { createCopyUpload } from "./create_copy_upload.ts";
import { type CurrentObject, currentObject } from "./current_object.ts";
import { keepTags, type UploadedObject } from "./keep_tags.ts";
import { multipartETag, unquoteETag } from "./multipart_etag.ts";
import { readTags } from "./object_tags.ts";
import { runBounded } from "./run_bounded.ts";
import type { SourceVersion } from "./source_version.ts";
import type { WriteCondition } from "./target_guard.ts";

/** A multipart upload under way. */
export interface Upload {
  readonly source: SourceVersion;
  readonly target: CopyTarget;
  readonly id: string;
  /** What the server wants of each part; undefined where it wants none, or knows of none. */
  readonly checksumAlgorithm: ChecksumAlgorithm | undefined;
}

/** One part: a range of the source's bytes. */
export interface Part {
  /** From 1. */
  readonly number: number;
  readonly offset: number;
  readonly size: number;
}

/** How the parts of an upload come about. */
export interface PartPlan {
  /** In bytes, in order. */
  readonly sizes: readonly number[];
  /** Parts under way at once. */
  readonly limit: number;
  /** Brings one part, of one byte at least, to the server. */
  readonly send: (upload: Upload, part: Part, signal: AbortSignal) => Promise<CompletedPart>;
  /** Called when all are there, before they become an object. What it throws, ends the upload. */
  readonly check?: () => void;
}

/**
 * Make a copy of a version in parts. The upload takes its metadata, headers and tags from the
 * source, since parts bring none. On failure or abort the upload is aborted, so that its parts do
 * not stay and cost.
 */
export async function uploadInParts(
  source: SourceVersion,
  target: CopyTarget,
  plan: PartPlan,
  signal?: AbortSignal,
): Promise<CurrentObject> {
  const { bucket, key, versionId } = source;
  await target.guard?.assertUnchanged({ ...target, signal });
  const tags = await readTags(bucket, key, versionId, signal);
  const begun = await createCopyUpload(source, target, tags, signal);
  const made = await finishUpload({ source, target, ...begun }, plan, signal);
  await keepTags(target, made, tags, signal);
  return made;
}

async function finishUpload(
  upload: Upload,
  plan: PartPlan,
  signal?: AbortSignal,
): Promise<UploadedObject> {
  let parts: CompletedPart[] | undefined;
  try {
    parts = await sendParts(upload, plan, signal);
    plan.check?.();
    return await completeUpload(upload, parts, signal);
  } catch (error) {
    const failure = await abortUpload(upload, error);
    const made = parts && error instanceof S3Error && await madeUnheard(upload);
    if (made) return made;
    throw failure;
  }
}

/**
 * What the key has by now, if it has what was to be made: a completion whose answer was lost cannot
 * be asked for again. Undefined also where the server does not tell.
 */
async function madeUnheard({ source, target }: Upload): Promise<UploadedObject | undefined> {
  try {
    const current = await currentObject(target.bucket, target.key);
    return current?.etag === source.etag ? { ...current, isOurs: false } : undefined;
  } catch (error) {
    if (error instanceof S3Error) return undefined;
    throw error;
  }
}

async function sendParts(
  upload: Upload,
  { sizes, limit, send }: PartPlan,
  signal?: AbortSignal,
): Promise<CompletedPart[]> {
  const completed: CompletedPart[] = [];
  await runBounded(layOut(sizes), limit, async (part, stop) => {
    completed[part.number - 1] = part.size === 0
      ? await uploadEmptyPart(upload, part, stop)
      : await send(upload, part, stop);
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
): Promise<UploadedObject> {
  const { bucket, key } = target;
  let answered: CurrentObject | undefined;
  const call = { operation: "CompleteMultipartUpload", key, ...(signal && { signal }) };
  async function send(condition: WriteCondition): Promise<CurrentObject> {
    const output = await bucket.request(call, (client, sdk, http) => {
      const upload = { Bucket: bucket.name, Key: key, UploadId: id };
      const input = { ...upload, ...condition, MultipartUpload: { Parts: parts } };
      return client.send(new sdk.CompleteMultipartUploadCommand(input), http);
    });
    return answered = { etag: resultETag(output, parts), versionId: output.VersionId };
  }
  const write = { ...call, newETag: source.etag, mayProbe: false, send, signal };
  const made = await writeTo(target, write);
  return { ...made, isOurs: made === answered };
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
