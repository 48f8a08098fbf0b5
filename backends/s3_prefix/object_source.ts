import type { Readable } from "node:stream";
import { StoreError } from "../../lib/model/errors.ts";
import type { Bucket } from "../../lib/s3/bucket.ts";
import { openObject } from "../../lib/s3/objects.ts";
import type { ByteSource } from "../raw_store.ts";
import { hasCode } from "./s3_store_errors.ts";

/** Connections lost in a row, without a byte in between, before a read fails. */
const MAX_FRUITLESS_TRIES = 3;

/** An object that is read to its end even when connections break: each goes on where one ended. */
export class ObjectSource implements ByteSource {
  readonly size: number;
  readonly #bucket: Bucket;
  readonly #key: string;
  readonly #etag: string;
  readonly #signal: AbortSignal;
  #body: Readable;
  #chunks: AsyncIterator<Uint8Array<ArrayBuffer>>;
  #offset = 0;
  #closed = false;

  private constructor(
    bucket: Bucket,
    key: string,
    opened: { readonly size: number; readonly etag: string; readonly body: Readable },
    signal: AbortSignal,
  ) {
    this.#bucket = bucket;
    this.#key = key;
    this.size = opened.size;
    this.#etag = opened.etag;
    this.#body = opened.body;
    this.#chunks = opened.body[Symbol.asyncIterator]();
    this.#signal = signal;
  }

  /** Begin to read. @throws {S3Error} `NoSuchKey`, or whatever else was refused */
  static async open(bucket: Bucket, key: string, signal: AbortSignal): Promise<ObjectSource> {
    return new ObjectSource(bucket, key, await openObject(bucket, key, { signal }), signal);
  }

  /** See {@linkcode ByteSource.read}. */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#offset === this.size) return;
    for (let tries = 1;; tries++) {
      const { chunk, error } = await this.#next();
      if (chunk) {
        this.#offset += chunk.length;
        return chunk;
      }
      if (this.#closed || tries === MAX_FRUITLESS_TRIES) throw this.#cutShort(error);
      await this.#resume();
    }
  }

  async #next(): Promise<{ chunk?: Uint8Array<ArrayBuffer>; error?: unknown }> {
    try {
      const { done, value } = await this.#chunks.next();
      // Node's own kind of array, whose slice() does not copy, is not for callers.
      return done ? {} : { chunk: new Uint8Array(value.buffer, value.byteOffset, value.length) };
    } catch (error) {
      return { error };
    }
  }

  async #resume(): Promise<void> {
    const opened = await openObject(this.#bucket, this.#key, {
      start: this.#offset,
      signal: this.#signal,
    }).catch((error) => {
      throw hasCode(error, "NoSuchKey", "InvalidRange") ? this.#changed() : error;
    });
    this.#body.destroy();
    this.#body = opened.body;
    this.#chunks = opened.body[Symbol.asyncIterator]();
    // Preconditions are ignored by some servers, so what came is looked at instead.
    if (opened.etag !== this.#etag || opened.size !== this.size) throw this.#changed();
    if (this.#closed) opened.body.destroy();
  }

  #changed(): StoreError {
    return new StoreError(
      "Unavailable",
      `${JSON.stringify(this.#key)} in bucket ${this.#bucket.name} was replaced or deleted while ` +
        `it was read; read it again`,
      { retryable: true },
    );
  }

  #cutShort(cause: unknown): StoreError {
    return new StoreError(
      "Unavailable",
      `reading ${JSON.stringify(this.#key)} in bucket ${this.#bucket.name} was cut short after ` +
        `${this.#offset} of ${this.size} bytes, and again when it went on from there; try again`,
      { cause, retryable: true },
    );
  }

  /** See {@linkcode ByteSource.close}. */
  close(): Promise<void> {
    this.#closed = true;
    this.#body.destroy();
    return Promise.resolve();
  }
}
