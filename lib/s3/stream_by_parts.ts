import type { CompletedPart, UploadPartCommandOutput } from "npm:@aws-sdk/client-s3@3.1169.0";
import { S3Error } from "../model/errors.ts";
import type { CopyTarget } from "./copy_target.ts";
import type { CurrentObject } from "./current_object.ts";
import { multipartETag, unquoteETag } from "./multipart_etag.ts";
import type { PartSizes } from "./part_sizes.ts";
import type { SourceVersion } from "./source_version.ts";
import { type Part, type Upload, uploadInParts } from "./upload_parts.ts";
import { streamBytes, type VersionBytes } from "./version_bytes.ts";

/** Parts of one object that pass through at once. */
const PARTS_AT_ONCE = 4;

/** Copy a version in parts of the given sizes, by download and upload. */
export async function streamByParts(
  source: SourceVersion,
  target: CopyTarget,
  { sizes, areLearnt }: PartSizes,
  signal?: AbortSignal,
): Promise<CurrentObject> {
  const digests: string[] = [];
  async function send(upload: Upload, part: Part, stop: AbortSignal): Promise<CompletedPart> {
    const sent = await streamBytes(source, part, (bytes) => uploadPart(upload, part, bytes), stop);
    digests[part.number - 1] = sent.md5;
    return sent.completed;
  }
  function check(): void {
    const isSame = multipartETag(digests) === source.etag;
    // A part that is empty was not sent through here; under KMS an ETag is no digest.
    if (areLearnt && !sizes.includes(0) && !isUnderKMS(source.head) && !isSame) {
      throw damagedError(source, "after the download");
    }
  }
  return await uploadInParts(source, target, { sizes, limit: PARTS_AT_ONCE, send, check }, signal);
}

async function uploadPart(
  { source, target: { bucket, key }, id, checksumAlgorithm }: Upload,
  { number, size }: Part,
  bytes: VersionBytes,
): Promise<{ readonly completed: CompletedPart; readonly md5: string }> {
  const call = { operation: "UploadPart", key, signal: bytes.signal, once: bytes.once };
  const output = await bucket.request(call, (client, sdk, http) =>
    client.send(
      new sdk.UploadPartCommand({
        Bucket: bucket.name,
        Key: key,
        UploadId: id,
        PartNumber: number,
        Body: bytes.body,
        ContentLength: size,
        ...(checksumAlgorithm !== undefined && { ChecksumAlgorithm: checksumAlgorithm }),
      }),
      http,
    ));
  const md5 = bytes.md5();
  if (!isUnderKMS(output) && unquoteETag(output.ETag) !== md5) {
    throw damagedError(source, "after the upload");
  }
  return { completed: { ...partResult(output), PartNumber: number }, md5 };
}

function partResult(output: UploadPartCommandOutput): CompletedPart {
  const { ETag, ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 } =
    output;
  return { ETag, ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 };
}

function isUnderKMS(
  { ServerSideEncryption = "" }: { readonly ServerSideEncryption?: string | undefined },
): boolean {
  return ServerSideEncryption.startsWith("aws:kms");
}

function damagedError({ bucket, key }: SourceVersion, when: string): S3Error {
  return new S3Error(
    "BytesDamaged",
    `${JSON.stringify(key)} of bucket ${bucket.name} has other bytes ${when} than it had`,
    { retryable: true },
  );
}
