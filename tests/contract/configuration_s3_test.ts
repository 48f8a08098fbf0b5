import assert from "node:assert/strict";
import type { ReplicationConfiguration } from "npm:@aws-sdk/client-s3@3.1169.0";
import { type Contract, contract, outcome, refusal } from "./contract.ts";

function replicationTo(bucket: string): ReplicationConfiguration {
  return {
    Role: "arn:aws:iam::123456789012:role/replication",
    Rules: [{
      ID: "all",
      Priority: 1,
      Status: "Enabled",
      Filter: { Prefix: "" },
      DeleteMarkerReplication: { Status: "Enabled" },
      Destination: { Bucket: `arn:aws:s3:::${bucket}` },
    }],
  };
}

const LIFECYCLE = {
  Rules: [{
    ID: "old",
    Status: "Enabled",
    Filter: { Prefix: "logs/" },
    NoncurrentVersionExpiration: { NoncurrentDays: 30 },
  }],
} as const;

contract("a bucket without replication says so", async (s3) => {
  const Bucket = await s3.bucket("none", "Enabled");
  const expected = s3.differs({
    aws: "404 ReplicationConfigurationNotFoundError",
    rgw: "accepted",
    why: "the gateway answers an empty configuration",
  });
  assert.equal(await refusal(s3.sdk.getBucketReplication({ Bucket })), expected);
});

/** Configures replication between two versioned buckets, then asks for it. */
async function replicate(s3: Contract) {
  const Bucket = await s3.bucket("source", "Enabled");
  const target = await s3.bucket("target", "Enabled");
  const ReplicationConfiguration = replicationTo(target);
  const put = s3.sdk.putBucketReplication({ Bucket, ReplicationConfiguration });
  return { Bucket, target, answer: await refusal(put) };
}

contract("a replication configuration comes back as it was put", async (s3) => {
  const { Bucket, target, answer } = await replicate(s3);
  const expected = s3.differs({
    aws: { answer: "accepted", rules: replicationTo(target).Rules },
    rgw: { answer: "405 MethodNotAllowed", rules: undefined },
    why: "the gateway replicates between zones, not between buckets",
  });
  const { ReplicationConfiguration } = await s3.sdk.getBucketReplication({ Bucket });
  assert.deepEqual({ answer, rules: ReplicationConfiguration?.Rules }, expected);
});

contract("replication wants versions on both sides", async (s3) => {
  const plain = await s3.bucket("plain");
  const versioned = await s3.bucket("versioned", "Enabled");
  const at = (Bucket: string, target: string) =>
    refusal(
      s3.sdk.putBucketReplication({ Bucket, ReplicationConfiguration: replicationTo(target) }),
    );
  const expected = s3.differs({
    aws: "400 InvalidRequest",
    rgw: "405 MethodNotAllowed",
    why: "the gateway refuses any replication of this form",
  });
  assert.equal(await at(plain, versioned), expected);
  assert.equal(await at(versioned, plain), expected);
});

contract("a replication configuration can be deleted", async (s3) => {
  const { Bucket } = await replicate(s3);
  assert.equal(await refusal(s3.sdk.deleteBucketReplication({ Bucket })), "accepted");
  const path = `/${Bucket}`;
  const { text } = await s3.raw({ path, query: { replication: "" } });
  assert.ok(!text.includes("<Rule>"), text);
});

contract("a bucket without a lifecycle says so", async (s3) => {
  const Bucket = await s3.bucket("none");
  const call = s3.sdk.getBucketLifecycleConfiguration({ Bucket });
  assert.equal(await refusal(call), "404 NoSuchLifecycleConfiguration");
});

contract("a lifecycle comes back as it was put, until it is deleted", async (s3) => {
  const Bucket = await s3.bucket("lifecycle", "Enabled");
  const LifecycleConfiguration = { Rules: [...LIFECYCLE.Rules] };
  await s3.sdk.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration });
  const { Rules } = await s3.sdk.getBucketLifecycleConfiguration({ Bucket });
  assert.deepEqual(Rules, LIFECYCLE.Rules);
  await s3.sdk.deleteBucketLifecycle({ Bucket });
  const call = s3.sdk.getBucketLifecycleConfiguration({ Bucket });
  assert.equal(await refusal(call), "404 NoSuchLifecycleConfiguration");
});

contract("a configuration that is no XML is refused", async (s3) => {
  const path = `/${await s3.bucket("malformed")}`;
  const at = async (name: string) =>
    outcome(await s3.raw({ method: "PUT", path, query: { [name]: "" }, body: "<no" }));
  const versioning = s3.differs({
    aws: "400 MalformedXML",
    rgw: "400 InvalidArgument",
    why: "another code for the same",
  });
  assert.equal(await at("versioning"), versioning);

  assert.equal(await at("lifecycle"), "400 MalformedXML");
});

contract("a versioning status other than Enabled and Suspended is refused", async (s3) => {
  const path = `/${await s3.bucket("status")}`;
  const body = "<VersioningConfiguration><Status>Maybe</Status></VersioningConfiguration>";
  const answer = await s3.raw({ method: "PUT", path, query: { versioning: "" }, body });
  const expected = s3.differs({
    aws: "400 MalformedXML",
    rgw: "400 InvalidArgument",
    why: "another code for the same",
  });
  assert.equal(outcome(answer), expected);
});
