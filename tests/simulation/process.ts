import type { ObjectVersion } from "../../lib/model/entry.ts";
import { S3Error, StoreError } from "../../lib/model/errors.ts";
import type { Manifest } from "../../lib/model/manifest.ts";
import type { SnapshotStore } from "../../lib/model/store.ts";
import { Bucket, type RequestContext } from "../../lib/s3/bucket.ts";
import { parseBucketUrl } from "../../lib/s3/bucket_url.ts";
import type { Client, Sdk } from "../../lib/s3/connect.ts";
import { hookStore } from "../hooked_store.ts";
import type { Owner } from "./machine.ts";
import { modelClient, modelSdk } from "./model_client.ts";
import type { Deletion, ModelBucket } from "./model_bucket.ts";
import type { Answer } from "./model_server.ts";

/** A call that a process makes of what is outside it. */
export interface Call {
  /** Of a store `put`, `get`, `list` or `delete`; else an operation of S3. */
  readonly operation: string;
  /** A store's name, or nothing. */
  readonly name: string;
}

/** What befalls a process. */
export interface Fate {
  /** At which call it happens, from 1; Infinity for never. */
  readonly at: number;
  /** Only calls of this operation are counted. Default: all are. */
  readonly of?: string;
  /**
   * It dies before the call took effect, or after; the call fails without effect, or with; or the
   * process stands still before the call.
   */
  readonly kind: "dies before" | "dies after" | "fails before" | "fails after" | "stops";
}

/** Nothing befalls it. */
export const UNHARMED: Fate = { at: Infinity, kind: "stops" };

/** What a killed process would throw, if anything of it went on. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** What a program promises about the changes that it makes; each throws when it is broken. */
export interface Rules {
  /** Before a version is deleted for good. */
  readonly onDelete?: (bucket: ModelBucket, deletion: Deletion) => void;
  /** Before a key is written, or asked to be; delete markers included. */
  readonly onWrite?: (bucket: ModelBucket, key: string) => void;
  /** Once a point was marked as expired. */
  readonly onMark?: (id: string) => void;
  /** Once a snapshot was stored. */
  readonly onSnapshot?: (manifest: Manifest) => void;
}

/** What a process is surrounded by. */
export interface Surroundings {
  readonly store: SnapshotStore;
  /** What the S3 server does. */
  answer(process: Process, operation: string, input: Readonly<Record<string, unknown>>): Answer;
  /** Called before each call, for what others do in the meantime. */
  meanwhile(process: Process, call: Call): void;
  /** Called after each call of the store. */
  afterStoreCall(process: Process, call: Call): Promise<void>;
}

/** One run of a program that shares store and buckets with others, and may be killed or stopped. */
export class Process implements Owner {
  /** What it does: `gc`. */
  readonly name: string;
  readonly store: SnapshotStore;
  /** Resolves when it has stopped. */
  stopped: Promise<void>;
  calls = 0;
  /** Milliseconds that its timers did not count. */
  suspended = 0;
  /** Whether it was killed. */
  isDead = false;
  /** Whether one of its calls failed. */
  hasFailed = false;
  /** What may be said against a thing that it is about to change; set by what it runs. */
  rules: Rules = {};
  /** Changes of each bucket, by name, when it began. */
  readonly since: ReadonlyMap<string, number>;
  /** Whether it may stop before a call. Default: where it can notice what happened meanwhile. */
  mayStop: (call: Call) => boolean = (call) => !isFenced(call);
  /** The call before which it stopped last. */
  lastStop: Call | undefined;
  /** Points that it marked, and requests that it made to change a bucket. */
  changes = 0;
  /** What the server's clock showed it. */
  readonly dates: number[] = [];
  readonly #around: Surroundings;
  #fate: Fate;
  #stop = Promise.withResolvers<void>();
  #resume = Promise.withResolvers<void>();
  #isStopped = false;
  /** Calls that the fate counts. */
  #counted = 0;
  readonly #seen = new Map<string, Set<string>>();

  constructor(
    name: string,
    around: Surroundings,
    fate: Fate,
    since: ReadonlyMap<string, number> = new Map(),
  ) {
    this.name = name;
    this.since = since;
    this.#around = around;
    this.#fate = fate;
    this.stopped = this.#stop.promise;
    this.store = hookStore(around.store, {
      before: (call) => this.#before(call),
      after: async (call) => {
        await around.afterStoreCall(this, call);
        this.#after(call);
      },
    });
  }

