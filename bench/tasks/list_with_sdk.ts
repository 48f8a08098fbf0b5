import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { ObjectVersion, S3Client } from "npm:@aws-sdk/client-s3@3.1169.0";
import { type BucketAddress, openSdk } from "./server.ts";

/** What {@linkcode listWithSdk} reads. */
export interface ListWithSdkOptions extends BucketAddress {
  /** Keys that cut the bucket into ranges, which are read all at once. Default: none. */
  readonly splitKeys?: readonly string[];
}

/** Read a bucket's versions as the SDK gives them. @returns Their number */
export async function listWithSdk(
  { endpoint, bucket, splitKeys = [] }: ListWithSdkOptions,
): Promise<number> {
  const client = await openSdk(endpoint, splitKeys.length + 1);
  const counts = await Promise.all([undefined, ...splitKeys].map(async (after, i) => {
    let count = 0;
    for await (const page of pages(client, bucket, after)) {
      const before = splitKeys[i];
      const inside = page.filter(({ Key = "" }) => before === undefined || Key <= before);
      count += inside.length;
      if (inside.length < page.length) break;
    }
    return count;
  }));
  client.destroy();
  return counts.reduce((sum, count) => sum + count);
}

/** A listing as lines of JSON with gzip: a snapshot as a short script would take it. */
export async function writeLinesWithSdk(
  { endpoint, bucket, file }: BucketAddress & { readonly file: string },
): Promise<number> {
  const client = await openSdk(endpoint, 1);
  let count = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const page of pages(client, bucket)) {
      count += page.length;
      yield page.map((version) => JSON.stringify(version)).join("\n") + "\n";
    }
  }
  await pipeline(Readable.from(lines()), createGzip(), createWriteStream(file));
  client.destroy();
  return count;
}

async function* pages(
  client: S3Client,
  bucket: string,
  after?: string,
): AsyncGenerator<ObjectVersion[]> {
  const { ListObjectVersionsCommand } = await import("npm:@aws-sdk/client-s3@3.1169.0");
  let marker: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {
    ...(after !== undefined && { KeyMarker: after }),
  };
  while (marker) {
    const page: import("npm:@aws-sdk/client-s3@3.1169.0").ListObjectVersionsCommandOutput =
      await client.send(new ListObjectVersionsCommand({ Bucket: bucket, ...marker }));
    yield [...page.Versions ?? [], ...page.DeleteMarkers ?? []];
    const { NextKeyMarker, NextVersionIdMarker } = page;
    marker = page.IsTruncated
      ? {
        ...(NextKeyMarker !== undefined && { KeyMarker: NextKeyMarker }),
        ...(NextVersionIdMarker !== undefined && { VersionIdMarker: NextVersionIdMarker }),
      }
      : undefined;
  }
}
