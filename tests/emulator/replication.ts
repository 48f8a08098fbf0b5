/** Replication between buckets: asynchronous, and true to version ids and times. */
import type { Bucket } from "./bucket.ts";
import { arnOf } from "./credentials.ts";
import type { ObjectVersion } from "./object_version.ts";
import type { ReplicationRule } from "./replication_configuration.ts";

/** What a replicator needs to know. */
export interface ReplicatorOptions {
  /** Where a bucket is found. */
  readonly findBucket: (name: string) => Bucket | undefined;
  /** Milliseconds between a write and its replication. */
  readonly lag: number;
  /** Whether a role allows something. */
  readonly mayRole: (role: string, action: string, resource: string) => boolean;
}

interface Task {
  readonly source: Bucket;
  readonly key: string;
  readonly versionId: string;
  /** The role that does it. */
  readonly role: string;
  /** One for each destination. */
  readonly rules: readonly ReplicationRule[];
}

/** Carries versions to where the buckets' rules say. */
export class Replicator {
  readonly #options: ReplicatorOptions;
  readonly #queue: Task[] = [];
  #paused = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiters: (() => void)[] = [];

  /** A replicator with nothing to do. */
  constructor(options: ReplicatorOptions) {
    this.#options = options;
  }

  /** Versions that wait. */
  get pending(): number {
    return this.#queue.length;
  }

  /**
   * Takes note of a new version. A version that is a replica itself goes no further, and the
   * removal of a version is never replicated, so nothing is to be told then.
   */
  enqueue(source: Bucket, version: ObjectVersion): void {
    const { replication } = source;
    if (source.versioning !== "Enabled" || !replication) return;
    const rules = rulesFor(replication.rules, version);
    if (rules.length === 0) return;
    if (version.kind === "object") source.replace({ ...version, replicationStatus: "PENDING" });
    const { key, versionId } = version;
    this.#queue.push({ source, key, versionId, role: replication.role, rules });
    this.#schedule();
  }

  /** Stops carrying; what is written waits. */
  pause(): void {
    this.#paused = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Carries on. */
  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  /** Resolves when nothing waits; a paused replicator with something waiting never gets there. */
  idle(): Promise<void> {
    if (this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Forgets what waits, for the end of the server. */
  stop(): void {
    this.pause();
    this.#queue.length = 0;
    this.#wake();
  }

  #schedule(): void {
    if (this.#paused || this.#timer !== undefined || this.#queue.length === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      for (const task of this.#queue.splice(0)) this.#carry(task);
      this.#wake();
    }, this.#options.lag);
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  #carry(task: Task): void {
    const { source, key, versionId, rules } = task;
    // A version that was removed meanwhile has nothing left to carry.
    const version = source.version(key, versionId);
    if (!version) return;
    const copied = rules.map((rule) => this.#copy(version, rule, task));
    if (version.kind === "object") {
      const replicationStatus = copied.includes(false) ? "FAILED" : "COMPLETED";
      source.replace({ ...version, replicationStatus });
    }
  }

  /** False when the destination takes no replicas, or the role may not make them. */
  #copy(version: ObjectVersion, rule: ReplicationRule, task: Task): boolean {
    const destination = this.#options.findBucket(rule.destination);
    if (destination?.versioning !== "Enabled") return false;
    if (!this.#mayRead(version, task) || !this.#mayWrite(version, rule, task)) return false;
    const replica = { ...version, replicationStatus: "REPLICA" } as const;
    if (replica.kind === "marker") destination.addReplica(replica);
    else {
      const { storageClass = replica.storageClass } = rule;
      // Without the permissions for tags, a replica has none.
      const tags = this.#mayTag(rule, task) ? replica.tags : [];
      destination.addReplica({ ...replica, storageClass, tags });
    }
    return true;
  }

  /** Delete markers are found by a listing. */
  #mayRead({ kind }: ObjectVersion, { source: { name }, key, role }: Task): boolean {
    const { mayRole } = this.#options;
    if (!mayRole(role, "s3:GetReplicationConfiguration", arnOf(name))) return false;
    if (kind === "marker") return mayRole(role, "s3:ListBucket", arnOf(name));
    return ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl"]
      .every((action) => mayRole(role, action, arnOf(name, key)));
  }

  #mayWrite({ kind }: ObjectVersion, { destination }: ReplicationRule, task: Task): boolean {
    const action = kind === "marker" ? "s3:ReplicateDelete" : "s3:ReplicateObject";
    return this.#options.mayRole(task.role, action, arnOf(destination, task.key));
  }

  #mayTag({ destination }: ReplicationRule, { source, key, role }: Task): boolean {
    const { mayRole } = this.#options;
    return mayRole(role, "s3:GetObjectVersionTagging", arnOf(source.name, key)) &&
      mayRole(role, "s3:ReplicateTags", arnOf(destination, key));
  }
}

/** For each destination the rule of the highest priority that matches. */
function rulesFor(rules: readonly ReplicationRule[], version: ObjectVersion): ReplicationRule[] {
  const matching = rules.filter((rule) => matches(rule, version));
  return matching.filter((rule, index) =>
    matching.findIndex(({ destination }) => destination === rule.destination) === index
  );
}

function matches(rule: ReplicationRule, version: ObjectVersion): boolean {
  if (!rule.enabled || !version.key.startsWith(rule.prefix)) return false;
  if (version.kind === "marker") return rule.deleteMarkers && rule.tags.length === 0;
  return rule.tags.every(([name, value]) =>
    version.tags.some(([ownName, ownValue]) => ownName === name && ownValue === value)
  );
}
