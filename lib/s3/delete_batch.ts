import { S3Error } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";
import type { Sdk } from "./connect.ts";
import { contentMD5 } from "./content_md5.ts";

/** What to delete. */
export interface VersionToDelete {
  /** A whole one: the bucket's prefix is not put before it. */
  readonly key: string;
  /** Left out: the object is deleted as any client would, by a delete marker on top. */
  readonly versionId?: string;
  /**
   * Only if the key's object has this ETag, with its quotes, or `*` for any. Servers that do not
   * know of it delete all the same. Left out: whatever it is.
   */
  readonly etag?: string;
}

/** What could not be deleted. */
export interface DeleteFailure extends VersionToDelete {
  /** The server's code. */
  readonly code: string;
  /** The server's, for humans. */
  readonly message: string;
}

/** Most keys that one DeleteObjects takes. */
const MAX_KEYS_PER_REQUEST = 1000;
/** It is not there, which is what was wanted. */
const GONE = ["NoSuchVersion", "NoSuchKey"];
/** Refusals of a DeleteObject that a DeleteObjects would give for this key alone. */
const OF_ONE_KEY = ["AccessDenied", "PreconditionFailed", "ConditionalRequestConflict"];

/** Split into what one request each can carry. */
export function batchesOf(versions: readonly VersionToDelete[]): VersionToDelete[][] {
  const batches: VersionToDelete[][] = [];
  let batch: VersionToDelete[] = [];
  for (const version of versions) {
    if (!fitsXml(version.key)) batches.push([version]);
    else if (batch.push(version) === 1) batches.push(batch);
    if (batch.length === MAX_KEYS_PER_REQUEST) batch = [];
  }
  return batches;
}

/** Delete what {@linkcode batchesOf} put together; gives the keys that the server refused. */
export function deleteBatch(
  bucket: Bucket,
  batch: readonly VersionToDelete[],
  signal: AbortSignal,
): Promise<readonly DeleteFailure[]> {
  const [first] = batch;
  return first && !fitsXml(first.key)
    ? deleteOne(bucket, first, signal)
    : deleteTogether(bucket, batch, signal);
}

async function deleteTogether(
  bucket: Bucket,
  batch: readonly VersionToDelete[],
  signal: AbortSignal,
): Promise<readonly DeleteFailure[]> {
  const Objects = batch.map(({ key, versionId, etag }) => ({
    Key: key,
    VersionId: versionId,
    ETag: etag,
  }));
  const call = { operation: "DeleteObjects", signal };
  const { Errors = [] } = await bucket.request(call, (client, sdk, http) => {
    const Delete = { Objects, Quiet: true };
    const command = new sdk.DeleteObjectsCommand({ Bucket: bucket.name, Delete });
    addContentMD5(command);
    return client.send(command, http);
  });
  return Errors.filter(({ Code = "" }) => !GONE.includes(Code)).map((error) => ({
    key: error.Key ?? "",
    ...(error.VersionId && { versionId: error.VersionId }),
    code: error.Code ?? "Unknown",
    message: error.Message ?? "",
  }));
}

async function deleteOne(
  bucket: Bucket,
  { key, versionId, etag }: VersionToDelete,
  signal: AbortSignal,
): Promise<readonly DeleteFailure[]> {
  const call = { operation: "DeleteObject", key, signal };
  try {
    await bucket.request(call, (client, sdk, http) => {
      const input = { Bucket: bucket.name, Key: key, ...(versionId && { VersionId: versionId }) };
      const condition = etag === undefined ? {} : { IfMatch: etag };
      return client.send(new sdk.DeleteObjectCommand({ ...input, ...condition }), http);
    });
    return [];
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    if (GONE.includes(error.code)) return [];
    if (!OF_ONE_KEY.includes(error.code)) throw error;
    const { code, message } = error;
    return [{ key, ...(versionId && { versionId }), code, message }];
  }
}

/** Whether XML 1.0 can carry the text: some characters it cannot, not even escaped. */
function fitsXml(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 && unit !== 0x09 && unit !== 0x0a && unit !== 0x0d) return false;
    if (unit === 0xfffe || unit === 0xffff) return false;
  }
  return true;
}

/** The one checksum that every server accepts here; many refuse the request without it. */
function addContentMD5(command: InstanceType<Sdk["DeleteObjectsCommand"]>): void {
  command.middlewareStack.add((next) => (args) => {
    const { headers, body } = args.request as { headers: Record<string, string>; body: string };
    for (const name of Object.keys(headers)) {
      if (/^x-amz-(sdk-)?checksum-/i.test(name)) delete headers[name];
    }
    headers["content-md5"] = contentMD5(body);
    return next(args);
  }, { step: "build", priority: "low", name: "addContentMD5" });
}