  /** Take note of what a listing showed it to be current. */
  see(bucket: string, { key, etag }: ObjectVersion): void {
    const name = `${bucket}/${key}`;
    const seen = this.#seen.get(name) ?? new Set();
    this.#seen.set(name, seen.add(etag));
  }

  /** Whether a listing showed it that a key has, or had, an object with that ETag. */
  hasSeen(bucket: string, key: string, etag: string): boolean {
    return this.#seen.get(`${bucket}/${key}`)?.has(etag) ?? false;
  }

  /** Whether it neither died nor stands still. */
  get isRunning(): boolean {
    return !this.isDead && !this.#isStopped;
  }

  /** A bucket as this process talks to it. */
  bucket(url: string, concurrency: number): Bucket {
    const answer = (operation: string, input: Readonly<Record<string, unknown>>) =>
      this.#around.answer(this, operation, input);
    return new ModelledBucket(url, concurrency, modelClient(answer), {
      before: (call) => this.#before(call),
      after: (call) => this.#after(call),
    });
  }

  /** Go on after {@linkcode stopped}, with a new fate. */
  resume(fate: Fate): void {
    this.#fate = fate;
    this.#counted = 0;
    this.#isStopped = false;
    this.#stop = Promise.withResolvers();
    this.stopped = this.#stop.promise;
    this.#resume.resolve();
    this.#resume = Promise.withResolvers();
  }

  async #before(call: Call): Promise<void> {
    if (this.isDead) throw new Killed();
    this.#around.meanwhile(this, call);
    this.calls++;
    if (call.operation === (this.#fate.of ?? call.operation)) this.#counted++;
    const { kind } = this.#fate;
    if (this.#isDue(call)) {
      if (kind === "dies before") this.#die();
      if (kind === "fails before") this.#fail(call);
      if (kind === "stops" && this.mayStop(call) && !this.#isStopped) {
        this.#isStopped = true;
        this.lastStop = call;
        this.#stop.resolve();
      }
    }
    while (this.#isStopped) await this.#resume.promise;
    if (this.isDead) throw new Killed();
  }

  #after(call: Call): void {
    const { kind } = this.#fate;
    if (!this.#isDue(call)) return;
    if (kind === "dies after") this.#die();
    if (kind === "fails after") this.#fail(call);
  }

  /** What was to happen before a call that cannot be stopped at happens before the next one. */
  #isDue({ operation }: Call): boolean {
    const { at, kind, of = operation } = this.#fate;
    return this.#counted >= at && (operation === of || kind === "stops");
  }

  #die(): never {
    this.isDead = true;
    throw new Killed();
  }

  #fail({ operation, name }: Call): never {
    this.#fate = UNHARMED;
    this.hasFailed = true;
    const message = `${operation} ${name} failed`;
    if (STORE_OPERATIONS.includes(operation)) throw new StoreError("Unavailable", message);
    throw new S3Error("OutOfOrder", message, { status: 500 });
  }
}

const STORE_OPERATIONS = ["put", "get", "list", "delete"];

/** A bucket whose requests are answered in this process. */
class ModelledBucket extends Bucket {
  readonly #client: Client;
  readonly #hooks: { before(call: Call): Promise<void>; after(call: Call): void };

  constructor(
    url: string,
    concurrency: number,
    client: Client,
    hooks: { before(call: Call): Promise<void>; after(call: Call): void },
  ) {
    super(parseBucketUrl(url), { concurrency });
    this.#client = client;
    this.#hooks = hooks;
  }

  override async request<T>(
    { operation, signal }: RequestContext,
    send: (client: Client, sdk: Sdk, http: { readonly abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const call = { operation, name: "" };
    await this.#hooks.before(call);
    const answer = await send(this.#client, modelSdk, {});
    this.#hooks.after(call);
    return answer;
  }
}

/**
 * Whether a stop right before the call is one that nothing can notice: between the check of the
 * lock and the request that it is for, see lib/lock.ts.
 */
function isFenced({ operation, name }: Call): boolean {
  return operation === "DeleteObjects" ||
    operation === "put" && /\/(?:expired|pinned|manifest\.json)$/.test(name);
}
