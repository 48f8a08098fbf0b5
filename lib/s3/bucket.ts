import { InputError, S3Error } from "../model/errors.ts";
import type { BucketIdentity } from "../model/manifest.ts";
import {
  assertBucketLocation,
  type BucketLocation,
  formatBucketUrl,
  parseBucketUrl,
} from "./bucket_url.ts";
import { type Client, connect, type Connection, type Credentials, type Sdk } from "./connect.ts";
import { pause } from "./pause.ts";
import { RequestGate } from "./request_gate.ts";
import { toS3Error } from "./s3_errors.ts";

/** How a bucket is talked to. */
export interface BucketOptions {
  /** Most requests in flight at once, over all operations on this handle. Default: 32. */
  readonly concurrency?: number;
  /** In place of the standard AWS chain. */
  readonly credentials?: Credentials;
  /** Tries of one request, the first included, before its error counts. Default: 6. */
  readonly maxAttempts?: number;
  /** Milliseconds that a connection may take to come about. Default: 10 seconds. */
  readonly connectTimeout?: number;
  /** Milliseconds that a server may keep silent within a request. Default: 5 minutes. */
  readonly idleTimeout?: number;
  /**
   * Milliseconds before what a busy server refused is tried again, once the SDK's own tries are
   * used up; doubles with each round. Default: 1 second.
   */
  readonly retryPause?: number;
}

/** What a request is about; the rest of an error's message is the bucket's own. */
export interface RequestContext {
  /** The S3 API's name of the operation: `ListObjectVersions`. */
  readonly operation: string;
  /** Where the operation concerns one object. */
  readonly key?: string;
  /** Abort: the request is given up and its promise rejects with the reason. */
  readonly signal?: AbortSignal;
  /**
   * Whether it is sent once only, and on a connection of its own, since its body cannot be sent
   * again. Default: false.
   */
  readonly once?: boolean;
}

/** Requests in flight when the caller does not say: fills 10 ms round trips, opens few sockets. */
export const DEFAULT_CONCURRENCY = 32;
/** More sockets than this exhaust a process's file descriptors. */
const MAX_CONCURRENCY = 1024;
/** With the SDK's backoff, rides out about fifteen seconds of throttling. */
const DEFAULT_MAX_ATTEMPTS = 6;
const DEFAULT_CONNECT_TIMEOUT = 10_000;
/** Servers fall silent while they copy 5 GB. */
const DEFAULT_IDLE_TIMEOUT = 300_000;
const DEFAULT_RETRY_PAUSE = 1_000;
/** Rounds of the SDK's tries that a request is given while the server asks for fewer requests. */
const MAX_THROTTLED_ROUNDS = 4;
/** What servers call it when they want fewer requests. */
const THROTTLING_CODES = [
  "BandwidthLimitExceeded",
  "RequestLimitExceeded",
  "ServiceUnavailable",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "TooManyRequests",
];

/**
 * A bucket and the connections to its server. Nothing is loaded or sent before the first request.
 * One handle serves any number of operations at once; dispose of it when they are done.
 */
export class Bucket implements AsyncDisposable {
  /** Where it is, as given. */
  readonly location: BucketLocation;
  /** Most requests in flight at once. */
  readonly concurrency: number;
  /** Milliseconds before the first round of further tries; see {@linkcode BucketOptions}. */
  readonly retryPause: number;
  readonly #options: Required<Omit<BucketOptions, "credentials">> & BucketOptions;
  readonly #gate: RequestGate;
  #connection: Promise<Connection> | undefined;
  #region: string | undefined;
  #disposed = false;

