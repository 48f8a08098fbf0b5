/**
 * The demo's stage: a source bucket, its replica, and the people who write to the source. All of it
 * goes over HTTP through the AWS SDK, as it would in life.
 */
import { createHash } from "node:crypto";
import pMap from "npm:p-map@7.1.1";
import type { Bucket } from "../../lib/s3/bucket.ts";
import { listVersions } from "../../lib/s3/list_versions.ts";
import { DELETE_MARKER, LATEST, textAt } from "../../lib/model/entry_batch.ts";
import type { DemoObject } from "./demo_objects.ts";

/** Any name will do: the embedded S3 checks that there is one, and no more. */
const REPLICATION_ROLE = "arn:aws:iam::123456789012:role/demo-replication";

/** Both buckets, versioned, with replication from `source` to `replica`. */
export async function createBuckets(source: Bucket, replica: Bucket): Promise<void> {
  for (const bucket of [source, replica]) {
    await bucket.request(
      { operation: "CreateBucket" },
      (client, sdk) => client.send(new sdk.CreateBucketCommand({ Bucket: bucket.name })),
    );
    await bucket.request({ operation: "PutBucketVersioning" }, (client, sdk) =>
      client.send(
        new sdk.PutBucketVersioningCommand({
          Bucket: bucket.name,
          VersioningConfiguration: { Status: "Enabled" },
        }),
      ));
  }
  await source.request({ operation: "PutBucketReplication" }, (client, sdk) =>
    client.send(
      new sdk.PutBucketReplicationCommand({
        Bucket: source.name,
        ReplicationConfiguration: {
          Role: REPLICATION_ROLE,
          Rules: [{
            ID: "everything",
            Priority: 1,
            Status: "Enabled",
            Filter: { Prefix: "" },
            DeleteMarkerReplication: { Status: "Enabled" },
            Destination: { Bucket: `arn:aws:s3:::${replica.name}` },
          }],
        },
      }),
    ));
}

/** Write each object, over what is there. */
export async function writeObjects(bucket: Bucket, objects: Iterable<DemoObject>): Promise<void> {
  await pMap(objects, async (object) => {
    await bucket.request({ operation: "PutObject", key: object.key }, (client, sdk) =>
      client.send(
        new sdk.PutObjectCommand({
          Bucket: bucket.name,
          Key: object.key,
          Body: object.body,
          ContentType: object.contentType,
          Metadata: { ...object.metadata },
          Tagging: object.tagging,
        }),
      ));
  }, { concurrency: bucket.concurrency });
}

/** Delete each key as applications do: a delete marker hides it. */
export async function deleteObjects(bucket: Bucket, keys: Iterable<string>): Promise<void> {
  await pMap(keys, async (key) => {
    await bucket.request(
      { operation: "DeleteObject", key },
      (client, sdk) => client.send(new sdk.DeleteObjectCommand({ Bucket: bucket.name, Key: key })),
    );
  }, { concurrency: bucket.concurrency });
}

/**
 * What readers of a bucket see: for each key a digest of its bytes, content type, metadata and
 * tags. Two buckets that have equal maps cannot be told apart by reading them.
 */
export async function fingerprint(bucket: Bucket): Promise<Map<string, string>> {
  const keys: string[] = [];
  for await (const batch of listVersions(bucket)) {
    for (let row = 0; row < batch.length; row++) {
      if (batch.flags[row] === LATEST) keys.push(textAt(batch.keys, row));
    }
  }
  const digests = await pMap(keys, (key) => digestObject(bucket, key), {
    concurrency: bucket.concurrency,
  });
  return new Map(keys.map((key, i) => [key, digests[i]!]));
}

async function digestObject(bucket: Bucket, key: string): Promise<string> {
  const at = { Bucket: bucket.name, Key: key };
  const hash = createHash("sha256");
  await bucket.request({ operation: "GetObject", key }, async (client, sdk) => {
    const { Body, ContentType, Metadata } = await client.send(new sdk.GetObjectCommand(at));
    hash.update(await Body!.transformToByteArray());
    hash.update(JSON.stringify([ContentType, Object.entries(Metadata ?? {}).sort()]));
  });
  await bucket.request({ operation: "GetObjectTagging", key }, async (client, sdk) => {
    const { TagSet = [] } = await client.send(new sdk.GetObjectTaggingCommand(at));
    hash.update(JSON.stringify(TagSet.map(({ Key, Value }) => [Key, Value]).sort()));
  });
  return hash.digest("hex");
}

/** How many versions and delete markers a bucket holds, current or not. */
export async function countVersions(
  bucket: Bucket,
): Promise<{ readonly versions: number; readonly deleteMarkers: number }> {
  let versions = 0, deleteMarkers = 0;
  for await (const batch of listVersions(bucket)) {
    for (const flags of batch.flags) {
      if (flags & DELETE_MARKER) deleteMarkers++;
      else versions++;
    }
  }
  return { versions, deleteMarkers };
}
