import type {
  ChecksumAlgorithm,
  CreateMultipartUploadCommandInput,
  HeadObjectCommandOutput,
} from "npm:@aws-sdk/client-s3@3.1169.0";
import { S3Error } from "../model/errors.ts";
import { contentInput, setExpires } from "./content_input.ts";
import { type CopyTarget, targetInput } from "./copy_target.ts";
import { formatTags, type Tag } from "./object_tags.ts";
import type { SourceVersion } from "./source_version.ts";

/**
 * Begin a multipart upload that will look like `source`: its metadata, headers and tags are given
 * here, since parts bring none.
 *
 * @returns The upload's id, and the checksum that the server wants of each part.
 */
export async function createCopyUpload(
  source: SourceVersion,
  target: CopyTarget,
  tags: readonly Tag[],
  signal?: AbortSignal,
): Promise<{ readonly id: string; readonly checksumAlgorithm: ChecksumAlgorithm | undefined }> {
  const { bucket, key } = target;
  const call = { operation: "CreateMultipartUpload", key, ...(signal && { signal }) };
  const input = await targetInput(source, target, signal);
  const { UploadId, ChecksumAlgorithm } = await bucket.request(call, (client, sdk, http) => {
    const command = new sdk.CreateMultipartUploadCommand({
      ...input,
      ...contentInput(source.head),
      ...checksumInput(source.head),
      ...(tags.length > 0 && { Tagging: formatTags(tags) }),
    });
    setExpires(command, source.head.ExpiresString);
    return client.send(command, http);
  });
  if (UploadId !== undefined) return { id: UploadId, checksumAlgorithm: ChecksumAlgorithm };
  throw new S3Error("NoUploadId", `bucket ${bucket.name} began an upload without naming it`);
}

function checksumInput(head: HeadObjectCommandOutput): Partial<CreateMultipartUploadCommandInput> {
  const { ChecksumType } = head;
  const algorithm = checksumAlgorithm(head);
  return {
    ...(algorithm !== undefined && { ChecksumAlgorithm: algorithm }),
    ...(algorithm !== undefined && ChecksumType !== undefined && { ChecksumType }),
  };
}

/** The checksum that the uploader chose, if any. */
function checksumAlgorithm(head: HeadObjectCommandOutput): ChecksumAlgorithm | undefined {
  if (head.ChecksumCRC32 !== undefined) return "CRC32";
  if (head.ChecksumCRC32C !== undefined) return "CRC32C";
  if (head.ChecksumCRC64NVME !== undefined) return "CRC64NVME";
  if (head.ChecksumSHA1 !== undefined) return "SHA1";
  if (head.ChecksumSHA256 !== undefined) return "SHA256";
}
