import type { StorageClass } from "npm:@aws-sdk/client-s3@3.1169.0";
import type { ObjectVersion } from "../lib/model/entry.ts";
import { type Bucket, openBucket } from "../lib/s3/bucket.ts";
import { listVersions } from "../lib/s3/list_versions.ts";
import { versionsOf } from "./entry_batches.ts";

/** Where a server is, and who may speak to it. */
export interface ServerAddress {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a test puts, and finds. */
export interface TestObject {
  readonly body: string;
  readonly contentType: string;
  /** User metadata. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** What a test can put besides. */
export interface TestUpload extends TestObject {
  readonly storageClass: StorageClass;
}

/** How a bucket for a test is made. */
export interface TestBucketOptions {
  readonly versioning?: "Enabled" | "Suspended" | "Unversioned";
  /** Limits the handle that the operations are given, not what the test itself does. */
  readonly prefix?: string;
  /** Whether objects have access control lists. Default: as the server makes buckets. */
  readonly lists?: boolean;
}

/** Requests that a test has in flight at once when it fills a bucket. */
const CONCURRENCY = 32;

/** A bucket that belongs to one test, and what the test does to it. */
export class TestBucket implements AsyncDisposable {
  /** For the operations under test. */
  readonly handle: Bucket;
  readonly #whole: Bucket;

  private constructor(handle: Bucket, whole: Bucket) {
    this.handle = handle;
    this.#whole = whole;
  }

  /** One that is there already. */
  static open(server: ServerAddress, name: string, prefix = ""): TestBucket {
    const { endpoint, region, accessKeyId, secretAccessKey } = server;
    const credentials = { accessKeyId, secretAccessKey };
    const url = (under: string) =>
      `s3://${name}/${encodeURIComponent(under)}?region=${region}&endpoint=${endpoint}`;
    const options = { credentials, retryPause: 1 };
    return new TestBucket(openBucket(url(prefix), options), openBucket(url(""), options));
  }

  /** Create a bucket; it goes with the server. */
  static async create(
    server: ServerAddress,
    name: string,
    { versioning = "Enabled", prefix = "", lists = false }: TestBucketOptions = {},
  ): Promise<TestBucket> {
    const bucket = TestBucket.open(server, name, prefix);
    await bucket.#whole.request(
      { operation: "CreateBucket" },
      (client, sdk) => {
        const ownership = lists ? { ObjectOwnership: "ObjectWriter" } as const : {};
        return client.send(new sdk.CreateBucketCommand({ Bucket: name, ...ownership }));
      },
    );
    if (versioning !== "Unversioned") await bucket.setVersioning(versioning);
    return bucket;
  }

  /** Enable or suspend. */
  async setVersioning(status: "Enabled" | "Suspended"): Promise<void> {
    await this.#whole.request({ operation: "PutBucketVersioning" }, (client, sdk) =>
      client.send(
        new sdk.PutBucketVersioningCommand({
          Bucket: this.#whole.name,
          VersioningConfiguration: { Status: status },
        }),
      ));
  }

