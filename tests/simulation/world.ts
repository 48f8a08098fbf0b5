import assert from "node:assert/strict";
import { openMemoryStore } from "../../backends/memory.ts";
import { S3Error, StoreError } from "../../lib/model/errors.ts";
import type { BucketIdentity } from "../../lib/model/manifest.ts";
import type { SnapshotStore } from "../../lib/model/store.ts";
import { hookStore } from "../hooked_store.ts";
import { Chance } from "./chance.ts";
import { idOf, Ledger } from "./ledger.ts";
import { Machine } from "./machine.ts";
import { type Deletion, ModelBucket, type ModelVersion } from "./model_bucket.ts";
import { type Answer, ModelServer } from "./model_server.ts";
import { type Call, type Fate, Process, type Surroundings } from "./process.ts";
import { Replication } from "./replication.ts";

/** What one section of a configuration names. All sets share a store. */
export interface BackupSet {
  /** The name of the bucket that holds the versions. */
  readonly replica: string;
  /** The name of the bucket that is restored; left out where it is the replica. */
  readonly source?: string;
  /** Of the keys that belong to it. */
  readonly prefix: string;
}

const REGION = "us-east-1";
const SECOND = 1000;
/** The most that a call takes, mostly and at times, in milliseconds. */
const CALL = 300, SLOW_CALL = 30 * SECOND;
const SLOW_SHARE = 0.01;

const PHOTOS = { replica: "vault", source: "photos", prefix: "" };
/** Which sets there may be. */
const TOPOLOGIES: readonly (readonly BackupSet[])[] = [
  [{ replica: "photos", prefix: "" }],
  [PHOTOS],
  [PHOTOS, { ...PHOTOS, prefix: "x/" }],
  [PHOTOS, { replica: "music", prefix: "" }],
];

/** Buckets, store, clock and chance of one history, and the books about it. */
export class World implements Surroundings {
  readonly chance: Chance;
  readonly machine: Machine;
  readonly sets: readonly BackupSet[];
  readonly buckets = new Map<string, ModelBucket>();
  /** Has lost what people made it lose. */
  readonly store: SnapshotStore = hookStore(openMemoryStore(), {
    before: ({ operation, name }) => {
      if (operation !== "get" || !this.ledger.isLost(name)) return;
      throw new StoreError("NotFound", `${name} is not there`);
    },
  });
  readonly ledger: Ledger;
  /** Milliseconds that the server's clock is ahead. */
  skew = 0;
  /** Changes that anybody made to a key, in order; people and replication have no name. */
  readonly touches: { readonly bucket: string; readonly key: string; readonly by?: Process }[] = [];
  /** Called at each call of a program, for what people do. */
  onCall: () => void = () => {};
  /** Told what happens. */
  trace: ((line: string) => void) | undefined;
  /** Whether every call is fast. */
  isFast = false;
  /** The first promise that was broken, whatever became of the error that said so. */
  broken: unknown;
  /** Whether a version was current when a listing showed it last. */
  readonly #lastLook = new Map<string, boolean>();
  /** By which versions are dated. */
  readonly #clock: { readonly current: number };
  readonly #writes = { count: 0 };
  readonly #server: ModelServer;
  readonly #replications: Replication[] = [];
  #acting: Process | undefined;

