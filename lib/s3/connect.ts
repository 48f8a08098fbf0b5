import type { S3Client, S3ClientConfig } from "npm:@aws-sdk/client-s3@3.1169.0";
import { VERSION } from "../model/version.ts";
import type { BucketLocation } from "./bucket_url.ts";

/** The SDK, as loaded on first use: importing it takes over 100 ms. */
export type Sdk = typeof import("npm:@aws-sdk/client-s3@3.1169.0");

/** The SDK's client, which holds the sockets. */
export type Client = S3Client;

/** Keys given outright, as the 2015 configuration does. */
export interface Credentials {
  /** Names the key; not secret. */
  readonly accessKeyId: string;
  /** Signs requests. Never logged or stored. */
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

/** Everything about the client that a caller may choose; see `BucketOptions`. */
export interface ConnectOptions {
  readonly concurrency: number;
  readonly maxAttempts: number;
  readonly connectTimeout: number;
  readonly idleTimeout: number;
  readonly credentials?: Credentials;
  /** Told of the HTTP status of every answer, those to tries that are repeated included. */
  readonly onAnswer: (status: number) => void;
}

/** A client for one bucket. */
export interface Connection {
  readonly client: Client;
  readonly sdk: Sdk;
  readonly region: string;
  /**
   * A client that opens a connection for each request: for bodies that can be sent only once. When
   * a server closes a kept connection under a request, Deno repeats the request but not such a
   * body, and both sides wait for the other.
   */
  fresh(): Client;
  /** Closes all connections. */
  destroy(): void;
}

/** Signs requests where no region is known: any S3-compatible server and every AWS bucket answer it. */
const FALLBACK_REGION = "us-east-1";
/** In place of the SDK's own, for which it asks the operating system for its release. */
const USER_AGENT: [name: string, version: string][] = [["backup-my-bucket", VERSION]];
const SILENT = { debug() {}, info() {}, warn() {}, error() {}, trace() {} };

/**
 * Load the SDK and make a client. The region is the URL's; else the one that the SDK finds in the
 * environment or the profile; else, on AWS, the one in which the bucket says it is.
 */
export async function connect(
  location: BucketLocation,
  options: ConnectOptions,
): Promise<Connection> {
  const sdk = await import("npm:@aws-sdk/client-s3@3.1169.0");
  const config = clientConfig(location, options);
  const client = new sdk.S3Client(config);
  try {
    const region = await configuredRegion(client);
    if (region !== undefined) return connection(sdk, client, config, region, options);
  } catch (error) {
    client.destroy();
    throw error;
  }
  client.destroy();
  const region = location.endpoint === undefined
    ? await discoverRegion(sdk, config, location.bucket)
    : FALLBACK_REGION;
  return connection(sdk, new sdk.S3Client({ ...config, region }), config, region, options);
}

function connection(
  sdk: Sdk,
  client: Client,
  config: S3ClientConfig,
  region: string,
  options: ConnectOptions,
): Connection {
  let fresh: Client | undefined;
  return {
    client: observed(client, options),
    sdk,
    region,
    fresh() {
      const { credentials } = client.config;
      const requestHandler = handlerConfig(options, { keepAlive: false });
      fresh ??= observed(
        new sdk.S3Client({ ...config, region, credentials, requestHandler }),
        options,
      );
      return fresh;
    },
    destroy() {
      client.destroy();
      fresh?.destroy();
    },
  };
}

function observed(client: Client, { onAnswer }: ConnectOptions): Client {
  // It makes a copy of every input and output, without secrets, and then has nobody to tell.
  client.middlewareStack.remove("loggerMiddleware");
  client.middlewareStack.add((next) => async (args) => {
    const result = await next(args);
    onAnswer((result.response as { statusCode: number }).statusCode);
    return result;
  }, { step: "deserialize", priority: "low", name: "observeAnswers" });
  return client;
}

/**
 * Retries are the SDK's `standard` mode. Its `adaptive` mode limits the whole client to a rate that
 * starts at half a request a second after the first `SlowDown`, by wall-clock arithmetic that does
 * not know how many requests a bucket's other prefixes take; lowering the number of requests in
 * flight reacts to the same signal without stopping. Either mode honours Retry-After.
 */
function clientConfig(location: BucketLocation, options: ConnectOptions): S3ClientConfig {
  const { region, endpoint, profile, pathStyle } = location;
  return {
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(profile !== undefined && { profile }),
    ...(options.credentials !== undefined && { credentials: options.credentials }),
    forcePathStyle: pathStyle,
    retryMode: "standard",
    maxAttempts: options.maxAttempts,
    defaultUserAgentProvider: () => Promise.resolve(USER_AGENT),
    // Many S3-compatible servers reject the checksums that the SDK adds and expects by default.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // The SDK opens a connection of its own for each request that waits for "100 Continue".
    expectContinueHeader: false,
    // Its warnings would go to the console; what matters comes as an error.
    logger: SILENT,
    requestHandler: handlerConfig(options, { keepAlive: true }),
  };
}

function handlerConfig(
  { concurrency, connectTimeout, idleTimeout }: ConnectOptions,
  { keepAlive }: { readonly keepAlive: boolean },
) {
  const agent = { keepAlive, maxSockets: concurrency };
  return {
    connectionTimeout: connectTimeout,
    socketTimeout: idleTimeout,
    httpAgent: agent,
    httpsAgent: agent,
    logger: SILENT,
  };
}

async function configuredRegion(client: Client): Promise<string | undefined> {
  try {
    return await client.config.region();
  } catch (error) {
    if (error instanceof Error && error.message === "Region is missing") return undefined;
    throw error;
  }
}

/** AWS names a bucket's region in every answer about it, refusals included. */
async function discoverRegion(sdk: Sdk, config: S3ClientConfig, bucket: string): Promise<string> {
  const client = new sdk.S3Client({ ...config, region: FALLBACK_REGION });
  try {
    const { BucketRegion } = await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }));
    return BucketRegion ?? FALLBACK_REGION;
  } catch (error) {
    const region = regionHeader(error);
    if (region === undefined) throw error;
    return region;
  } finally {
    client.destroy();
  }
}

function regionHeader(error: unknown): string | undefined {
  const answer = (error as { $response?: { headers?: Record<string, string> } }).$response;
  return answer?.headers?.["x-amz-bucket-region"];
}
