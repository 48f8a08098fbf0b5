import { S3Error } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";
import { contentMD5 } from "./content_md5.ts";
import type { ObjectRequestOptions } from "./objects.ts";

/** Smallest part, but for the last: S3's limit. */
export const MIN_PART_BYTES = 5 * 1024 * 1024;
/** Most parts of one object: S3's limit. */
export const MAX_PARTS = 10_000;

/**
 * One object that is sent in parts, one after the other. Nobody sees it before `complete`; call
 * `abort` when that does not come, since the server keeps (and bills) the parts until then.
 */
export class MultipartUpload {
  readonly #bucket: Bucket;
  readonly #key: string;
  readonly #uploadId: string;
  readonly #parts: { readonly PartNumber: number; readonly ETag: string }[] = [];

  private constructor(bucket: Bucket, key: string, uploadId: string) {
    this.#bucket = bucket;
    this.#key = key;
    this.#uploadId = uploadId;
  }

  /** Announce the object. @throws {S3Error} whatever the server or the network refused */
  static async begin(
    bucket: Bucket,
    key: string,
    { metadata = {}, ...options }: ObjectRequestOptions & {
      /** User metadata, names without `x-amz-meta-`. */
      readonly metadata?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<MultipartUpload> {
    const { UploadId } = await bucket.request(
      { operation: "CreateMultipartUpload", key, ...options },
      (client, sdk, http) =>
        client.send(
          new sdk.CreateMultipartUploadCommand({
            Bucket: bucket.name,
            Key: key,
            Metadata: { ...metadata },
          }),
          http,
        ),
    );
    if (UploadId !== undefined) return new MultipartUpload(bucket, key, UploadId);
    throw new S3Error(
      "InvalidAnswer",
      `CreateMultipartUpload for ${JSON.stringify(key)} in bucket ${bucket.name} was answered ` +
        `without an upload id`,
    );
  }

  /**
   * Send the next part: at least {@linkcode MIN_PART_BYTES}, unless it is the last.
   *
   * @throws {S3Error} whatever the server or the network refused
   */
  async send(bytes: Uint8Array, options: ObjectRequestOptions = {}): Promise<void> {
    const input = {
      ...this.#which,
      PartNumber: this.#parts.length + 1,
      Body: bytes,
      ContentMD5: contentMD5(bytes),
    };
    const { ETag = "" } = await this.#request(
      "UploadPart",
      options,
      (client, sdk, http) => client.send(new sdk.UploadPartCommand(input), http),
    );
    this.#parts.push({ PartNumber: input.PartNumber, ETag });
  }

  /** Make the object visible. @throws {S3Error} whatever the server or the network refused */
  async complete(options: ObjectRequestOptions = {}): Promise<void> {
    await this.#request(
      "CompleteMultipartUpload",
      options,
      (client, sdk, http) =>
        client.send(
          new sdk.CompleteMultipartUploadCommand({
            ...this.#which,
            MultipartUpload: { Parts: this.#parts },
          }),
          http,
        ),
    );
  }

  /** Drop the parts. @throws {S3Error} whatever the server or the network refused */
  async abort(options: ObjectRequestOptions = {}): Promise<void> {
    await this.#request(
      "AbortMultipartUpload",
      options,
      (client, sdk, http) =>
        client.send(new sdk.AbortMultipartUploadCommand({ ...this.#which }), http),
    );
  }

  get #which(): { readonly Bucket: string; readonly Key: string; readonly UploadId: string } {
    return { Bucket: this.#bucket.name, Key: this.#key, UploadId: this.#uploadId };
  }

  #request<T>(
    operation: string,
    options: ObjectRequestOptions,
    send: Parameters<typeof Bucket.prototype.request<T>>[1],
  ): Promise<T> {
    return this.#bucket.request({ operation, key: this.#key, ...options }, send);
  }
}
