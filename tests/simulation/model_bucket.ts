import type { Replica } from "../../lib/gc/replica.ts";
import type { ObjectVersion } from "../../lib/model/entry.ts";
import type { EntryBatch } from "../../lib/model/entry_batch.ts";
import { compareKeys } from "../../lib/model/key_order.ts";
import type { BucketIdentity } from "../../lib/model/manifest.ts";
import type { DeleteFailure } from "../../lib/s3/delete_batch.ts";
import type { FakeTime } from "../fake_time.ts";
import { batchOf } from "../entry_batches.ts";

/** A version and what a test says about it. */
export interface ModelVersion extends Omit<ObjectVersion, "isLatest"> {
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

/** A versioned bucket in memory: a list of versions a key, newest first, and no network. */
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
  readonly #time: FakeTime;
  readonly #keys = new Map<string, ModelVersion[]>();
  #ids = 0;

  /** An empty bucket whose clock is `time`. */
  constructor(time: FakeTime, identity: BucketIdentity = { name: "replica" }) {
    this.#time = time;
    this.identity = identity;
    this.url = `s3://${identity.name}`;
  }

  /** Write an object, as the `null` version where versioning was suspended. */
  put(key: string, size = 1, { suspended = false } = {}): ModelVersion {
    const versionId = suspended ? "null" : this.#nextId();
    if (suspended) this.#remove(key, "null");
    const version: ModelVersion = {
      key,
      versionId,
      size,
      etag: `etag-${++this.#ids}`,
      lastModified: this.#time.current + this.dateSkew * 1000,
      storageClass: "STANDARD",
      isDeleteMarker: false,
      locked: false,
    };
    this.#push(version);
    return version;
  }

  /** Put a delete marker on top. */
  remove(key: string): void {
    this.#push({ ...this.put(key, 0), isDeleteMarker: true, etag: "" }, 1);
  }

  /** Remove the delete marker on top, if there is one, so that what is below is current again. */
  undelete(key: string): boolean {
    if (!this.#keys.get(key)?.[0]?.isDeleteMarker) return false;
    this.#keys.get(key)!.shift();
    return true;
  }

  /** Delete one version for good, as people or lifecycle rules do. */
  take(key: string, versionId: string): void {
    this.#remove(key, versionId);
  }

  /** Every version and delete marker, in a listing's order. */
  versions(): ObjectVersion[] {
    const keys = [...this.#keys.keys()].sort(compareKeys);
    return keys.flatMap((key) =>
      this.#keys.get(key)!.map((version, i) => ({ ...version, isLatest: i === 0 }))
    );
  }

  /** One version, if it is there. */
  find(key: string, versionId: string): ModelVersion | undefined {
    return this.#keys.get(key)?.find((version) => version.versionId === versionId);
  }

  /** See {@linkcode Replica.now}. */
  now(): Promise<number> {
    return Promise.resolve(this.#time.current);
  }

  /** See {@linkcode Replica.listVersions}; each page shows the bucket as it is by then. */
  async *listVersions(after: string): AsyncGenerator<EntryBatch> {
    let last: ObjectVersion | undefined;
    while (true) {
      const page = this.versions().filter((version) => this.#isAfter(version, after, last))
        .slice(0, this.pageLength);
      if (page.length === 0) return;
      page.forEach(this.onListed);
      last = page.at(-1)!;
      yield await Promise.resolve(batchOf(page));
    }
  }

  /** See {@linkcode Replica.deleteVersions}. */
  deleteVersions(
    versions: readonly { readonly key: string; readonly versionId: string }[],
  ): Promise<{ failed: DeleteFailure[] }> {
    const failed: DeleteFailure[] = [];
    for (const { key, versionId } of versions) {
      const version = this.find(key, versionId);
      const isCurrent = version !== undefined && this.#keys.get(key)![0] === version;
      this.onDelete({ key, versionId, version, isCurrent });
      if (version?.locked) failed.push({ key, versionId, code: "AccessDenied", message: "held" });
      else this.#remove(key, versionId);
    }
    return Promise.resolve({ failed });
  }

  #nextId(): string {
    return `v${String(++this.#ids).padStart(6, "0")}`;
  }

  #push(version: ModelVersion, replacing = 0): void {
    const versions = this.#keys.get(version.key) ?? [];
    versions.splice(0, replacing, version);
    this.#keys.set(version.key, versions);
  }

  #remove(key: string, versionId: string): void {
    const left = this.#keys.get(key)?.filter((version) => version.versionId !== versionId) ?? [];
    if (left.length > 0) this.#keys.set(key, left);
    else this.#keys.delete(key);
  }

  /** After the last row shown: a later key, or an older version of the same. */
  #isAfter(version: ObjectVersion, after: string, last: ObjectVersion | undefined): boolean {
    if (compareKeys(version.key, last?.key ?? after) > 0) return true;
    if (!last || version.key !== last.key) return false;
    const shown = this.#keys.get(last.key)!;
    const from = shown.findIndex(({ versionId }) => versionId === last.versionId);
    return shown.findIndex(({ versionId }) => versionId === version.versionId) > from;
  }
}
