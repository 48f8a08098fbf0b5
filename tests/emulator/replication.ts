/** Replication between buckets: asynchronous, and true to version ids and times. */
import type { Bucket } from "./bucket.ts";
import type { ObjectVersion } from "./object_version.ts";
import type { ReplicationRule } from "./replication_configuration.ts";

/** What a replicator needs to know. */
export interface ReplicatorOptions {
  /** Where a bucket is found. */
  readonly findBucket: (name: string) => Bucket | undefined;
  /** Milliseconds between a write and its replication. */
  readonly lag: number;
}

interface Task {
  readonly source: Bucket;
  readonly key: string;
  readonly versionId: string;
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
    if (source.versioning !== "Enabled") return;
    const rules = rulesFor(source.replication?.rules ?? [], version);
    if (rules.length === 0) return;
    if (version.kind === "object") source.replace({ ...version, replicationStatus: "PENDING" });
    this.#queue.push({ source, key: version.key, versionId: version.versionId, rules });
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

  #carry({ source, key, versionId, rules }: Task): void {
    // A version that was removed meanwhile has nothing left to carry.
    const version = source.version(key, versionId);
    if (!version) return;
    const copied = rules.map((rule) => this.#copy(version, rule));
    if (version.kind === "object") {
      const replicationStatus = copied.includes(false) ? "FAILED" : "COMPLETED";
      source.replace({ ...version, replicationStatus });
    }
  }

  /** False when the destination takes no replicas. */
  #copy(version: ObjectVersion, rule: ReplicationRule): boolean {
    const destination = this.#options.findBucket(rule.destination);
    if (destination?.versioning !== "Enabled") return false;
    const storageClass = version.kind === "object" && rule.storageClass
      ? { storageClass: rule.storageClass }
      : {};
    destination.addReplica({ ...version, ...storageClass, replicationStatus: "REPLICA" });
    return true;
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
