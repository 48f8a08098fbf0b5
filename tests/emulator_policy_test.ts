/** What each request takes on the embedded S3, held to IAM policies as AWS documents them. */
import assert from "node:assert/strict";
import * as S3 from "npm:@aws-sdk/client-s3@3.1169.0";
import { type Emulator, startEmulator } from "./emulator/emulator.ts";
import type { PolicyStatement } from "./emulator/policy.ts";
import { assertRefused, connect } from "./emulator_client.ts";

const ROLE = "arn:aws:iam::111122223333:role/replication";
const FROM = "arn:aws:s3:::from", TO = "arn:aws:s3:::to";

/** A server whose second caller may do what is in `granted`, and only that. */
async function start(options: { readonly roles?: Record<string, { Statement: [] }> } = {}) {
  const granted: PolicyStatement[] = [];
  const s3 = await startEmulator({
    ...options,
    credentials: {
      owner: { secretAccessKey: "secret" },
      limited: { secretAccessKey: "secret", policy: { Statement: granted } },
    },
  });
  s3.createBucket("from", { versioning: "Enabled" });
  s3.createBucket("to", { versioning: "Enabled", ownership: "ObjectWriter" });
  const [plain, tagged] = s3.seed("from", [{ key: "plain" }, { key: "a", tags: [["k", "v"]] }]);
  s3.seed("to", [{ key: "there", body: "x" }]);
  const client = connect(s3, {
    credentials: { accessKeyId: "limited", secretAccessKey: "secret" },
  });
  return { s3, client, granted, plain: plain!, tagged: tagged! };
}

type World = Awaited<ReturnType<typeof start>>;
/** `s3:` goes before it unless it has another service's name. */
type Grant = readonly [action: string, resource: string];

function statementOf([action, Resource]: Grant): PolicyStatement {
  return { Effect: "Allow", Action: action.includes(":") ? action : `s3:${action}`, Resource };
}

const READ: Grant = ["GetObjectVersion", `${FROM}/plain`];
const WRITE: Grant = ["PutObject", `${TO}/there`];
const THERE = { Bucket: "to", Key: "there" };

/** Requests, and all that each takes. */
const REQUESTS: Readonly<
  Record<string, readonly [readonly Grant[], (world: World) => Promise<unknown>]>
> = {
  "GetObject": [
    [["GetObject", `${FROM}/plain`]],
    ({ client }) => client.send(new S3.GetObjectCommand({ Bucket: "from", Key: "plain" })),
  ],
  "HeadObject of a version": [
    [READ],
    ({ client, plain: VersionId }) =>
      client.send(new S3.HeadObjectCommand({ Bucket: "from", Key: "plain", VersionId })),
  ],
  "GetObjectTagging of a version": [
    [["GetObjectVersionTagging", `${FROM}/a`]],
    ({ client, tagged: VersionId }) =>
      client.send(new S3.GetObjectTaggingCommand({ Bucket: "from", Key: "a", VersionId })),
  ],
  "GetObjectAcl of a version": [
    [["GetObjectVersionAcl", `${FROM}/plain`]],
    ({ client, plain: VersionId }) =>
      client.send(new S3.GetObjectAclCommand({ Bucket: "from", Key: "plain", VersionId })),
  ],
  "CopyObject without tags": [
    [READ, WRITE],
    ({ client, plain }) =>
      client.send(
        new S3.CopyObjectCommand({ ...THERE, CopySource: `from/plain?versionId=${plain}` }),
      ),
  ],
  "CopyObject with tags": [
    [
      ["GetObjectVersion", `${FROM}/a`],
      ["GetObjectVersionTagging", `${FROM}/a`],
      WRITE,
      ["PutObjectTagging", `${TO}/there`],
    ],
    ({ client, tagged }) =>
      client.send(new S3.CopyObjectCommand({ ...THERE, CopySource: `from/a?versionId=${tagged}` })),
  ],
  "CopyObject with a condition and a grant": [
    [READ, WRITE, ["GetObject", `${TO}/there`], ["PutObjectAcl", `${TO}/there`]],
    ({ client, plain }) =>
      client.send(
        new S3.CopyObjectCommand({
          ...THERE,
          CopySource: `from/plain?versionId=${plain}`,
          GrantRead: 'id="somebody"',
          IfMatch: "*",
        }),
      ),
  ],
  "PutObject that creates": [
    [["PutObject", `${TO}/new/*`]],
    ({ client }) =>
      client.send(
        new S3.PutObjectCommand({
          Bucket: "to",
          Key: `new/${crypto.randomUUID()}`,
          IfNoneMatch: "*",
        }),
      ),
  ],
  "CreateMultipartUpload with tags and a grant": [
    [WRITE, ["PutObjectTagging", `${TO}/there`], ["PutObjectAcl", `${TO}/there`]],
    ({ client }) =>
      client.send(
        new S3.CreateMultipartUploadCommand({ ...THERE, Tagging: "k=v", ACL: "public-read" }),
      ),
  ],
  "DeleteObject": [
    [["DeleteObject", `${TO}/there`]],
    ({ client }) => client.send(new S3.DeleteObjectCommand(THERE)),
  ],
  "DeleteObject of a version": [
    [["DeleteObjectVersion", `${TO}/there`]],
    ({ client }) => client.send(new S3.DeleteObjectCommand({ ...THERE, VersionId: "null" })),
  ],
  "HeadBucket": [
    [["ListBucket", FROM]],
    ({ client }) => client.send(new S3.HeadBucketCommand({ Bucket: "from" })),
  ],
  "ListObjectVersions": [
    [["ListBucketVersions", FROM]],
    ({ client }) => client.send(new S3.ListObjectVersionsCommand({ Bucket: "from" })),
  ],
  "GetBucketVersioning": [
    [["GetBucketVersioning", FROM]],
    ({ client }) => client.send(new S3.GetBucketVersioningCommand({ Bucket: "from" })),
  ],
  "PutBucketReplication": [
    [["PutReplicationConfiguration", FROM], ["iam:PassRole", ROLE]],
    ({ client }) => client.send(replicate()),
  ],
  "DeleteBucketReplication": [
    [["PutReplicationConfiguration", FROM]],
    ({ client }) => client.send(new S3.DeleteBucketReplicationCommand({ Bucket: "from" })),
  ],
};

