/** A source, its replica and a store, and somebody who may do only what a policy allows. */
import { openMemoryStore } from "../../backends/memory.ts";
import { openS3Store } from "../../backends/s3_prefix.ts";
import type { SnapshotStore } from "../../lib/model/store.ts";
import type { Bucket } from "../../lib/s3/bucket.ts";
import { putReplication, replicationConfiguration } from "../../lib/s3/replication.ts";
import { snapshot } from "../../lib/snapshot.ts";
import { openEmulated } from "../emulated_bucket.ts";
import { type Emulator, type SeedObject, startEmulator } from "../emulator/emulator.ts";
import type { Policy, PolicyStatement } from "../emulator/policy.ts";
import type { Refusal } from "../emulator/state.ts";

/** The role that replicates. */
export const ROLE = "arn:aws:iam::111122223333:role/replication";
/** Moments of the past end without waiting. */
export const delay = (): Promise<void> => Promise.resolve();

/** Buckets as one caller sees them. */
export interface Handles {
  /** The bucket that applications write to. */
  readonly source: Bucket;
  /** The bucket that holds the versions: the same where there is no replica. */
  readonly holder: Bucket;
}

/** What an administrator has. */
const EVERYTHING: Policy = { Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };

/** The surroundings of runs, one after the other: to begin anew is faster than to start anew. */
export class PermissionWorld implements AsyncDisposable {
  readonly emulator: Emulator;
  /** In memory, where no policy is asked, unless another is put in its place. */
  store: SnapshotStore = openMemoryStore();
  /** Whoever makes the world. */
  readonly owner: Handles;
  /** Whoever runs the command. */
  readonly limited: Handles;
  /** What the limited caller may do, as the server knows it. */
  readonly #allowed: PolicyStatement[];
  readonly #stack = new AsyncDisposableStack();
  #refusals = 0;

  private constructor(emulator: Emulator, allowed: PolicyStatement[], replicated: boolean) {
    this.emulator = this.#stack.use(emulator);
    this.#allowed = allowed;
    this.owner = this.#open("owner", replicated);
    this.limited = this.#open("limited", replicated);
    this.begin();
  }

  /**
   * Start a server with nothing in its buckets.
   *
   * @param replicated Whether the versions are in a bucket of their own.
   * @param role What the role may do that replicates. Default: everything.
   */
  static async create(replicated = true, role: Policy = EVERYTHING): Promise<PermissionWorld> {
    const secretAccessKey = "secret";
    const allowed: PolicyStatement[] = [];
    const emulator = await startEmulator({
      credentials: {
        owner: { secretAccessKey },
        limited: { secretAccessKey, policy: { Statement: allowed } },
      },
      roles: { [ROLE]: role },
      // So that objects in parts are small.
      minimumPartSize: 1,
      thawTime: 60_000,
    });
    return new PermissionWorld(emulator, allowed, replicated);
  }

  /** Forget what was, and let the limited caller do only this. Default: everything. */
  begin({ Statement }: Policy = EVERYTHING): void {
    for (const name of ["source", "replica"]) {
      this.emulator.createBucket(name, { versioning: "Enabled", ownership: "ObjectWriter" });
    }
    this.emulator.createBucket("points");
    this.emulator.faults.clear();
    this.emulator.requests.clear();
    this.store = openMemoryStore();
    this.#allowed.splice(0, Infinity, ...Statement);
    this.#refusals = this.emulator.refusals.length;
  }

  /** What was not allowed since then. */
  get refusals(): readonly Refusal[] {
    return this.emulator.refusals.slice(this.#refusals);
  }

  #open(who: string, replicated: boolean): Handles {
    const as = { ...this.emulator, accessKeyId: who, secretAccessKey: "secret" };
    const open = (name: string) =>
      this.#stack.use(openEmulated(as, name, { maxAttempts: 1, concurrency: 4 }));
    const source = open("source");
    return { source, holder: replicated ? open("replica") : source };
  }

  /** The store that is an S3 prefix, for one of the callers. */
  openStore(who: "owner" | "limited"): SnapshotStore {
    const { url, region } = this.emulator;
    const store = openS3Store(`s3://points/here?region=${region}&endpoint=${url}`, {
      credentials: { accessKeyId: who, secretAccessKey: "secret" },
      maxAttempts: 1,
    });
    return this.#stack.use(store);
  }

  /** Name of the bucket that holds the versions. */
  get holder(): string {
    return this.owner.holder.name;
  }

  /** Write to a bucket, past all permissions. @returns The last version's id */
  seed(bucket: string, ...objects: readonly SeedObject[]): string {
    return this.emulator.seed(bucket, objects).at(-1)!;
  }

  /** Lose a version, as lifecycle rules do. */
  lose(bucket: string, key: string, versionId: string): void {
    this.emulator.buckets.get(bucket)!.deleteVersion(key, versionId);
  }

  /** Have the source hold the holder's current version of a key, as replication does. */
  mirror(key: string): void {
    const { buckets } = this.emulator;
    buckets.get("source")!.addReplica(buckets.get(this.holder)!.current(key)!);
  }

  /** A point of a bucket, by its owner. @returns Its id */
  async point(bucket?: Bucket, safetyFor?: string): Promise<string> {
    const { id } = await snapshot({
      bucket: bucket ?? this.owner.holder,
      store: this.store,
      delay,
      ...(safetyFor && { safetyFor }),
    });
    return id;
  }

  /** Have S3 replicate the source to the holder from now on. */
  async replicate(): Promise<void> {
    const { source, holder } = this.owner;
    const to = holder.location;
    await putReplication(source, replicationConfiguration({ role: ROLE, to, prefix: "" }));
  }

  /** What a bucket shows, and what is left in it of uploads. */
  contents(bucket: string): unknown {
    const { keys, uploads } = this.emulator.buckets.get(bucket)!;
    const objects = [...keys.keysFrom("")].flatMap(({ versions: [current] }) => {
      if (current?.kind !== "object") return [];
      const { key, etag, tags, grants } = current;
      return [{ key, etag, tags, grants: grants?.length }];
    });
    return { objects, uploads: uploads.size };
  }

  /** Closes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
