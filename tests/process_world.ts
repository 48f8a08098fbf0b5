/** The real command on a bucket behind a proxy, with a store of each kind, for tests that kill it. */
import assert from "node:assert/strict";
import { openStore } from "../backends/open_store.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { type Bucket, openBucket } from "../lib/s3/bucket.ts";
import { verify } from "../lib/verify.ts";
import { type CommandResult, resultOf, startCommand } from "./command.ts";
import { S3Proxy } from "./s3_proxy.ts";
import { type TestServer, testServer } from "./s3_server.ts";
import { SEED } from "./seed.ts";
import { TestBucket } from "./test_bucket.ts";

/** The kinds of stores that the command brings. */
export const STORE_KINDS = ["file", "sqlite", "s3"] as const;
/** One of {@linkcode STORE_KINDS}. */
export type StoreKind = typeof STORE_KINDS[number];

/** What belongs to one test. */
export class ProcessWorld implements AsyncDisposable {
  readonly proxy: S3Proxy;
  /** What the test itself writes to, past the proxy. */
  readonly bucket: TestBucket;
  /** The same, as the command sees it. */
  readonly replica: Bucket;
  /** Past the proxy, too. */
  readonly store: SnapshotStore;
  /** The same, as the command is told. */
  readonly storeUrl: string;
  readonly #server: TestServer;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    parts: Pick<ProcessWorld, "proxy" | "bucket" | "replica" | "store" | "storeUrl">,
    server: TestServer,
    stack: AsyncDisposableStack,
  ) {
    this.proxy = parts.proxy;
    this.bucket = parts.bucket;
    this.replica = parts.replica;
    this.store = parts.store;
    this.storeUrl = parts.storeUrl;
    this.#server = server;
    this.#stack = stack;
  }

  /** With an empty bucket and an empty store. */
  static async create(kind: StoreKind, hint: string): Promise<ProcessWorld> {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await testServer());
    const proxy = stack.use(await S3Proxy.start(server.endpoint));
    const name = server.bucketName(`${hint}-${kind}`);
    const bucket = stack.use(await TestBucket.create(server, name));
    const { region, accessKeyId, secretAccessKey } = server;
    const options = { credentials: { accessKeyId, secretAccessKey } };
    const query = `region=${region}&endpoint=${proxy.endpoint}`;
    const replica = stack.use(openBucket(`s3://${name}?${query}`, options));
    const directory = await Deno.makeTempDir();
    stack.defer(() => Deno.remove(directory, { recursive: true }));
    let storeUrl = `${kind}://${directory}/store`;
    if (kind === "s3") {
      const storeName = server.bucketName(`${hint}-store`);
      stack.use(await TestBucket.create(server, storeName, { versioning: "Unversioned" }));
      storeUrl = `s3://${storeName}/snapshots?${query}`;
    }
    const url = storeUrl.replace(proxy.endpoint, server.endpoint);
    const store = stack.use(await openStore(url, { s3: options }));
    return new ProcessWorld({ proxy, bucket, replica, store, storeUrl }, server, stack.move());
  }

  /** Start the command; its requests are counted from now on. */
  async start(args: readonly string[]): Promise<Deno.ChildProcess> {
    const { accessKeyId, secretAccessKey } = this.#server;
    this.proxy.count = 0;
    return await startCommand(
      [...args, "--source", this.replica.url, "--store", this.storeUrl, "--quiet"],
      {
        allow: ["--allow-all"],
        env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
      },
    );
  }

  /** Run the command to its end. */
  async run(args: readonly string[]): Promise<CommandResult> {
    return await resultOf(await this.start(args));
  }

  /** The versions that are current, and no delete markers: one text each. */
  async current(): Promise<string[]> {
    return (await this.bucket.versions())
      .filter(({ isLatest, isDeleteMarker }) => isLatest && !isDeleteMarker)
      .map(({ key, versionId }) => `${key} ${versionId}`);
  }

  /**
   * Every point that is not being removed has all its files and every version that it names.
   *
   * @returns The ids of these points
   */
  async assertSound(when: string): Promise<string[]> {
    const { points, lost } = await verify({ store: this.store, replica: this.replica });
    const wrong = points.filter(({ state }) => state !== "ok" && state !== "expired");
    assert.deepEqual({ wrong, lost }, { wrong: [], lost: [] }, `seed ${SEED}, ${when}`);
    return points.filter(({ state }) => state === "ok").map(({ id }) => id);
  }

  /** Closes and removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
