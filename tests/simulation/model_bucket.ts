import type { Replica } from "../../lib/gc/replica.ts";
import type { ObjectVersion } from "../../lib/model/entry.ts";
import type { EntryBatch } from "../../lib/model/entry_batch.ts";
import { compareKeys } from "../../lib/model/key_order.ts";
import type { BucketIdentity } from "../../lib/model/manifest.ts";
import type { DeleteFailure } from "../../lib/s3/delete_batch.ts";
import { batchOf } from "../entry_batches.ts";

/** A version and what a test says about it. */
export interface ModelVersion extends Omit<ObjectVersion, "isLatest"> {
  /** Its place among all that was ever written: higher is newer, whenever it arrived. */
  readonly order: number;
  /** Whether it was here at the time by which it is dated. */
  readonly isPunctual: boolean;
  /** Refused to be deleted, as under a legal hold. */
  locked: boolean;
}

/** How a deletion went, for those who check it. */
export interface Deletion {
  readonly key: string;
  readonly versionId: string;
  readonly version: ModelVersion | undefined;
  readonly isCurrent: boolean;
}

/** The versions of a key, newest first, from one change of the bucket to the key's next. */
interface KeyState {
  readonly change: number;
  readonly versions: readonly ModelVersion[];
}

/** What a new object is like; its size is what tells its content. */
export interface NewObject {
  /** Whether versioning is suspended, so that it becomes the `null` version. */
  readonly suspended?: boolean;
  /** Default: one that no other object has. */
  readonly etag?: string;
}

/**
 * A versioned bucket in memory: a list of versions a key, newest first, and no network. It forgets
 * no state of any key, so that what it held at some moment can be told later.
 */
export class ModelBucket implements Replica {
  readonly url: string;
  readonly identity: BucketIdentity;
  concurrency = 2;
  /** Versions a page of a listing. */
  pageLength = 3;
  /** Seconds that its clock is ahead of the true one when it dates a version. */
  dateSkew = 0;
  /** Called before each version is deleted, and for each row that a listing shows. */
  onDelete: (deletion: Deletion) => void = () => {};
  onListed: (version: ObjectVersion) => void = () => {};
  /** Called before a version or delete marker is written here, not taken over. */
  beforeWrite: (key: string) => void = () => {};
  /** Called after that. */
  onWrite: (version: ModelVersion) => void = () => {};
  /** Called with the key of each change, after it. */
  onChange: (key: string) => void = () => {};
  /** Changes so far. */
  changes = 0;
  readonly #time: { readonly current: number };
  readonly #keys = new Map<string, KeyState[]>();
  readonly #orders = new Map<string, number>();
  readonly #writes: { count: number };

  /** An empty bucket whose clock is `time`; those that replicate to each other count together. */
  constructor(
    time: { readonly current: number },
    identity: BucketIdentity = { name: "replica" },
    writes: { count: number } = { count: 0 },
  ) {
    this.#time = time;
    this.#writes = writes;
    this.identity = identity;
    this.url = `s3://${identity.name}`;
  }

  /** Write an object. */
  put(key: string, size = 1, { suspended = false, etag }: NewObject = {}): ModelVersion {
    const version = this.#newVersion(key, suspended);
    return this.#write({ ...version, size, etag: etag ?? etagOf(version.order) });
  }

  /** Put a delete marker on top. */
  remove(key: string): ModelVersion {
    return this.#write({ ...this.#newVersion(key, false), isDeleteMarker: true });
  }