  /** Write an object. @returns Its version id */
  async put(key: string, object: string | Partial<TestUpload> = ""): Promise<string> {
    const { body = "", contentType, metadata, tags = {}, storageClass } = typeof object === "string"
      ? { body: object }
      : object;
    const { VersionId } = await this.#whole.request(
      { operation: "PutObject", key },
      (client, sdk) =>
        client.send(
          new sdk.PutObjectCommand({
            Bucket: this.#whole.name,
            Key: key,
            Body: body,
            ContentType: contentType ?? "text/plain",
            Tagging: new URLSearchParams(tags).toString(),
            ...(metadata && { Metadata: metadata }),
            ...(storageClass && { StorageClass: storageClass }),
          }),
        ),
    );
    return VersionId ?? "null";
  }

  /** Write an object in parts; all but the last must have 5 MiB at least. */
  async putInParts(key: string, parts: readonly Uint8Array[]): Promise<void> {
    const object = { Bucket: this.#whole.name, Key: key };
    await this.#whole.request({ operation: "CreateMultipartUpload", key }, async (client, sdk) => {
      const begun = await client.send(new sdk.CreateMultipartUploadCommand(object));
      const upload = { ...object, UploadId: begun.UploadId };
      const Parts = [];
      for (const [i, Body] of parts.entries()) {
        const PartNumber = i + 1;
        const part = new sdk.UploadPartCommand({ ...upload, PartNumber, Body });
        Parts.push({ PartNumber, ETag: (await client.send(part)).ETag });
      }
      const MultipartUpload = { Parts };
      await client.send(new sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload }));
    });
  }

  /** Delete as any client does, or one version for good. */
  async remove(key: string, versionId?: string): Promise<void> {
    await this.#whole.request({ operation: "DeleteObject", key }, (client, sdk) =>
      client.send(
        new sdk.DeleteObjectCommand({
          Bucket: this.#whole.name,
          Key: key,
          ...(versionId !== undefined && { VersionId: versionId }),
        }),
      ));
  }

  /** An object as it is now. */
  async read(key: string): Promise<TestObject> {
    return await this.#whole.request({ operation: "GetObject", key }, async (client, sdk) => {
      const object = { Bucket: this.#whole.name, Key: key };
      const [found, { TagSet = [] }] = await Promise.all([
        client.send(new sdk.GetObjectCommand(object)),
        client.send(new sdk.GetObjectTaggingCommand(object)),
      ]);
      return {
        body: await found.Body!.transformToString(),
        contentType: found.ContentType ?? "",
        metadata: found.Metadata ?? {},
        tags: Object.fromEntries(TagSet.map(({ Key, Value }) => [Key, Value])),
      };
    });
  }

  /** Let everybody read an object, besides its owner. */
  async publish(key: string): Promise<void> {
    await this.#whole.request({ operation: "PutObjectAcl", key }, (client, sdk) => {
      const input = { Bucket: this.#whole.name, Key: key, ACL: "public-read" } as const;
      return client.send(new sdk.PutObjectAclCommand(input));
    });
  }

  /** Who may do what with an object, but for its owner: `GROUP PERMISSION`. */
  async grants(key: string): Promise<string[]> {
    return await this.#whole.request({ operation: "GetObjectAcl", key }, async (client, sdk) => {
      const command = new sdk.GetObjectAclCommand({ Bucket: this.#whole.name, Key: key });
      const { Owner, Grants = [] } = await client.send(command);
      return Grants.filter(({ Grantee }) => Grantee?.ID !== Owner?.ID)
        .map(({ Grantee, Permission }) => `${Grantee?.URI?.split("/").at(-1)} ${Permission}`);
    });
  }

  /** Every version and delete marker. */
  async versions(): Promise<ObjectVersion[]> {
    return await versionsOf(listVersions(this.#whole));
  }

  /** The keys that are there now. */
  async keys(): Promise<string[]> {
    const current = (await this.versions()).filter((found) => found.isLatest);
    return current.filter((found) => !found.isDeleteMarker).map((found) => found.key);
  }

  /** Everything that is there now. */
  async contents(): Promise<Map<string, TestObject>> {
    const keys = await this.keys();
    const found = new Map<string, TestObject>(keys.map((key) => [key, EMPTY]));
    await each(keys, async (key) => void found.set(key, await this.read(key)));
    return found;
  }

  /** Closes the connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.handle, this.#whole].map((bucket) => bucket[Symbol.asyncDispose]()));
  }
}

const EMPTY: TestObject = { body: "", contentType: "", metadata: {}, tags: {} };

/** Do something for each item, many at a time; the first failure is thrown once all have ended. */
export async function each<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const failures: unknown[] = [];
  async function runner(): Promise<void> {
    for (let next = queue.next(); !next.done && failures.length === 0; next = queue.next()) {
      await work(next.value).catch((error) => failures.push(error));
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, runner));
  if (failures.length > 0) throw failures[0];
}
