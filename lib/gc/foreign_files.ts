/**
 * Files of 2015 that another bucket may need. Such a file names no bucket, so that the bucket is
 * asked: it holds one version at least of what its own files name, and hardly one of another's.
 */
import { type EntryBatch, textAt } from "../model/entry_batch.ts";
import { compareAt } from "../model/key_order.ts";
import type { SnapshotStore } from "../model/store.ts";
import { type Point, readPoint } from "../point.ts";
import { keyBefore } from "../s3/key_before.ts";
import type { Replica } from "./replica.ts";
import { isSameVersion } from "./same_version.ts";

/**
 * Of a bucket's points the files of 2015 of which it holds no version. One that names none harms
 * nobody, and of one whose removal was begun all may be gone: neither is among them. Holds a block of
 * a file's entries and a page of a listing; each file costs a page where it is the bucket's own, and at
 * most a listing of the bucket where not.
 *
 * @returns Their ids
 * @throws {SnapshotError} `CorruptSnapshot` when a file cannot be read
 * @throws {S3Error} when the bucket cannot be listed
 */
export async function findForeignFiles(
  store: SnapshotStore,
  replica: Replica,
  points: readonly Point[],
  signal: AbortSignal,
): Promise<Set<string>> {
  const foreign = new Set<string>();
  for (const point of points) {
    if (point.kind !== "legacy" || point.expired || point.totals.objects === 0) continue;
    if (!await holdsAny(replica, readPoint(store, point, { signal }), signal)) {
      foreign.add(point.id);
    }
  }
  return foreign;
}

/** Whether one of the versions is there, current or not. */
async function holdsAny(
  replica: Replica,
  batches: AsyncIterable<EntryBatch>,
  signal: AbortSignal,
): Promise<boolean> {
  for await (const batch of batches) {
    const search = new Search(batch);
    while (!search.isOver) {
      if (await seek(search, replica, signal)) return true;
    }
  }
  return false;
}

/** Lists from the next key on, until all its versions were seen, or some are found. */
async function seek(search: Search, replica: Replica, signal: AbortSignal): Promise<boolean> {
  const { at } = search;
  for await (const page of replica.listVersions(keyBefore(search.key), { signal })) {
    if (search.finds(page)) return true;
    // The next page of this listing may be far from the next key.
    if (search.at > at) return false;
  }
  search.end();
  return false;
}

/** Named versions, in key order, to be held against pages of a listing. */
class Search {
  readonly #named: EntryBatch;
  /** How many keys lie behind. */
  at = 0;

  constructor(named: EntryBatch) {
    this.#named = named;
  }

  get isOver(): boolean {
    return this.at >= this.#named.length;
  }

  /** The first of which not all versions were seen. */
  get key(): string {
    return textAt(this.#named.keys, this.at);
  }

  finds(page: EntryBatch): boolean {
    for (let row = 0; row < page.length; row++) {
      while (!this.isOver && this.#order(page, row) > 0) this.at++;
      if (this.isOver) return false;
      const named = { batch: this.#named, row: this.at };
      if (this.#order(page, row) === 0 && isSameVersion(named, { batch: page, row })) return true;
    }
    return false;
  }

  /** The listing came to the bucket's end. */
  end(): void {
    this.at = this.#named.length;
  }

  /** Of the key in a page's row to the next one that is named. */
  #order(page: EntryBatch, row: number): number {
    return compareAt(page.keys, row, this.#named.keys, this.at);
  }
}