  /** Take a version of another bucket over as it is, in its place, as replication does. */
  adopt(version: ModelVersion): void {
    const { key, versionId } = version;
    if (this.#orders.has(placeOf(key, versionId))) return;
    this.#insert({ ...version, isPunctual: false, locked: false });
  }

  /** Remove the delete marker on top, if there is one, so that what is below is current again. */
  undelete(key: string): boolean {
    const [top] = this.versionsOf(key);
    if (!top?.isDeleteMarker) return false;
    this.#remove(key, top.versionId);
    return true;
  }

  /** Delete one version for good, as people or lifecycle rules do. */
  take(key: string, versionId: string): void {
    this.#remove(key, versionId);
  }

  /** Every version and delete marker, in a listing's order. */
  versions(): (ModelVersion & ObjectVersion)[] {
    return this.keys().flatMap((key) =>
      this.versionsOf(key).map((version, i) => ({ ...version, isLatest: i === 0 }))
    );
  }

  /** Keys that have, or had, a version, in order. */
  keys(): string[] {
    return [...this.#keys.keys()].sort(compareKeys);
  }

  /** The versions of a key, newest first. */
  versionsOf(key: string): readonly ModelVersion[] {
    return this.#keys.get(key)?.at(-1)?.versions ?? [];
  }

  /** The object that a read of the key gives. */
  current(key: string): ModelVersion | undefined {
    const [top] = this.versionsOf(key);
    return top?.isDeleteMarker ? undefined : top;
  }

  /** What {@linkcode versionsOf} gave after that many changes, and each thing that it gave since. */
  statesSince(key: string, change: number): (readonly ModelVersion[])[] {
    const states = this.#keys.get(key) ?? [];
    const first = states.findLastIndex((state) => state.change <= change);
    const seen = states.slice(Math.max(first, 0)).map(({ versions }) => versions);
    return first < 0 ? [[], ...seen] : seen;
  }

  /** One version, if it is there. */
  find(key: string, versionId: string): ModelVersion | undefined {
    return this.versionsOf(key).find((version) => version.versionId === versionId);
  }

  /** See {@linkcode Replica.now}. */
  now(): Promise<number> {
    return Promise.resolve(this.#time.current);
  }

  /** See {@linkcode Replica.listVersions}; each page shows the bucket as it is by then. */
  async *listVersions(after: string): AsyncGenerator<EntryBatch> {
    let marker: { readonly key: string; readonly versionId?: string } = { key: after };
    while (true) {
      const { page } = this.listPage(marker);
      if (page.length === 0) return;
      marker = page.at(-1)!;
      yield await Promise.resolve(batchOf(page));
    }
  }

  /** The page of versions after a marker, which is the last one of `key` where none is named. */
  listPage(
    { key, versionId }: { readonly key: string; readonly versionId?: string },
    { prefix = "", isAtMarker = false }: {
      readonly prefix?: string;
      /** Whether it begins with what a marker without version id names, as some servers do. */
      readonly isAtMarker?: boolean;
    } = {},
  ): { readonly page: readonly ObjectVersion[]; readonly isTruncated: boolean } {
    const shown = versionId === undefined ? undefined : this.#orders.get(placeOf(key, versionId));
    const least = shown === undefined && isAtMarker ? 0 : 1;
    const page: ObjectVersion[] = [];
    for (const version of this.versions()) {
      if (!version.key.startsWith(prefix)) continue;
      const order = compareKeys(version.key, key);
      const isOlder = order === 0 && shown !== undefined && version.order < shown;
      if (order < least && !isOlder) continue;
      if (page.length === this.pageLength) return this.#shown(page, true);
      page.push(version);
    }
    return this.#shown(page, false);
  }

  #shown(page: readonly ObjectVersion[], isTruncated: boolean) {
    page.forEach(this.onListed);
    return { page, isTruncated };
  }

  /** See {@linkcode Replica.deleteVersions}. */
  deleteVersions(
    versions: readonly { readonly key: string; readonly versionId: string }[],
  ): Promise<{ failed: DeleteFailure[] }> {
    const failed: DeleteFailure[] = [];
    for (const { key, versionId } of versions) {
      if (this.deleteVersion(key, versionId)) continue;
      failed.push({ key, versionId, code: "AccessDenied", message: "held" });
    }
    return Promise.resolve({ failed });
  }

  /** Delete one version for good, as a program does. @returns Whether it was not refused */
  deleteVersion(key: string, versionId: string): boolean {
    const version = this.find(key, versionId);
    const isCurrent = version !== undefined && this.versionsOf(key)[0] === version;
    this.onDelete({ key, versionId, version, isCurrent });
    if (version?.locked) return false;
    this.#remove(key, versionId);
    return true;
  }

  #newVersion(key: string, suspended: boolean): ModelVersion {
    const order = ++this.#writes.count;
    return {
      key,
      versionId: suspended ? "null" : `v${String(order).padStart(6, "0")}`,
      size: 0,
      etag: "",
      lastModified: this.#time.current + this.dateSkew * 1000,
      storageClass: "STANDARD",
      isDeleteMarker: false,
      order,
      isPunctual: this.dateSkew === 0,
      locked: false,
    };
  }

  #write(version: ModelVersion): ModelVersion {
    this.beforeWrite(version.key);
    if (version.versionId === "null") this.#remove(version.key, "null");
    this.#insert(version);
    this.onWrite(version);
    return version;
  }

  #insert(version: ModelVersion): void {
    const { key, versionId, order } = version;
    this.#orders.set(placeOf(key, versionId), order);
    const others = this.versionsOf(key);
    const newer = others.filter((other) => other.order > order);
    this.#set(key, [...newer, version, ...others.slice(newer.length)]);
  }

  #remove(key: string, versionId: string): void {
    const before = this.versionsOf(key);
    const left = before.filter((version) => version.versionId !== versionId);
    if (left.length < before.length) this.#set(key, left);
  }

  #set(key: string, versions: readonly ModelVersion[]): void {
    const states = this.#keys.get(key) ?? [];
    states.push({ change: ++this.changes, versions });
    this.#keys.set(key, states);
    this.onChange(key);
  }
}

function placeOf(key: string, versionId: string): string {
  return `${versionId} ${key}`;
}

/** As long as the MD5 of an object's bytes, and not to be taken for that of an upload in parts. */
function etagOf(content: number): string {
  return content.toString(16).padStart(32, "0");
}
