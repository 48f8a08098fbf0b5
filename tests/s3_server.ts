/**
 * The one door through which a suite gets its S3 server.
 *
 * A suite that must hold on every server is named `tests/*_s3_test.ts`: `deno task test` runs it
 * on the in-process emulator, `deno task test:rgw` on a Ceph object gateway. A suite of the
 * emulator alone is a plain `*_test.ts`.
 */
import { startEmulator } from "./emulator/emulator.ts";
import { emptyAndDelete } from "./s3_cleanup.ts";
import type { ServerAddress } from "./signed_request.ts";

/** Which behaviour a test may expect: the emulator answers as AWS documents, the gateway as it does. */
export type ServerKind = "emulator" | "rgw";

/** A running S3 server that belongs to one test. */
export interface TestServer extends ServerAddress, AsyncDisposable {
  readonly kind: ServerKind;
  /**
   * A bucket name that no other test in any process has. The test creates the bucket; disposing
   * the server empties and deletes it.
   *
   * @param hint What the bucket is for: at most 30 of `a-z`, `0-9` and `-`.
   */
  bucketName(hint: string): string;
}

const REGION = "us-east-1";

/**
 * Starts the emulator, or takes the server that `BMB_TEST_S3_ENDPOINT` names. The server's keys
 * are then `BMB_TEST_S3_ACCESS_KEY` and `BMB_TEST_S3_SECRET_KEY`, by default test and testtest.
 *
 * @example
 * ```ts
 * import { testServer } from "./s3_server.ts";
 *
 * Deno.test("a bucket can be made", async () => {
 *   await using server = await testServer();
 *   await fetch(`${server.endpoint}/${server.bucketName("first")}`);
 * });
 * ```
 */
export async function testServer(): Promise<TestServer> {
  const endpoint = Deno.env.get("BMB_TEST_S3_ENDPOINT");
  return endpoint ? realServer(endpoint.replace(/\/$/, "")) : await emulatorServer();
}

async function emulatorServer(): Promise<TestServer> {
  // As AWS does, it refuses a request signed more than 15 minutes ago.
  const emulator = await startEmulator({ clockSkew: 15 * 60 * 1000 });
  return {
    kind: "emulator",
    endpoint: emulator.url.replace(/\/$/, ""),
    region: REGION,
    accessKeyId: emulator.accessKeyId,
    secretAccessKey: emulator.secretAccessKey,
    bucketName: uniqueName,
    // Its buckets live in memory and go with it.
    [Symbol.asyncDispose]: () => emulator[Symbol.asyncDispose](),
  };
}

function realServer(endpoint: string): TestServer {
  const named: string[] = [];
  const address: ServerAddress = {
    endpoint,
    region: REGION,
    accessKeyId: Deno.env.get("BMB_TEST_S3_ACCESS_KEY") ?? "test",
    secretAccessKey: Deno.env.get("BMB_TEST_S3_SECRET_KEY") ?? "testtest",
  };
  return {
    ...address,
    kind: "rgw",
    bucketName(hint) {
      const name = uniqueName(hint);
      named.push(name);
      return name;
    },
    async [Symbol.asyncDispose]() {
      for (const bucket of named) await emptyAndDelete(address, bucket);
    },
  };
}

function uniqueName(hint: string): string {
  if (!/^[a-z0-9-]{1,30}$/.test(hint)) {
    throw new TypeError(`not a hint for a bucket name: ${JSON.stringify(hint)}`);
  }
  return `bmb-${hint}-${Deno.pid}-${crypto.randomUUID().slice(0, 8)}`;
}
