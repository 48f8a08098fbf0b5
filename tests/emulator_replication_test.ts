/** Replication between two buckets of the embedded S3. */
import assert from "node:assert/strict";
import * as S3 from "npm:@aws-sdk/client-s3@3.1169.0";
import { type Emulator, startEmulator } from "./emulator/emulator.ts";
import { assertRefused, connect, TestClock } from "./emulator_client.ts";

function configuration(
  deleteMarkers: "Enabled" | "Disabled",
  filter: S3.ReplicationRuleFilter = {},
): S3.ReplicationConfiguration {
  return {
    Role: "arn:aws:iam::111122223333:role/replication",
    Rules: [{
      Status: "Enabled",
      Priority: 1,
      Filter: filter,
      DeleteMarkerReplication: { Status: deleteMarkers },
      Destination: { Bucket: "arn:aws:s3:::replica" },
    }],
  };
}

async function start(rules: S3.ReplicationConfiguration = configuration("Enabled")) {
  const clock = new TestClock();
  const s3 = await startEmulator({ now: clock.now });
  s3.createBucket("source", { versioning: "Enabled" });
  s3.createBucket("replica", { versioning: "Enabled" });
  const client = connect(s3);
  await client.send(
    new S3.PutBucketReplicationCommand({ Bucket: "source", ReplicationConfiguration: rules }),
  );
  return { s3, client, clock };
}

/** Versions of a bucket as replication must keep them. */
function versions(s3: Emulator, bucket: string): string[] {
  return [...s3.buckets.get(bucket)!.keys.keysFrom("")].flatMap(({ versions }) =>
    versions.map((version) =>
      [version.key, version.versionId, version.lastModified, version.kind].join(" ")
    )
  );
}

Deno.test("replication: keeps version ids, times, order, metadata and tags", async () => {
  const { s3, client, clock } = await start();
  await using _ = s3;
  const at = { Bucket: "source", Key: "a" };
  s3.replication.pause();
  for (const Body of ["one", "two", "three"]) {
    clock.time += 60_000;
    await client.send(
      new S3.PutObjectCommand({ ...at, Body, Metadata: { body: Body }, Tagging: "k=v" }),
    );
  }
  await client.send(new S3.DeleteObjectCommand(at));
  assert.equal(s3.replication.pending, 4);
  s3.replication.resume();
  await s3.replication.idle();
  assert.equal(versions(s3, "replica").length, 4);
  assert.deepEqual(versions(s3, "replica"), versions(s3, "source"));

  const [, newest] = s3.buckets.get("replica")!.keys.get("a")!.versions;
  const copy = await client.send(
    new S3.GetObjectCommand({ Bucket: "replica", Key: "a", VersionId: newest!.versionId }),
  );
  assert.equal(await copy.Body!.transformToString(), "three");
  assert.deepEqual(copy.Metadata, { body: "three" });
  assert.equal(copy.TagCount, 1);
  assert.equal(copy.ReplicationStatus, "REPLICA");
});

Deno.test("replication: is asynchronous, and waits while it is paused", async () => {
  const { s3, client } = await start();
  await using _ = s3;
  s3.replication.pause();
  const at = { Bucket: "source", Key: "a" };
  await client.send(new S3.PutObjectCommand({ ...at, Body: "x" }));
  const head = () => client.send(new S3.HeadObjectCommand(at));
  assert.equal((await head()).ReplicationStatus, "PENDING");
  assert.deepEqual(versions(s3, "replica"), []);
  s3.replication.resume();
  await s3.replication.idle();
  assert.equal((await head()).ReplicationStatus, "COMPLETED");
  assert.equal(versions(s3, "replica").length, 1);
});

Deno.test("replication: leaves delete markers where the rule says so", async () => {
  const { s3, client } = await start(configuration("Disabled"));
  await using _ = s3;
  s3.seed("source", [{ key: "a" }, { key: "a", deleteMarker: true }]);
  await s3.replication.idle();
  assert.equal(s3.buckets.get("source")?.current("a")?.kind, "marker");
  assert.equal(s3.buckets.get("replica")?.current("a")?.kind, "object");
  await client.send(new S3.HeadObjectCommand({ Bucket: "replica", Key: "a" }));
});

Deno.test("replication: never carries the deletion of a version", async () => {
  const { s3, client } = await start();
  await using _ = s3;
  const [first, marker] = s3.seed("source", [{ key: "a" }, { key: "a", deleteMarker: true }]);
  await s3.replication.idle();
  const before = versions(s3, "replica");
  for (const VersionId of [first, marker]) {
    await client.send(new S3.DeleteObjectCommand({ Bucket: "source", Key: "a", VersionId }));
  }
  await s3.replication.idle();
  assert.deepEqual(versions(s3, "source"), []);
  assert.deepEqual(versions(s3, "replica"), before);
});

