/**
 * Plain objects, for what keeps files of its own in a bucket. Keys are whole keys: the bucket's
 * prefix is not added.
 */
import type { Readable } from "node:stream";
import type { Bucket } from "./bucket.ts";
import { contentMD5 } from "./content_md5.ts";

/** How a request on one object is made. */
export interface ObjectRequestOptions {
  /** Abort: the request is given up and the reason is thrown. */
  readonly signal?: AbortSignal;
}

/** How {@linkcode putObject} writes. */
export interface PutObjectOptions extends ObjectRequestOptions {
  /**
   * Send `If-None-Match: *`. Servers that honour it answer `PreconditionFailed` when the key
   * exists; others overwrite it.
   */
  readonly ifNoneMatch?: boolean;
  /** User metadata, names without `x-amz-meta-`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Store `bytes` under `key` in one request.
 *
 * @returns the version that it made, in a versioned bucket
 * @throws {S3Error} whatever the server or the network refused
 */
export async function putObject(
  bucket: Bucket,
  key: string,
  bytes: Uint8Array,
  { ifNoneMatch = false, metadata = {}, ...options }: PutObjectOptions = {},
): Promise<{ readonly versionId: string | undefined }> {
  const { VersionId } = await bucket.request(
    { operation: "PutObject", key, ...options },
    (client, sdk, http) =>
      client.send(
        new sdk.PutObjectCommand({
          Bucket: bucket.name,
          Key: key,
          Body: bytes,
          ContentMD5: contentMD5(bytes),
          Metadata: { ...metadata },
          ...(ifNoneMatch && { IfNoneMatch: "*" }),
        }),
        http,
      ),
  );
  return { versionId: VersionId };
}

/**
 * User metadata of the object under `key`, without its bytes.
 *
 * @throws {S3Error} `NoSuchKey` when there is none, and whatever else was refused
 */
export async function readMetadata(
  bucket: Bucket,
  key: string,
  options: ObjectRequestOptions = {},
): Promise<Readonly<Record<string, string>>> {
  const { Metadata } = await bucket.request(
    { operation: "HeadObject", key, ...options },
    (client, sdk, http) =>
      client.send(new sdk.HeadObjectCommand({ Bucket: bucket.name, Key: key }), http),
  );
  return Metadata ?? {};
}

/** An object whose bytes are on their way. */
export interface OpenObject {
  /** Of the whole object, in bytes. */
  readonly size: number;
  /** Tells one content of a key from another; as sent, quotes included. */
  readonly etag: string;
  /** The bytes from the asked offset on. Destroy it when it is not read to its end. */
  readonly body: Readable;
}

/**
 * Begin to read the object under `key`, from byte `start` on (default: the first). The body may
 * end early without an error when the connection is lost: count its bytes.
 *
 * @throws {S3Error} `NoSuchKey` when there is none, and whatever else was refused
 */
export async function openObject(
  bucket: Bucket,
  key: string,
  { start = 0, ...options }: ObjectRequestOptions & { readonly start?: number } = {},
): Promise<OpenObject> {
  const output = await bucket.request(
    { operation: "GetObject", key, ...options },
    (client, sdk, http) =>
      client.send(
        new sdk.GetObjectCommand({
          Bucket: bucket.name,
          Key: key,
          ...(start > 0 && { Range: `bytes=${start}-` }),
        }),
        http,
      ),
  );
  const size = Number(output.ContentRange?.split("/")[1] ?? output.ContentLength);
  // The SDK declares all that a body may be elsewhere; on its Node client it is this.
  return { size, etag: output.ETag ?? "", body: output.Body as Readable };
}

/**
 * Delete the object under `key`, or one version of it for good. In a versioned bucket, deleting no
 * particular version hides the object below a delete marker. A key that is not there is no error.
 *
 * @throws {S3Error} whatever the server or the network refused
 */
export async function deleteObject(
  bucket: Bucket,
  key: string,
  { versionId, ...options }: ObjectRequestOptions & { readonly versionId?: string } = {},
): Promise<void> {
  await bucket.request(
    { operation: "DeleteObject", key, ...options },
    (client, sdk, http) =>
      client.send(
        new sdk.DeleteObjectCommand({
          Bucket: bucket.name,
          Key: key,
          ...(versionId !== undefined && { VersionId: versionId }),
        }),
        http,
      ),
  );
}