  /** Use {@linkcode openBucket}. @throws {InputError} when location or options are unusable */
  constructor(location: BucketLocation, options: BucketOptions = {}) {
    assertBucketLocation(location);
    this.location = location;
    this.#options = {
      concurrency: DEFAULT_CONCURRENCY,
      maxAttempts: DEFAULT_MAX_ATTEMPTS,
      connectTimeout: DEFAULT_CONNECT_TIMEOUT,
      idleTimeout: DEFAULT_IDLE_TIMEOUT,
      retryPause: DEFAULT_RETRY_PAUSE,
      ...options,
    };
    assertWhole("concurrency", this.#options.concurrency, MAX_CONCURRENCY);
    assertWhole("maxAttempts", this.#options.maxAttempts);
    assertWhole("connectTimeout", this.#options.connectTimeout);
    assertWhole("idleTimeout", this.#options.idleTimeout);
    assertWhole("retryPause", this.#options.retryPause);
    this.concurrency = this.#options.concurrency;
    this.retryPause = this.#options.retryPause;
    this.#gate = new RequestGate(this.concurrency);
    this.#region = location.region;
  }

  /** The bucket's name alone. */
  get name(): string {
    return this.location.bucket;
  }

  /** Every operation is limited to the keys that begin with it; empty for the whole bucket. */
  get prefix(): string {
    return this.location.prefix;
  }

  /** For messages. */
  get url(): string {
    return formatBucketUrl(this.location);
  }

  /**
   * What a snapshot writes down. The region is the one in the URL or, once a request was made, the
   * one found in the AWS configuration or told by the server.
   */
  identity(): BucketIdentity {
    const { bucket, prefix, endpoint } = this.location;
    return {
      name: bucket,
      ...(prefix !== "" && { prefix }),
      ...(this.#region !== undefined && { region: this.#region }),
      ...(endpoint !== undefined && { endpoint }),
    };
  }

  /**
   * The region that requests are signed for: the URL's, the AWS configuration's, or the one that
   * the bucket's server told.
   *
   * @throws {S3Error} when it has to be asked for, and cannot be
   */
  async region(): Promise<string> {
    return this.#region ?? await this.request(
      { operation: "HeadBucket" },
      (client) => client.config.region(),
    );
  }

  /**
   * Make one request with the SDK, for the modules of lib/s3/. While the server asks for fewer
   * requests, even after the SDK's own tries, fewer are sent and this one waits for its turn.
   *
   * @internal
   * @param context What errors name.
   * @param send Sends a new command of `sdk` through `client`, with `http` as its second argument;
   * it may be called again.
   * @throws {S3Error} whatever the SDK or the network threw; an abort rejects with its reason
   */
  async request<T>(
    context: RequestContext,
    send: (client: Client, sdk: Sdk, http: { readonly abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    for (let round = 0;; round++) {
      try {
        return await this.#gate.run(() => this.#send(context, send), context.signal);
      } catch (error) {
        const isLast = round === MAX_THROTTLED_ROUNDS || this.#options.maxAttempts === 1 ||
          context.once;
        if (isLast || !isThrottling(error)) throw error;
      }
      await pause(this.retryPause * 2 ** round, context.signal);
    }
  }

  async #send<T>(
    { operation, key, signal, once = false }: RequestContext,
    send: (client: Client, sdk: Sdk, http: { readonly abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    try {
      const connection = await this.#connect();
      const client = once ? connection.fresh() : connection.client;
      return await send(
        client,
        connection.sdk,
        signal === undefined ? {} : { abortSignal: signal },
      );
    } catch (error) {
      signal?.throwIfAborted();
      const { bucket, endpoint } = this.location;
      throw toS3Error(error, {
        operation,
        bucket,
        ...(key !== undefined && { key }),
        ...(endpoint !== undefined && { endpoint }),
      });
    }
  }

  /** Closes the connections; requests in flight fail. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const connection = this.#connection;
    this.#connection = undefined;
    // A connection that never came about has already failed its requests.
    await connection?.then((connected) => connected.destroy(), () => {});
  }

  async #connect(): Promise<Connection> {
    if (this.#disposed) {
      throw new S3Error("Closed", `bucket ${this.name} was disposed of before this request`);
    }
    const connecting = this.#connection ??= connect(this.location, {
      ...this.#options,
      onAnswer: (status) =>
        isThrottlingStatus(status) ? this.#gate.noteThrottling() : this.#gate.noteAnswer(),
    });
    try {
      const connection = await connecting;
      this.#region = connection.region;
      return connection;
    } catch (error) {
      // The next request tries again: the network may be back by then.
      if (this.#connection === connecting) this.#connection = undefined;
      throw error;
    }
  }
}

/**
 * A handle on a bucket. Does no I/O.
 *
 * @param url As in `s3://NAME[/PREFIX]?region=...`, or its parts.
 * @throws {InputError} when the URL or an option is unusable
 *
 * @example
 * ```ts
 * import { openBucket } from "./bucket.ts";
 *
 * await using bucket = openBucket("s3://photos?region=eu-west-1", { concurrency: 64 });
 * ```
 */
export function openBucket(url: string | BucketLocation, options: BucketOptions = {}): Bucket {
  return new Bucket(typeof url === "string" ? parseBucketUrl(url) : url, options);
}

function isThrottlingStatus(status: number): boolean {
  return status === 503 || status === 429;
}

/**
 * Whether a server asks for fewer requests. By code: the SDK gives status 503 to errors in an answer of
 * status 200, too.
 */
export function isThrottling(error: unknown): boolean {
  return error instanceof S3Error &&
    (THROTTLING_CODES.includes(error.code) || error.status === 429);
}

function assertWhole(name: string, value: number, max = 2 ** 31 - 1): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw new InputError(`${name} is ${value}: use a whole number from 1 to ${max}`);
}
