import { StoreError } from "../lib/model/errors.ts";
import { isStoreName, type SnapshotStore, type StoreItem } from "../lib/model/store.ts";
import { type Bucket, type BucketOptions, openBucket } from "../lib/s3/bucket.ts";
import { listObjects } from "../lib/s3/list_objects.ts";
import { deleteObject } from "../lib/s3/objects.ts";
import { guardStore } from "./guarded_store.ts";
import type { ByteSource, RawPutOptions, RawStore } from "./raw_store.ts";
import { rechunk } from "./rechunk.ts";
import { probeCreateOnly } from "./s3_prefix/create_only_probe.ts";
import { ObjectSource } from "./s3_prefix/object_source.ts";
import { hasCode, s3StoreError } from "./s3_prefix/s3_store_errors.ts";
import { type ObjectToWrite, writeInParts, writeWhole } from "./s3_prefix/write_object.ts";

/** Largest body that goes in one request; larger ones go in parts of this size. */
export const PART_BYTES = 8 * 1024 * 1024;

/** How a store in a bucket is opened. */
export interface S3StoreOptions extends BucketOptions {
  /** Objects in a page of a listing. Default: 1,000. */
  readonly pageSize?: number;
  /** Names for puts and probes. Default: random UUIDs. */
  readonly uniqueName?: () => string;
}

/**
 * Open the store in a bucket, below the prefix that `s3://NAME[/PREFIX]?region=...` names: the name
 * `a/b` is the key `PREFIX/a/b`. Nothing is sent before the first call.
 *
 * A body of up to 8 MiB is one PutObject; a larger one is a multipart upload, which is aborted when
 * it fails. (One that was killed leaves its parts unseen, for a lifecycle rule with
 * AbortIncompleteMultipartUpload to remove.) `createOnly` is for bodies of up to 8 MiB, and relies
 * on `If-None-Match: *`, which is tried on a key of its own before it is first used. An abort is
 * honoured until the request that makes the object visible is sent, and not after.
 *
 * @throws {InputError} when the URL or an option is unusable
 */
export function openS3Store(url: string, options: S3StoreOptions = {}): SnapshotStore {
  const { pageSize = 1000, uniqueName = () => crypto.randomUUID(), ...bucketOptions } = options;
  return guardStore(new S3Store(openBucket(url, bucketOptions), pageSize, uniqueName));
}

class S3Store implements RawStore {
  readonly url: string;
  readonly #bucket: Bucket;
  readonly #folder: string;
  readonly #pageSize: number;
  readonly #uniqueName: () => string;
  #probe: Promise<void> | undefined;

  constructor(bucket: Bucket, pageSize: number, uniqueName: () => string) {
    this.#bucket = bucket;
    this.url = bucket.url;
    this.#folder = /^$|\/$/.test(bucket.prefix) ? bucket.prefix : `${bucket.prefix}/`;
    this.#pageSize = pageSize;
    this.#uniqueName = uniqueName;
  }

  async put(
    name: string,
    chunks: AsyncIterable<Uint8Array>,
    { createOnly, signal }: RawPutOptions,
  ): Promise<void> {
    if (createOnly) await this.#probeOnce();
    const target = { bucket: this.#bucket, key: this.#key(name), putId: this.#uniqueName() };
    const parts = rechunk(chunks, PART_BYTES);
    try {
      if (await this.#write(target, parts, createOnly, signal)) return;
    } finally {
      await parts.return(undefined);
    }
    throw new StoreError("AlreadyExists", `${JSON.stringify(name)} is already in ${this.url}`);
  }

  /** False: the name is taken. */
  async #write(
    target: ObjectToWrite,
    parts: AsyncGenerator<Uint8Array>,
    createOnly: boolean,
    signal: AbortSignal,
  ): Promise<boolean> {
    const first = (await parts.next()).value ?? new Uint8Array();
    const second = first.length < PART_BYTES ? undefined : (await parts.next()).value;
    signal.throwIfAborted();
    if (!second) return await writeWhole(target, first, createOnly);
    if (createOnly) throw this.#tooLargeToCreate(target.key);
    await writeInParts(target, chain([first, second], parts), signal);
    return true;
  }

  #key(name: string): string {
    return this.#folder + name;
  }

  #tooLargeToCreate(key: string): StoreError {
    return new StoreError(
      "Unsupported",
      `cannot create ${
        JSON.stringify(key)
      } in bucket ${this.#bucket.name}: only a body of at most ` +
        `${PART_BYTES} bytes can be created in one request, which is what keeps two writers apart`,
    );
  }

  /** What a server cannot do, it cannot do later; what it did not answer is asked again. */
  #probeOnce(): Promise<void> {
    const key = this.#key(`.create-only-probe-${this.#uniqueName()}`);
    this.#probe ??= probeCreateOnly(this.#bucket, key).catch((error) => {
      if (!(error instanceof StoreError)) this.#probe = undefined;
      throw error;
    });
    return this.#probe;
  }

  async get(name: string, signal: AbortSignal): Promise<ByteSource> {
    try {
      return await ObjectSource.open(this.#bucket, this.#key(name), signal);
    } catch (cause) {
      if (!hasCode(cause, "NoSuchKey")) throw cause;
      const message = `there is no ${JSON.stringify(name)} in ${this.url}`;
      throw new StoreError("NotFound", message, { cause });
    }
  }

  async *list(prefix: string, signal: AbortSignal): AsyncGenerator<StoreItem> {
    const options = { prefix: this.#key(prefix), pageSize: this.#pageSize, signal };
    let last = "";
    for await (const page of listObjects(this.#bucket, options)) {
      for (const { key, size } of page) {
        const name = key.slice(this.#folder.length);
        if (!isStoreName(name)) continue;
        if (name <= last) throw this.#unordered(last, name);
        last = name;
        yield { name, size };
      }
    }
  }

  #unordered(last: string, name: string): StoreError {
    return new StoreError(
      "Unsupported",
      `${this.url} cannot hold a store: its server lists ${JSON.stringify(name)} after ` +
        `${JSON.stringify(last)}; choose a bucket that lists keys in order`,
    );
  }

  async delete(name: string, signal: AbortSignal): Promise<void> {
    await deleteObject(this.#bucket, this.#key(name), { signal });
  }

  toStoreError(error: unknown, what: string): StoreError {
    return s3StoreError(error, what);
  }

  async close(): Promise<void> {
    await this.#bucket[Symbol.asyncDispose]();
  }
}

async function* chain<T>(first: Iterable<T>, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* first;
  yield* rest;
}
