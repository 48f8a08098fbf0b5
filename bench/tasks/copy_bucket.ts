import {
  CreateBucketCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "npm:@aws-sdk/client-s3@3.1169.0";
import { openStore } from "../../backends/open_store.ts";
import { restore } from "../../lib/restore.ts";
import { type BucketAddress, openBenchBucket, openSdk } from "./server.ts";

/** Objects that are downloaded and uploaded at once, as many as our copies in flight. */
const WORKERS = 32;

/** From one bucket to another of the same server. */
export interface CopyAddress extends BucketAddress {
  /** The bucket that copies go to. */
  readonly target: string;
}

/** Create an empty, versioned bucket. */
export async function makeBucket({ endpoint, bucket: Bucket }: BucketAddress): Promise<void> {
  const client = await openSdk(endpoint, 1);
  await client.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  client.destroy();
}

/**
 * A restore of the latest snapshot, but for the safety snapshot: the others make nothing like it.
 * @returns Objects copied
 */
export async function restoreByCopies(
  { target, directory, ...address }: CopyAddress & { readonly directory: string },
): Promise<number> {
  await using replica = openBenchBucket(address);
  await using to = openBenchBucket({ ...address, bucket: target });
  await using store = await openStore(directory);
  const wanted = { store, snapshot: "latest", safetySnapshot: false };
  const { copied, failed } = await restore({ ...wanted, replica, target: to });
  if (failed[0]) throw new Error(`${failed.length} keys failed: ${failed[0].message}`);
  return copied;
}

/**
 * A restore as programs make it that download each object and upload it again, with its content
 * type and metadata. @returns Objects copied
 */
export async function downloadAndUpload(
  { endpoint, bucket, target }: CopyAddress,
): Promise<number> {
  const client = await openSdk(endpoint, WORKERS);
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket })) {
    for (const { Key = "" } of Contents) keys.push(Key);
  }
  let next = 0;
  await Promise.all(Array.from({ length: WORKERS }, async () => {
    for (let Key = keys[next++]; Key !== undefined; Key = keys[next++]) {
      const found = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
      const Body = await found.Body!.transformToByteArray();
      const { ContentType, Metadata } = found;
      await client.send(new PutObjectCommand({ Bucket: target, Key, Body, ContentType, Metadata }));
    }
  }));
  client.destroy();
  return keys.length;
}
