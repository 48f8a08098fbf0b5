import assert from "node:assert/strict";
import { readEntries, readManifest } from "../../lib/index/snapshot_reader.ts";
import type { LockRecord } from "../../lib/lock.ts";
import type { Entry } from "../../lib/model/entry.ts";
import type { Manifest } from "../../lib/model/manifest.ts";
import type { SnapshotStore } from "../../lib/model/store.ts";
import { entriesOf } from "../entry_batches.ts";
import type { ModelBucket, ModelVersion } from "./model_bucket.ts";
import type { Call, Process } from "./process.ts";

/** A snapshot that was stored at some time, and what it was seen to hold then. */
export interface Recorded {
  readonly manifest: Manifest;
  readonly entries: readonly Entry[];
  readonly author: Process;
}

/** A file that people broke. */
export interface Damage {
  readonly name: string;
  /** What was in it. */
  readonly bytes: Uint8Array;
  /** Whether the store lists it, and does not have it. */
  readonly isLost: boolean;
}

/**
 * The books: what the store holds, what each snapshot holds, and what people took from whom. So
 * that programs are judged by what they did, and not by what they say.
 */
export class Ledger {
  /** The names in the store. */
  readonly names = new Set<string>();
  /** Every snapshot that ever was, by its id. */
  readonly points = new Map<string, Recorded>();
  /** By the points that the files are of. */
  readonly damaged = new Map<string, Damage>();
  /** Versions that people, not programs, took; by {@linkcode idOf}. */
  readonly taken = new Set<string>();
  /** Versions that were current when a point that named them went: nobody's from then on. */
  readonly spared = new Set<string>();
  /** Versions that some listing of this step showed to be current. */
  readonly seenCurrent = new Set<string>();
  readonly #store: SnapshotStore;
  readonly #buckets: ReadonlyMap<string, ModelBucket>;
  #lock: { readonly name: string; readonly record: LockRecord } | undefined;
  /** Points whose files changed since they were read. */
  readonly #changed = new Set<string>();

  /** `store` is read without anybody's notice. */
  constructor(store: SnapshotStore, buckets: ReadonlyMap<string, ModelBucket>) {
    this.#store = store;
    this.#buckets = buckets;
  }

  /** Whether a point exists and can be restored. */
  isWhole(id: string): boolean {
    return this.names.has(`${id}/manifest.json`) && !this.names.has(`${id}/expired`);
  }

  /** Whether the store lists a file, and does not have it. */
  isLost(name: string): boolean {
    const damage = this.damaged.get(name.slice(0, name.indexOf("/")));
    return damage?.isLost === true && damage.name === name;
  }

  /** The points that exist and can be restored. */
  whole(): [string, Recorded][] {
    return [...this.points].filter(([id]) => this.isWhole(id));
  }

  /** Take note of a call of the store that was made. */
  async note({ operation, name }: Call, author: Process): Promise<void> {
    if (operation !== "put" && operation !== "delete") return;
    const id = name.slice(0, name.indexOf("/"));
    this.#changed.add(id);
    if (operation === "put") this.names.add(name);
    else this.names.delete(name);
    if (operation === "put" && id === "lock") await this.#noteLock(name, author);
    if (!name.endsWith("/manifest.json")) return;
    if (operation === "put") await this.#record(id, author);
    else this.#close(id, author);
  }

