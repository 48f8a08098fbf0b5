import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "npm:@aws-sdk/client-s3@3.1169.0";
import { type BucketAddress, openSdk } from "./server.ts";

const CONCURRENCY = 32;
/** Deletes of one page that are under way at once. */
const PARALLEL_DELETES = 8;
/** Of each key. */
const VERSIONS = 2;

/** Create a versioned bucket with so many versions of small objects. */
export async function fillBucket(
  { endpoint, bucket, versions }: BucketAddress & { readonly versions: number },
): Promise<void> {
  const client = await openSdk(endpoint, CONCURRENCY);
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  await client.send(
    new PutBucketVersioningCommand({
      Bucket: bucket,
      VersioningConfiguration: { Status: "Enabled" },
    }),
  );
  let next = 0;
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
    for (let i = next++; i < versions; i = next++) {
      const number = String(Math.floor(i / VERSIONS)).padStart(6, "0");
      const Key = `photos/${number.slice(0, 3)}/IMG_${number}.jpg`;
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: String(i) }));
    }
  }));
  client.destroy();
}

/** Delete the bucket and all that is in it. */
export async function removeBucket({ endpoint, bucket }: BucketAddress): Promise<void> {
  const client = await openSdk(endpoint, PARALLEL_DELETES);
  while (await deletePage(client, bucket));
  await client.send(new DeleteBucketCommand({ Bucket: bucket }));
  client.destroy();
}

/** False when there was nothing to delete. */
async function deletePage(client: S3Client, bucket: string): Promise<boolean> {
  const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
  const objects = [...page.Versions ?? [], ...page.DeleteMarkers ?? []]
    .map(({ Key, VersionId }) => ({ Key, VersionId }));
  const share = Math.ceil(objects.length / PARALLEL_DELETES);
  await Promise.all(Array.from({ length: PARALLEL_DELETES }, async (_, i) => {
    const Objects = objects.slice(i * share, (i + 1) * share);
    if (Objects.length === 0) return;
    const Delete = { Objects, Quiet: true };
    const { Errors } = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }));
    if (Errors?.[0]) throw new Error(`cannot empty ${bucket}: ${Errors[0].Message}`);
  }));
  return objects.length > 0;
}