Deno.test("replication: a version that is gone before its turn is not carried", async () => {
  const { s3, client } = await start();
  await using _ = s3;
  s3.replication.pause();
  const [VersionId] = s3.seed("source", [{ key: "a" }, { key: "b" }]);
  await client.send(new S3.DeleteObjectCommand({ Bucket: "source", Key: "a", VersionId }));
  s3.replication.resume();
  await s3.replication.idle();
  assert.deepEqual([...s3.buckets.get("replica")!.keys.keysFrom("")].map(({ key }) => key), ["b"]);
});

Deno.test("replication: follows prefix and tags, and no replica goes further", async () => {
  const filter = { And: { Prefix: "in/", Tags: [{ Key: "copy", Value: "yes" }] } };
  const { s3, client } = await start(configuration("Disabled", filter));
  await using _ = s3;
  s3.createBucket("third", { versioning: "Enabled" });
  const [rule] = configuration("Enabled").Rules!;
  await client.send(
    new S3.PutBucketReplicationCommand({
      Bucket: "replica",
      ReplicationConfiguration: {
        Role: "role",
        Rules: [{ ...rule!, Destination: { Bucket: "arn:aws:s3:::third" } }],
      },
    }),
  );
  s3.seed("source", [
    { key: "in/a", tags: [["copy", "yes"]] },
    { key: "in/b", tags: [["copy", "no"]] },
    { key: "out", tags: [["copy", "yes"]] },
  ]);
  await s3.replication.idle();
  assert.deepEqual([...s3.buckets.get("replica")!.keys.keysFrom("")].map(({ key }) => key), [
    "in/a",
  ]);
  assert.deepEqual(versions(s3, "third"), []);
});

Deno.test("replication: a change of tags follows, and fails where the destination is gone", async () => {
  const { s3, client } = await start();
  await using _ = s3;
  s3.seed("source", [{ key: "a" }]);
  await s3.replication.idle();
  const TagSet = [{ Key: "k", Value: "v" }];
  const at = { Bucket: "source", Key: "a" };
  await client.send(new S3.PutObjectTaggingCommand({ ...at, Tagging: { TagSet } }));
  await s3.replication.idle();
  assert.deepEqual(s3.buckets.get("replica")?.currentObject("a")?.tags, [["k", "v"]]);
  assert.equal(versions(s3, "replica").length, 1);

  s3.buckets.get("replica")!.versioning = "Suspended";
  s3.seed("source", [{ key: "b" }]);
  await s3.replication.idle();
  assert.equal(s3.buckets.get("source")?.currentObject("b")?.replicationStatus, "FAILED");
});

Deno.test("replication: goes to each destination once, by the rule of the highest priority", async () => {
  const { s3, client } = await start();
  await using _ = s3;
  s3.createBucket("third", { versioning: "Enabled" });
  const [rule] = configuration("Enabled").Rules!;
  const to = (name: string, Priority: number, StorageClass: S3.StorageClass) => ({
    ...rule!,
    Priority,
    Destination: { Bucket: `arn:aws:s3:::${name}`, StorageClass },
  });
  const Rules = [
    to("replica", 1, "STANDARD"),
    to("replica", 2, "STANDARD_IA"),
    to("third", 1, "GLACIER"),
  ];
  const ReplicationConfiguration = { Role: "role", Rules };
  await client.send(
    new S3.PutBucketReplicationCommand({ Bucket: "source", ReplicationConfiguration }),
  );
  s3.seed("source", [{ key: "a" }]);
  await s3.replication.idle();
  const copies = ["replica", "third"].map((name) => s3.buckets.get(name)!.currentObject("a"));
  assert.deepEqual(copies.map((copy) => copy?.storageClass), ["STANDARD_IA", "GLACIER"]);
});

Deno.test("replication: is refused without versioning, and answers what was put", async () => {
  const { s3, client } = await start();
  await using _ = s3;
  const got = await client.send(new S3.GetBucketReplicationCommand({ Bucket: "source" }));
  assert.deepEqual(got.ReplicationConfiguration?.Rules, configuration("Enabled").Rules);
  s3.createBucket("plain");
  await assertRefused(
    client.send(
      new S3.PutBucketReplicationCommand({
        Bucket: "plain",
        ReplicationConfiguration: configuration("Enabled"),
      }),
    ),
    400,
    "InvalidRequest",
  );
  await client.send(new S3.DeleteBucketReplicationCommand({ Bucket: "source" }));
  await assertRefused(
    client.send(new S3.GetBucketReplicationCommand({ Bucket: "source" })),
    404,
    "ReplicationConfigurationNotFoundError",
  );
});
