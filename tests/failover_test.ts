/** Source and replica change roles, and nothing is lost by it. */
import assert from "node:assert/strict";
import type {
  LifecycleRule,
  ReplicationConfiguration,
  ReplicationRule,
} from "npm:@aws-sdk/client-s3@3.1169.0";
import { openMemoryStore } from "../backends/memory.ts";
import { failover, type FailoverOptions } from "../lib/failover.ts";
import { restore } from "../lib/restore.ts";
import { type Bucket, openBucket } from "../lib/s3/bucket.ts";
import {
  putReplication,
  readReplication,
  replicationConfiguration,
} from "../lib/s3/replication.ts";
import { snapshot } from "../lib/snapshot.ts";
import { startEmulator } from "./emulator/emulator.ts";
import { TestBucket } from "./test_bucket.ts";

const ROLE = "arn:aws:iam::123456789012:role/replication";
const delay = () => Promise.resolve();

/** A source that S3 replicates, unless that is not wanted. */
async function world({ replicated = true }: { readonly replicated?: boolean } = {}) {
  const stack = new AsyncDisposableStack();
  const emulator = stack.use(await startEmulator());
  const server = { ...emulator, endpoint: emulator.url };
  const source = stack.use(await TestBucket.create(server, "source"));
  const replica = stack.use(await TestBucket.create(server, "replica"));
  for (const other of ["archive", "far"]) emulator.createBucket(other, { versioning: "Enabled" });
  if (replicated) {
    const to = replica.handle.location;
    await putReplication(
      source.handle,
      replicationConfiguration({ role: ROLE, to, prefix: "" }),
    );
  }
  const options: FailoverOptions = { source: source.handle, replica: replica.handle, delay };
  const swap = (more: Partial<FailoverOptions> = {}) => failover({ ...options, ...more });
  return { emulator, source, replica, swap, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

Deno.test("a replica that holds everything takes the source's place, and is replicated back", async () => {
  await using given = await world();
  const { emulator, source, replica, swap } = given;
  await source.put("a", "x");
  await emulator.replication.idle();
  const only = await swap();
  assert.equal(only.objects, 1);
  assert.equal(only.applied, false);
  assert.equal((await readReplication(source.handle))?.Role, ROLE, "it was only said how");

  const applied = await swap({ apply: true });
  assert.equal(applied.source, replica.handle.url);
  assert.equal(await readReplication(source.handle), undefined);
  assert.deepEqual(await readReplication(replica.handle), applied.replication);
  await replica.put("b", "written after the failover");
  await emulator.replication.idle();
  assert.deepEqual(await source.contents(), await replica.contents());
});

Deno.test("what the replica lacks is counted, and nothing is changed", async () => {
  await using given = await world({ replicated: false });
  const { source, replica, swap } = given;
  await source.put("a", "123");
  await source.put("b", "4");
  await replica.put("b", "4");
  await source.put("changed", "55");
  await replica.put("changed", "66");
  await assert.rejects(swap({ apply: true, role: ROLE }), (error: Error & { code: string }) => {
    assert.equal(error.code, "ReplicaBehind");
    assert.match(error.message, /lacks 2 of 3 objects of .*, 5 bytes/);
    return true;
  });
  assert.equal(await readReplication(replica.handle), undefined);
});

Deno.test("a replica of some keys only does not take the place of a source of more", async () => {
  await using given = await world({ replicated: false });
  const { source, replica, swap } = given;
  await source.put("photos/a", "x");
  await source.put("letters/a", "not in the replica");
  await replica.put("photos/a", "x");
  const { endpoint, region } = replica.handle.location;
  const { accessKeyId, secretAccessKey } = given.emulator;
  const url = `s3://${replica.handle.name}/photos/?region=${region}&endpoint=${endpoint}`;
  await using part = openBucket(url, { credentials: { accessKeyId, secretAccessKey } });
  for (const sourceLost of [false, true]) {
    await assert.rejects(swap({ replica: part, sourceLost }), /is limited to .*"photos\/"/);
  }
});

/** A rule of somebody else's. */
function rule(ID: string, to: string, Prefix = "", Priority = 1): ReplicationRule {
  return {
    ...{ ID, Priority, Status: "Enabled", Filter: { Prefix } },
    DeleteMarkerReplication: { Status: "Enabled" },
    Destination: { Bucket: `arn:aws:s3:::${to}` },
  };
}

function rulesOf(configuration: ReplicationConfiguration | undefined): string[] {
  return (configuration?.Rules ?? []).map(({ ID, Priority, Destination }) =>
    `${ID} ${Priority} ${Destination?.Bucket?.split(":::")[1]}`
  );
}

Deno.test("rules about other buckets and other keys stay on both sides", async () => {
  await using given = await world({ replicated: false });
  const { source, replica, swap } = given;
  const ours = rule("backup-my-bucket", "replica", "photos/");
  const ofSource = [ours, rule("logs", "replica", "logs/", 2), rule("far", "far", "", 3)];
  await putReplication(source.handle, { Role: ROLE, Rules: ofSource });
  const ofReplica = [rule("backup-my-bucket", "far"), rule("archive", "archive", "", 7)];
  await putReplication(replica.handle, { Role: ROLE, Rules: ofReplica });
  await using part = openBucket(source.handle.url.replace("source", "source/photos/"), {
    credentials: given.emulator,
  });
  const told = await swap({ source: part });
  assert.deepEqual(rulesOf(await readReplication(source.handle)).length, 3, "it was only told");
  const done = await swap({ source: part, apply: true });
  assert.deepEqual(rulesOf(await readReplication(source.handle)), ["logs 2 replica", "far 3 far"]);
  assert.deepEqual(rulesOf(await readReplication(replica.handle)), [
    "backup-my-bucket 1 far",
    "archive 7 archive",
    "backup-my-bucket-2 8 source",
  ]);
  assert.deepEqual(
    [told.replication, told.oldReplication],
    [await readReplication(replica.handle), await readReplication(source.handle)],
  );
  assert.deepEqual(done.oldReplication, told.oldReplication);
});

Deno.test("a failover and the one back leave one rule, and none where there was none", async () => {
  await using given = await world();
  const { source, replica, swap } = given;
  const back = { source: replica.handle, replica: source.handle };
  for (const roles of [{}, back, {}]) await swap({ ...roles, apply: true });
  assert.deepEqual(rulesOf(await readReplication(replica.handle)), ["backup-my-bucket 1 source"]);
  assert.equal(await readReplication(source.handle), undefined);
});

Deno.test("rules that could not stay as they are stop a failover before anything is changed", async () => {
  await using given = await world();
  const { source, replica, swap, emulator } = given;
  const other = "arn:aws:iam::123456789012:role/other";
  await putReplication(replica.handle, { Role: other, Rules: [rule("archive", "far", "a/")] });
  const refused = (message: RegExp, more: Partial<FailoverOptions> = {}) =>
    assert.rejects(swap({ apply: true, ...more }), { code: "ForeignReplication", message });
  await refused(/the rule "archive" \(to far below "a\/"\), under the role .*other; .*--role/);
  assert.equal((await swap({ role: other })).applied, false, "it can be told how");

  const { Filter: _, Priority: _p, DeleteMarkerReplication: _d, ...old } = rule("old", "far");
  await putReplication(replica.handle, { Role: ROLE, Rules: [{ ...old, Prefix: "a/" }] });
  await refused(/"old" .*with a Filter, a Priority/);

  await using part = openBucket(source.handle.url.replace("source", "source/photos/"), {
    credentials: emulator,
  });
  await refused(/is replicated to bucket replica by the rule "backup-my-bucket" .*"photos\/"/, {
    source: part,
  });
  assert.deepEqual(rulesOf(await readReplication(source.handle)), ["backup-my-bucket 1 replica"]);
  assert.deepEqual(rulesOf(await readReplication(replica.handle)), ["old undefined far"]);
});

Deno.test("a source that keeps no versions does not become a replica", async () => {
  await using given = await world({ replicated: false });
  await given.source.setVersioning("Suspended");
  await assert.rejects(given.swap(), {
    code: "NotVersioned",
    message: /source.* cannot become the replica: .*put-bucket-versioning --bucket source/,
  });
  assert.equal((await given.swap({ sourceLost: true })).lifecycle, null);
});

Deno.test("a lifecycle that takes what points will need is refused, or told", async () => {
  await using given = await world({ replicated: false });
  const { source, swap, emulator } = given;
  const rules = [
    { ID: "history", Filter: { Prefix: "" }, NoncurrentVersionExpiration: { NoncurrentDays: 7 } },
    { ID: "tmp", Filter: { Prefix: "tmp/" }, Expiration: { Days: 1 } },
    { ID: "logs", Filter: { Prefix: "logs/" }, NoncurrentVersionExpiration: { NoncurrentDays: 1 } },
    { ID: "harmless", Filter: { Prefix: "" }, Expiration: { ExpiredObjectDeleteMarker: true } },
  ];
  await putLifecycle(source.handle, rules);
  const told = '"history" deletes noncurrent versions after 7 days; ' +
    '"tmp" deletes current objects below "tmp/" after 1 day; "logs" deletes ';
  await assert.rejects(swap({ apply: true, role: ROLE }), (error: Error & { code: string }) => {
    assert.equal(error.code, "LifecycleExpires");
    assert(error.message.includes(told), error.message);
    assert.match(error.message, /\(--allow-expiry\)$/);
    return true;
  });
  assert.equal(await readReplication(given.replica.handle), undefined);

  await using part = openBucket(source.handle.url.replace("source", "source/tmp/x/"), {
    credentials: emulator,
  });
  const { lifecycle } = await swap({ source: part, allowExpiry: true });
  assert.deepEqual(lifecycle?.expiring.map(({ id }) => id), ["history", "tmp"]);

  emulator.faults.add({
    kind: "internal-error",
    operation: "GetBucketLifecycleConfiguration",
    times: Infinity,
  });
  await assert.rejects(swap(), {
    code: "LifecycleUnknown",
    message: /InternalError.*--allow-expiry/,
  });
  const unread = await swap({ allowExpiry: true });
  assert.match(unread.lifecycle?.problem ?? "", /InternalError/);
  emulator.faults.clear();
  await putLifecycle(source.handle, rules.slice(3));
  assert.deepEqual((await swap()).lifecycle, { expiring: [], problem: null });
});

async function putLifecycle(
  bucket: Bucket,
  rules: readonly Omit<LifecycleRule, "Status">[],
): Promise<void> {
  const Rules = rules.map((rule) => ({ ...rule, Status: "Enabled" as const }));
  const call = { operation: "PutBucketLifecycleConfiguration" };
  await bucket.request(call, (client, sdk) => {
    const input = { Bucket: bucket.name, LifecycleConfiguration: { Rules } };
    return client.send(new sdk.PutBucketLifecycleConfigurationCommand(input));
  });
}

Deno.test("a replication that S3 refuses leaves the one until now as it was", async () => {
  await using given = await world();
  const { emulator, source, swap } = given;
  await source.put("a", "x");
  await emulator.replication.idle();
  emulator.faults.add({
    kind: "internal-error",
    operation: "PutBucketReplication",
    times: Infinity,
  });
  await assert.rejects(swap({ apply: true }), { code: "InternalError" });
  assert.equal((await readReplication(source.handle))?.Role, ROLE);
  emulator.faults.clear();
  assert.equal((await swap({ apply: true })).applied, true, "the role is still known");
});

Deno.test("deletions that have not arrived do not stop a failover, and are told", async () => {
  await using given = await world({ replicated: false });
  await given.replica.put("gone from the source", "x");
  await given.source.put("a", "x");
  await given.replica.put("a", "x");
  const { extra, replication } = await given.swap();
  assert.equal(extra, 1);
  assert.equal(replication, null, "no role is known");
  for (const dryRun of [true, false]) {
    await assert.rejects(given.swap({ apply: true, dryRun }), { code: "NoReplicationRole" });
  }
  assert.equal((await given.swap({ apply: true, role: ROLE, dryRun: true })).applied, false);
  assert.equal(await readReplication(given.replica.handle), undefined);
});

Deno.test("a source that is lost is not asked for anything", async () => {
  await using given = await world();
  const { emulator, source, swap } = given;
  await source.put("a", "x");
  await emulator.replication.idle();
  emulator.requests.clear();
  const { objects, applied } = await swap({ sourceLost: true, apply: true, role: ROLE });
  assert.deepEqual([objects, applied], [null, true]);
  assert(emulator.requests.all.every(({ bucket }) => bucket !== "source"));
});

Deno.test("points that were taken before are restored to the new source, from its own history", async () => {
  await using given = await world();
  const { emulator, source, replica, swap } = given;
  await using store = openMemoryStore();
  await source.put("a", "old");
  await emulator.replication.idle();
  const { id } = await snapshot({ bucket: replica.handle, store, delay });
  await source.put("a", "new");
  await emulator.replication.idle();
  await swap({ apply: true });
  const roles = { target: replica.handle, replica: source.handle };
  const { failed } = await restore({ snapshot: id, store, ...roles, delay });
  assert.deepEqual(failed, []);
  assert.equal((await replica.read("a")).body, "old");
});