function replicate(): S3.PutBucketReplicationCommand {
  return new S3.PutBucketReplicationCommand({
    Bucket: "from",
    ReplicationConfiguration: {
      Role: ROLE,
      Rules: [{
        Status: "Enabled",
        Priority: 1,
        Filter: {},
        DeleteMarkerReplication: { Status: "Enabled" },
        Destination: { Bucket: TO },
      }],
    },
  });
}

Deno.test("policy: each request takes just what it is known to take", async () => {
  const world = await start();
  await using _ = world.s3;
  for (const [name, [grants, send]] of Object.entries(REQUESTS)) {
    world.granted.splice(0, Infinity, ...grants.map(statementOf));
    await send(world).catch((error) => assert.fail(`${name}: ${error.message}`));
    for (const left of grants) {
      const rest = grants.filter((grant) => grant !== left);
      world.granted.splice(0, Infinity, ...rest.map(statementOf));
      const refused = await assertRefused(send(world), 403).catch((error) =>
        assert.fail(`${name} without ${left[0]}: ${error.message}`)
      );
      assert(refused);
      assert.match(lastRefusal(world.s3), new RegExp(`${left[0]}$`), name);
    }
  }
});

function lastRefusal({ refusals }: Emulator): string {
  return refusals.at(-1)?.action ?? "nothing";
}

Deno.test("policy: a batch is judged key by key, and a condition on an ETag takes the right to read", async () => {
  const { s3, client, granted } = await start();
  await using _ = s3;
  const [versionId] = s3.seed("to", [{ key: "b", body: "b" }]);
  const ETag = `"${s3.buckets.get("to")!.currentObject("b")!.etag}"`;
  const refused = async (object: S3.ObjectIdentifier) => {
    const Delete = { Objects: [object] };
    const { Errors = [] } = await client.send(
      new S3.DeleteObjectsCommand({ Bucket: "to", Delete }),
    );
    return Errors.map(({ Code }) => Code);
  };
  granted.push(statementOf(["DeleteObject", `${TO}/*`]));
  assert.deepEqual(await refused({ Key: "b", ETag }), ["AccessDenied"]);
  assert.deepEqual(await refused({ Key: "b", VersionId: versionId! }), ["AccessDenied"]);
  granted.push(statementOf(["GetObject", `${TO}/*`]));
  assert.deepEqual(await refused({ Key: "b", ETag }), []);
  granted.push(statementOf(["DeleteObjectVersion", `${TO}/*`]));
  assert.deepEqual(await refused({ Key: "b", VersionId: versionId! }), []);
});

Deno.test("policy: who may not list a bucket is not told that a version is missing", async () => {
  const { s3, client, granted, tagged: VersionId } = await start();
  await using _ = s3;
  const head = () =>
    client.send(new S3.HeadObjectCommand({ Bucket: "from", Key: "plain", VersionId }));
  granted.push(statementOf(READ));
  await assertRefused(head(), 403);
  assert.equal(lastRefusal(s3), "s3:ListBucket");
  granted.push(statementOf(["ListBucket", FROM]));
  await assertRefused(head(), 404);
});

Deno.test("policy: wildcards stand for text, and nothing else in a pattern does", async () => {
  const { s3, client, granted } = await start();
  await using _ = s3;
  s3.seed("from", [{ key: "p.a" }, { key: "pxa" }]);
  const get = (Key: string) => client.send(new S3.GetObjectCommand({ Bucket: "from", Key }));
  granted.push({ Effect: "Allow", Action: ["s3:Get*"], Resource: [`${FROM}/p.?`] });
  await get("p.a");
  await assertRefused(get("pxa"), 403);
  await assertRefused(get("plain"), 403);
});

Deno.test("policy: what is not followed is refused at the start", async () => {
  const statement = { ...statementOf(READ), Condition: {} };
  const credentials = { a: { secretAccessKey: "s", policy: { Statement: [statement] } } };
  await assert.rejects(startEmulator({ credentials }), TypeError);
});

Deno.test("policy: a role without permissions replicates nothing", async () => {
  const { s3 } = await start({ roles: { [ROLE]: { Statement: [] } } });
  await using _ = s3;
  const owner = connect(s3);
  await owner.send(replicate());
  await owner.send(new S3.PutObjectCommand({ Bucket: "from", Key: "new" }));
  await s3.replication.idle();
  assert.equal(s3.buckets.get("to")!.current("new"), undefined);
  assert.equal(s3.buckets.get("from")!.currentObject("new")!.replicationStatus, "FAILED");
});
