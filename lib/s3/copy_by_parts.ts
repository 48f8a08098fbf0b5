import type { CompletedPart } from "npm:@aws-sdk/client-s3@3.1169.0";
import { S3Error } from "../model/errors.ts";
import { formatCopySource } from "./copy_source.ts";
import type { CopyTarget } from "./copy_target.ts";
import type { CurrentObject } from "./current_object.ts";
import type { PartSizes } from "./part_sizes.ts";
import type { SourceVersion } from "./source_version.ts";
import { type Part, type Upload, uploadInParts } from "./upload_parts.ts";

/** Copy a version in parts of the given sizes, within a server. */
export async function copyByParts(
  source: SourceVersion,
  target: CopyTarget,
  { sizes, areLearnt }: PartSizes,
  signal?: AbortSignal,
): Promise<CurrentObject> {
  const send = (upload: Upload, part: Part, stop: AbortSignal) =>
    copyPart(upload, part, { isLikeAws: areLearnt }, stop);
  return await uploadInParts(
    source,
    target,
    { sizes, limit: target.bucket.concurrency, send },
    signal,
  );
}

/**
 * Ceph decodes a part's source twice, so that a key with a percent sign must be encoded twice. To
 * encode it once may end a gateway of release 16: the second decoding of `% ` is too much for it.
 * Encoded once too often, a source is not found, since no other key has that version.
 *
 * @param isLikeAws Whether the server told the parts' sizes, as AWS does and Ceph does not.
 */
async function copyPart(
  upload: Upload,
  part: Part,
  { isLikeAws }: { readonly isLikeAws: boolean },
  signal: AbortSignal,
): Promise<CompletedPart> {
  const { bucket, key, versionId } = upload.source;
  const once = formatCopySource(bucket.name, key, versionId);
  if (!key.includes("%")) return await copyPartFrom(once, upload, part, signal);
  const twice = formatCopySource(bucket.name, encodeURIComponent(key), versionId);
  const [first, second] = isLikeAws ? [once, twice] : [twice, once];
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
