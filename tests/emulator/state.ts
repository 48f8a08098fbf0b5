/** All that the server holds. */
import type { Bucket } from "./bucket.ts";
import { toWholeSecond } from "./clock.ts";
import { S3Error } from "./errors.ts";
import { allows } from "./policy.ts";
import type { VersionStamp } from "./object_version.ts";
import { createRandom, type Random } from "./random.ts";
import { Replicator } from "./replication.ts";
import type { Settings } from "./settings.ts";

/** Something that a caller was not allowed. */
export interface Refusal {
  /** The IAM action. */
  readonly action: string;
  /** The bucket's, the object's or the role's name among all of AWS. */
  readonly resource: string;
}

/** Buckets, clock and chance. */
export class State {
  /** Options with their defaults in place. */
  readonly settings: Settings;
  /** By name. */
  readonly buckets: Map<string, Bucket> = new Map();
  /** What was not allowed, in the order in which it was asked for. */
  readonly refusals: Refusal[] = [];
  /** Decides version ids and upload ids. */
  readonly random: Random;
  /** Decides where short pages end; apart, so that listing changes no version id. */
  readonly pageRandom: Random;
  /** Carries versions from bucket to bucket. */
  readonly replicator: Replicator;
  #order = 0;

  /** An emulator without buckets. */
  constructor(settings: Settings) {
    this.settings = settings;
    this.random = createRandom(settings.seed);
    this.pageRandom = createRandom(settings.seed + 1);
    this.replicator = new Replicator({
      findBucket: (name) => this.buckets.get(name),
      lag: settings.replicationLag,
      mayRole: (role, action, resource) => {
        const policy = settings.roles.get(role);
        if (!policy || allows(policy, action, resource)) return true;
        this.refusals.push({ action, resource });
        return false;
      },
    });
  }

  /** The server's clock; milliseconds. */
  now(): number {
    return this.settings.now();
  }

  /** A place in the history after all that were given out. */
  nextOrder(): number {
    return ++this.#order;
  }

  /** Identity for a version that begins now. */
  stamp(): VersionStamp {
    return {
      versionId: this.random.versionId(),
      order: this.nextOrder(),
      lastModified: toWholeSecond(this.now()),
    };
  }

  /**
   * A bucket by name.
   *
   * @throws {S3Error} NoSuchBucket.
   */
  bucket(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (!bucket) throw new S3Error("NoSuchBucket", { BucketName: name });
    return bucket;
  }
}