  /** Every point that is not marked can be read, and all that it names is there. */
  async checkPoints(): Promise<void> {
    for (const [id, { entries, manifest }] of this.whole()) {
      const bucket = this.#buckets.get(manifest.bucket.name)!;
      for (const entry of entries) {
        assert(
          this.isThere(bucket, entry) || this.wasTaken(bucket, entry),
          `${id} lost ${entry.key} ${entry.versionId}`,
        );
      }
      if (this.#changed.has(id) && !this.damaged.has(id)) {
        assert.deepEqual(await this.#read(id), entries, `${id} is not what it was`);
      }
    }
    this.#changed.clear();
  }

  /** Whether the very object is in a bucket. */
  isThere(bucket: ModelBucket, entry: Entry): boolean {
    const there = bucket.find(entry.key, entry.versionId);
    return there !== undefined && idOf(bucket, there) === idOf(bucket, entry);
  }

  /** Whether people took it. */
  wasTaken(bucket: ModelBucket, entry: Entry): boolean {
    return this.taken.has(idOf(bucket, entry)) ||
      entry.versionId === "null" && this.taken.has(idOf(bucket, { ...entry, etag: "" }));
  }

  /** Nobody takes the lock from a holder that still has time, but by force. */
  async #noteLock(name: string, author: Process): Promise<void> {
    const record: LockRecord = await new Response(await this.#store.get(name)).json();
    const last = this.#lock;
    if (last && last.name > name) return;
    this.#lock = { name, record };
    if (!last || last.record.released || last.record.holder === record.holder) return;
    const end = Date.parse(last.record.expiresAt);
    const isOver = author.dates.some((date) => date > end);
    assert(isOver || author.name === "unlock", `${author.name} took a lock that was held`);
  }

  async #read(id: string): Promise<Entry[]> {
    return await entriesOf(readEntries(this.#store, await readManifest(this.#store, id)));
  }

  /** It must show what the bucket held at its moment, in some state that it had meanwhile. */
  async #record(id: string, author: Process): Promise<void> {
    const manifest = await readManifest(this.#store, id);
    const entries = await this.#read(id);
    this.points.set(id, { manifest, entries, author });
    author.rules.onSnapshot?.(manifest);
    const { name, prefix = "" } = manifest.bucket;
    const bucket = this.#buckets.get(name)!;
    const asOf = Date.parse(manifest.asOf);
    const shown = new Map(entries.map((entry) => [entry.key, entry]));
    for (const key of new Set([...bucket.keys(), ...shown.keys()])) {
      if (!key.startsWith(prefix)) continue;
      const states = bucket.statesSince(key, author.since.get(name)!);
      const answers = choosable(states).map((versions) => currentAt(versions, asOf));
      const entry = shown.get(key);
      assert(
        answers.some((answer) => answer ? entry && isSame(answer, entry) : !entry),
        `${id} shows ${key} as ${entry?.versionId}, and it was ${answers.map((a) => a?.versionId)}`,
      );
    }
  }

  #close(id: string, by: Process): void {
    const point = this.points.get(id);
    if (!point) return;
    // A snapshot that failed at the very last takes itself back: there never was one, but for what it
    // kept from a gc that ran after it had lost the lock.
    const isTakenBack = point.author === by;
    const bucket = this.#buckets.get(point.manifest.bucket.name)!;
    for (const entry of point.entries) {
      const name = idOf(bucket, entry);
      // What cannot be read of a point stays.
      if (isTakenBack || this.seenCurrent.has(name) || this.damaged.has(id)) this.spared.add(name);
    }
    if (isTakenBack) return void this.points.delete(id);
    this.damaged.delete(id);
  }
}

/** Tells one object from every other. */
export function idOf(
  bucket: ModelBucket,
  { key, versionId, etag }: Pick<Entry, "key" | "versionId" | "etag">,
): string {
  // Of the many objects that are called null the ETag tells which.
  return JSON.stringify([bucket.identity.name, key, versionId, versionId === "null" ? etag : ""]);
}

function currentAt(versions: readonly ModelVersion[], asOf: number): ModelVersion | undefined {
  const newest = versions.find(({ lastModified }) => lastModified <= asOf);
  return newest?.isDeleteMarker ? undefined : newest;
}

/**
 * The states that may have been seen: any of them, unless versions were only added, and each at the
 * time by which it is dated. Then the last one holds all that the others did.
 */
function choosable(states: readonly (readonly ModelVersion[])[]) {
  const onlyGrows = states.every((versions, i) => {
    const before = states[i - 1];
    return !before || versions[0]?.isPunctual && versions.length === before.length + 1 &&
        before.every((version, row) => version === versions[row + 1]);
  });
  return onlyGrows ? states.slice(-1) : states;
}

function isSame(version: ModelVersion, entry: Entry): boolean {
  return (Object.keys(entry) as (keyof Entry)[]).every((name) => version[name] === entry[name]);
}
