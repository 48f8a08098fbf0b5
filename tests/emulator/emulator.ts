/**
 * An S3 server inside the process, in memory: for demonstrations, tests and benchmarks.
 *
 * It answers as AWS documents and, where the documentation is silent, as AWS was seen to. What it
 * does not know is refused with 501 NotImplemented, never passed over: bucket
 * policies, encryption with a key of the client's, the first version of ListObjects. Of
 * AWS's doings it leaves out the checksum that AWS adds to objects sent without one, the expiry of
 * objects by lifecycle rules (which are kept, and not followed), and addressing by host name.
 */
import type { ObjectOwnership } from "./access_control.ts";
import { Bucket, type VersioningStatus } from "./bucket.ts";
import type { Faults } from "./faults.ts";
import { type HttpServer, listen } from "./http_server.ts";
import type { PageSource } from "./page_source.ts";
import type { Replicator } from "./replication.ts";
import type { RequestLog } from "./request_log.ts";
import { type SeedObject, seedObject } from "./seeding.ts";
import { Service } from "./service.ts";
import { type EmulatorOptions, resolveOptions } from "./settings.ts";
import { type Refusal, State } from "./state.ts";
import { SyntheticSource } from "./synthetic_source.ts";
import type { SyntheticSpec } from "./synthetic_versions.ts";

export type { EmulatorOptions } from "./settings.ts";
export type { SeedObject } from "./seeding.ts";
export type { SyntheticSpec } from "./synthetic_versions.ts";

/** A running server. Disposing of it ends every connection and forgets every object. */
export interface Emulator extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`; clients use it in path style. */
  readonly url: string;
  /** The first of the credentials. */
  readonly accessKeyId: string;
  /** The first of the credentials. */
  readonly secretAccessKey: string;
  /** Where buckets live unless they say otherwise. */
  readonly region: string;
  /** What was asked of the server. */
  readonly requests: RequestLog;
  /** What callers were not allowed. */
  readonly refusals: readonly Refusal[];
  /** What goes wrong. */
  readonly faults: Faults;
  /** Carries versions between buckets. */
  readonly replication: Replicator;
  /** The buckets themselves, by name, to look into. */
  readonly buckets: ReadonlyMap<string, Bucket>;
  /** Creates a bucket without a request; one of that name is replaced. */
  createBucket(name: string, options?: BucketOptions): Bucket;
  /** Creates a bucket of generated keys, versioned; one of that name is replaced. */
  createSyntheticBucket(name: string, spec: SyntheticSpec): Bucket;
  /** Writes objects without requests; returns their version ids, in order. */
  seed(bucket: string, objects: Iterable<SeedObject>): (string | undefined)[];
}

/** What a bucket created without a request is like. */
export interface BucketOptions {
  /** Default: never set. */
  readonly versioning?: VersioningStatus;
  /** Default: the emulator's. */
  readonly region?: string;
  /** Default false; true enables versioning too. */
  readonly objectLock?: boolean;
  /** Default BucketOwnerEnforced, as on AWS: objects have no access control lists. */
  readonly ownership?: ObjectOwnership;
}

function addBucket(
  state: State,
  name: string,
  options: BucketOptions,
  source?: PageSource,
): Bucket {
  const { versioning, ...others } = options;
  const settings = { region: state.settings.region, createdAt: state.now(), ...others };
  const bucket = new Bucket(name, { ...settings, source });
  if (versioning) bucket.versioning = versioning;
  state.buckets.set(name, bucket);
  return bucket;
}

/**
 * Starts a server on 127.0.0.1.
 *
 * @example
 * ```ts ignore
 * await using s3 = await startEmulator({ seed: 7 });
 * s3.faults.add({ kind: "slowdown", operation: "CopyObject", times: 3 });
 * ```
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const settings = resolveOptions(options);
  const [first] = settings.credentials;
  if (!first) throw new TypeError("an emulator needs at least one credential");
  const [accessKeyId, { secretAccessKey }] = first;
  const state = new State(settings);
  const service = new Service(state);
  const server: HttpServer = await listen(settings.port, (raw) => service.answer(raw));
  return {
    url: `http://127.0.0.1:${server.port}`,
    accessKeyId,
    secretAccessKey,
    region: settings.region,
    requests: service.requests,
    refusals: state.refusals,
    faults: service.faults,
    replication: state.replicator,
    buckets: state.buckets,
    createBucket: (name, bucketOptions = {}) => addBucket(state, name, bucketOptions),
    createSyntheticBucket: (name, spec) =>
      addBucket(state, name, { versioning: "Enabled" }, new SyntheticSource(spec)),
    seed: (name, objects) => {
      const bucket = state.bucket(name);
      return Array.from(objects, (object) => seedObject(state, bucket, object));
    },
    async [Symbol.asyncDispose](): Promise<void> {
      state.replicator.stop();
      await server.close();
    },
  };
}
