import { S3Error } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";

/** One object in a listing. */
export interface ListedObject {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
}

/** What to list. */
export interface ListObjectsOptions {
  /** Only keys that begin with it, whole keys. Default: all of the bucket. */
  readonly prefix?: string;
  /** Most objects in a page. Default: 1,000, which is also the most that servers send. */
  readonly pageSize?: number;
  /** Abort: the request in flight is given up and the reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * The objects of a bucket, a page at a time, in the order of their keys' UTF-8 bytes. Nothing is
 * held between two pages: each begins after the last key of the one before, whatever happened to
 * the bucket meanwhile.
 *
 * @throws {S3Error} when the server refuses, or keeps sending the same page (`StuckListing`)
 */
export async function* listObjects(
  bucket: Bucket,
  options: ListObjectsOptions = {},
): AsyncGenerator<readonly ListedObject[]> {
  let after: string | undefined;
  while (true) {
    const { objects, isTruncated } = await fetchPage(bucket, after, options);
    if (objects.length > 0) yield objects;
    if (!isTruncated) return;
    const last = objects.at(-1)?.key;
    if (last === undefined || last === after) throw stuck(bucket, after);
    after = last;
  }
}

async function fetchPage(
  bucket: Bucket,
  after: string | undefined,
  { prefix = "", pageSize = 1000, signal }: ListObjectsOptions,
): Promise<{ readonly objects: readonly ListedObject[]; readonly isTruncated: boolean }> {
  const { Contents = [], IsTruncated = false } = await bucket.request(
    { operation: "ListObjectsV2", ...(signal && { signal }) },
    (client, sdk, http) =>
      client.send(
        new sdk.ListObjectsV2Command({
          Bucket: bucket.name,
          Prefix: prefix,
          MaxKeys: pageSize,
          // Keys may hold characters that XML cannot.
          EncodingType: "url",
          ...(after !== undefined && { StartAfter: after }),
        }),
        http,
      ),
  );
  const objects = Contents.map(({ Key = "", Size = 0 }) => ({ key: decodeKey(Key), size: Size }));
  return { objects, isTruncated: IsTruncated };
}

/** As forms are encoded: "+" stands for a space. */
function decodeKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll("+", " "));
}

function stuck(bucket: Bucket, after: string | undefined): S3Error {
  const where = after === undefined ? "at its beginning" : `after ${JSON.stringify(after)}`;
  return new S3Error(
    "StuckListing",
    `ListObjectsV2 makes no progress in bucket ${bucket.name}: the server says that more keys come ` +
      `${where}, and sends none`,
  );
}