  constructor(seed: number) {
    this.chance = new Chance(seed);
    this.machine = new Machine(Date.UTC(2026, 0, 1));
    this.sets = this.chance.pick(TOPOLOGIES);
    this.ledger = new Ledger(this.store, this.buckets);
    const now = () => this.serverNow();
    this.#clock = {
      get current(): number {
        return now();
      },
    };
    this.#server = new ModelServer(this.buckets, now);
    this.#server.isAtMarker = this.chance.happens(0.3);
    this.#server.hasConditions = this.chance.happens(0.7);
    for (const name of new Set(this.sets.flatMap(bucketsOf))) this.#addBucket(name);
    const withMarkers = this.chance.happens(0.8);
    for (const { source, replica, prefix } of this.sets) {
      if (source === undefined || prefix !== "") continue;
      const from = this.bucket(source), to = this.bucket(replica);
      this.#replications.push(new Replication(from, to, this.chance, this.machine, withMarkers));
    }
  }

  /** A bucket that there is. */
  bucket(name: string): ModelBucket {
    return this.buckets.get(name)!;
  }

  /** What the server's clock shows: whole seconds. */
  serverNow(): number {
    return Math.floor((this.machine.current + this.skew) / SECOND) * SECOND;
  }

  /** Whether the server knows the conditions of writes. */
  get hasConditions(): boolean {
    return this.#server.hasConditions;
  }

  /** Let time pass, with all that it brings. */
  advance(ms: number): void {
    this.machine.advance(ms);
    for (const replication of this.#replications) replication.deliver(this.machine.current);
  }

  /** Begin a process; nothing runs in it yet. */
  begin(name: string, fate: Fate): Process {
    for (const bucket of this.buckets.values()) bucket.pageLength = 1 + this.chance.int(5);
    this.trace?.(`${name} begins, and ${kindOf(fate)}`);
    const since = new Map([...this.buckets].map(([name, { changes }]) => [name, changes]));
    return new Process(name, this, fate, since);
  }

  /** See {@linkcode Surroundings}. */
  answer(process: Process, operation: string, input: Readonly<Record<string, unknown>>): Answer {
    this.#acting = process;
    try {
      if (operation === "HeadBucket") process.dates.push(this.serverNow());
      return this.#server.answer(operation, input);
    } catch (error) {
      throw this.#note(error);
    } finally {
      this.#acting = undefined;
    }
  }

  /** See {@linkcode Surroundings}. */
  meanwhile(process: Process, { operation, name }: Call): void {
    const isSlow = !this.isFast && this.chance.happens(SLOW_SHARE);
    this.advance(this.chance.int(isSlow ? SLOW_CALL : CALL));
    this.onCall();
    if (!this.trace) return;
    const time = new Date(this.machine.current).toISOString();
    this.trace(`  ${time} ${process.name} ${process.calls + 1} ${operation} ${name}`);
  }

  /** See {@linkcode Surroundings}. */
  async afterStoreCall(process: Process, call: Call): Promise<void> {
    try {
      await this.ledger.note(call, process);
      if (call.operation === "put" && call.name.endsWith("/expired")) this.#noteMark(process, call);
    } catch (error) {
      throw this.#note(error);
    }
  }

  #noteMark(process: Process, { name }: Call): void {
    process.changes++;
    const { onMark } = process.rules;
    assert(onMark, `${process.name} marked ${name}`);
    onMark(name.slice(0, name.indexOf("/")));
  }

  #note(error: unknown): unknown {
    if (!(error instanceof S3Error)) this.broken ??= error;
    return error;
  }

  /** Whether the last listing that showed a version showed it to be current. */
  lastLook(bucket: ModelBucket, version: Deletion["version"] & object): boolean | undefined {
    return this.#lastLook.get(idOf(bucket, version));
  }

  #addBucket(name: string): void {
    const bucket = new ModelBucket(this.#clock, { name, region: REGION }, this.#writes);
    this.buckets.set(name, bucket);
    bucket.onListed = (version) => {
      if (version.isLatest) this.#acting?.see(name, version);
      this.#lastLook.set(idOf(bucket, version), version.isLatest);
      if (version.isLatest) this.ledger.seenCurrent.add(idOf(bucket, version));
    };
    bucket.onDelete = (deletion) => {
      const process = this.#acting!;
      const { onDelete } = process.rules;
      assert(onDelete, `${process.name} deleted ${deletion.key} ${deletion.versionId}`);
      if (deletion.version) onDelete(bucket, deletion);
      process.changes++;
    };
    bucket.beforeWrite = (key) => {
      const process = this.#acting;
      if (!process) return;
      assert(process.rules.onWrite, `${process.name} wrote ${key}`);
      process.rules.onWrite(bucket, key);
      process.changes++;
    };
    bucket.onChange = (key) => {
      this.touches.push({ bucket: name, key, ...(this.#acting && { by: this.#acting }) });
      if (!this.trace) return;
      const versions = bucket.versionsOf(key).map(shortly).join(" ");
      this.trace(`    ${name} ${key}: ${versions}`);
    };
  }
}

/** The bucket that a set's restores write to. */
export function targetOf({ source, replica }: BackupSet): string {
  return source ?? replica;
}

/** A URL of one of a set's buckets. */
export function urlOf({ prefix }: BackupSet, bucket: string): string {
  return `s3://${bucket}/${prefix}?region=${REGION}`;
}

/** How snapshots call one of a set's buckets. */
export function identityOf({ prefix }: BackupSet, name: string): BucketIdentity {
  return { name, region: REGION, ...(prefix !== "" && { prefix }) };
}

function bucketsOf({ replica, source = replica }: BackupSet): string[] {
  return [replica, source];
}

function kindOf({ at, kind, of = "" }: Fate): string {
  return at === Infinity ? "nothing befalls it" : `${kind} call ${at} ${of}`;
}

function shortly({ versionId, isDeleteMarker }: ModelVersion): string {
  return isDeleteMarker ? `${versionId} (marker)` : versionId;
}
