/** What every suite of the S3 contract starts from: a server, a client, a bucket. */
import assert from "node:assert/strict";
import { S3, S3ServiceException } from "npm:@aws-sdk/client-s3@3.1169.0";
import { type TestServer, testServer } from "../s3_server.ts";
import { type SignedAnswer, type SignedRequest, signedRequest } from "../signed_request.ts";

/** One test's server and the ways to speak to it. */
export interface Contract {
  readonly server: TestServer;
  /** The AWS SDK, which asks once and does not retry. */
  readonly sdk: S3;
  /** Sends a request that the SDK would not, or shows an answer as it came. */
  raw(request: SignedRequest): Promise<SignedAnswer>;
  /** Makes a bucket; unversioned unless `versioning` is given. Resolves to its name. */
  bucket(hint: string, versioning?: "Enabled" | "Suspended"): Promise<string>;
  /** Stores an object; resolves to its version id, `undefined` in a bucket without versions. */
  put(bucket: string, key: string, body?: string): Promise<string | undefined>;
  /** What this server does, where the gateway is known to do otherwise than AWS documents. */
  differs<T>(known: KnownDifference<T>): T;
}

/** A difference that the suite pins down: both answers are asserted, each on its own server. */
export interface KnownDifference<T> {
  /** What AWS documents, and the emulator does. */
  readonly aws: T;
  /** What the Ceph object gateway, release 16.2, was seen to do. */
  readonly rgw: T;
  /** The difference in words. */
  readonly why: string;
}

/** Registers a test of what an S3 server does; it runs on whichever server was asked for. */
export function contract(name: string, check: (s3: Contract) => Promise<void>): void {
  Deno.test(name, async () => {
    await using server = await testServer();
    const sdk = new S3({
      endpoint: server.endpoint,
      region: server.region,
      forcePathStyle: true,
      credentials: server,
      maxAttempts: 1,
    });
    try {
      await check(toContract(server, sdk));
    } finally {
      sdk.destroy();
    }
  });
}

function toContract(server: TestServer, sdk: S3): Contract {
  return {
    server,
    sdk,
    raw: (request) => signedRequest(server, request),
    async bucket(hint, versioning) {
      const Bucket = server.bucketName(hint);
      await sdk.createBucket({ Bucket });
      if (versioning) await setVersioning(sdk, Bucket, versioning);
      return Bucket;
    },
    async put(Bucket, Key, text = "") {
      const Body = new TextEncoder().encode(text);
      return (await sdk.putObject({ Bucket, Key, Body })).VersionId;
    },
    differs: ({ aws, rgw }) => server.kind === "rgw" ? rgw : aws,
  };
}

/** Switches a bucket's versioning on, or suspends it. */
export async function setVersioning(
  sdk: S3,
  Bucket: string,
  Status: "Enabled" | "Suspended",
): Promise<void> {
  await sdk.putBucketVersioning({ Bucket, VersioningConfiguration: { Status } });
}

/**
 * How the server refused: `"404 NoSuchKey"`. Resolves to `"accepted"` when it did not.
 *
 * @throws Whatever the request rejected with, when that was no answer of the server.
 */
export async function refusal(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return "accepted";
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    return `${error.$metadata.httpStatusCode} ${error.name}`;
  }
}

/** An answer to a raw request in the same words: `"200"`, `"404 NoSuchKey"`. */
export function outcome({ status, code }: SignedAnswer): string {
  return code ? `${status} ${code}` : String(status);
}

/** An object's text. */
export async function bodyOf(
  sdk: S3,
  Bucket: string,
  Key: string,
  VersionId?: string,
): Promise<string> {
  const { Body } = await sdk.getObject({ Bucket, Key, ...(VersionId && { VersionId }) });
  assert.ok(Body, "an object has a body");
  return await Body.transformToString();
}
