import { BatchCursor } from "../index/batch_cursor.ts";
import { ManyMerge } from "../index/many_merge.ts";
import type { MergeSource } from "../index/merge_source.ts";
import { DELETE_MARKER, type EntryBatch, textAt } from "../model/entry_batch.ts";
import { compareAt } from "../model/key_order.ts";
import type { Sample } from "./sample.ts";

/** A version that points name, and that is in the bucket. */
export interface FoundVersion {
  readonly key: string;
  readonly versionId: string;
  /** Bytes. */
  readonly size: number;
  /** As listed, without quotes. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
  readonly storageClass: string;
  /** The points that name it, as the sources number them. */
  readonly owners: readonly number[];
}

/** A version that points name, and that is not in the bucket, or is another by now. */
export interface AbsentVersion extends Omit<FoundVersion, "storageClass"> {
  /** The version `null` is there, but it is another object than the points mean. */
  readonly isChanged: boolean;
}

/** Who is told what was found. */
export interface Findings {
  /** Called for each version that is there. Called often: it must be quick. */
  found(batch: EntryBatch, row: number, owners: readonly number[]): void;
  /** Called for each version that is not. */
  absent(version: AbsentVersion): void;
}

/** Versions handed over at once, about. */
const BATCH_LENGTH = 100;

/**
 * Hold what points name against a listing of all versions, by key, and hand over those that are
 * chosen to be read. Both are read once, a batch of each in memory.
 *
 * @param sources The points' entries, each source's keys ascending.
 * @param versions In key order.
 */
export async function* lookForVersions(
  sources: readonly MergeSource[],
  versions: AsyncIterable<EntryBatch>,
  findings: Findings,
  sample: Sample | undefined,
): AsyncGenerator<FoundVersion[]> {
  await using merge = new ManyMerge(sources);
  await using listing = new BatchCursor(versions);
  const stop = new Stop(merge, findings, sample);
  while (await merge.load()) {
    while (merge.next()) {
      stop.begin();
      while (true) {
        if (!listing.isReady) await listing.load();
        if (!listing.isAtRow) break;
        const order = stop.compare(listing);
        if (order > 0) break;
        if (order === 0) stop.see(listing.batch, listing.row);
        listing.step();
      }
      stop.end();
      if (stop.chosen.length >= BATCH_LENGTH) yield stop.take();
    }
  }
  if (stop.chosen.length > 0) yield stop.take();
}

const UNSEEN = 0, CHANGED = 1, FOUND = 2;

/** One key, with all sources that have it. */
class Stop {
  readonly #merge: ManyMerge;
  readonly #findings: Findings;
  readonly #sample: Sample | undefined;
  /** By the number of the source at this stop. */
  readonly #seen: number[] = [];
  chosen: FoundVersion[] = [];

  constructor(merge: ManyMerge, findings: Findings, sample: Sample | undefined) {
    this.#merge = merge;
    this.#findings = findings;
    this.#sample = sample;
  }

  begin(): void {
    for (let n = 0; n < this.#merge.count; n++) this.#seen[n] = UNSEEN;
  }

  /** Of the listing's key to this one. */
  compare(listing: BatchCursor): number {
    const { batch, row } = this.#merge.cursorAt(0);
    return compareAt(listing.batch.keys, listing.row, batch.keys, row);
  }

  /** A version of the key, as listed. */
  see(batch: EntryBatch, row: number): void {
    if ((batch.flags[row]! & DELETE_MARKER) !== 0) return;
    const owners: number[] = [];
    for (let n = 0; n < this.#merge.count; n++) {
      if (this.#seen[n] !== UNSEEN) continue;
      const named = this.#merge.cursorAt(n);
      if (compareAt(named.batch.versionIds, named.row, batch.versionIds, row) !== 0) continue;
      this.#seen[n] = isSameObject(named, batch, row) ? FOUND : CHANGED;
      if (this.#seen[n] === FOUND) owners.push(...this.#merge.ownersAt(n));
    }
    if (owners.length === 0) return;
    this.#findings.found(batch, row, owners);
    if (this.#sample?.holds(batch, row)) this.chosen.push(versionAt(batch, row, owners));
  }

  /** All versions of the key were seen. */
  end(): void {
    for (let n = 0; n < this.#merge.count; n++) {
      const state = this.#seen[n];
      if (state === FOUND) continue;
      const { batch, row } = this.#merge.cursorAt(n);
      const owners = [...this.#merge.ownersAt(n)];
      for (let m = n + 1; m < this.#merge.count; m++) {
        if (this.#seen[m] !== state || !isSameEntry(this.#merge.cursorAt(m), batch, row)) continue;
        owners.push(...this.#merge.ownersAt(m));
        this.#seen[m] = FOUND;
      }
      this.#findings.absent({ ...versionAt(batch, row, owners), isChanged: state === CHANGED });
    }
  }

  take(): FoundVersion[] {
    const chosen = this.chosen;
    this.chosen = [];
    return chosen;
  }
}

function versionAt(batch: EntryBatch, row: number, owners: readonly number[]): FoundVersion {
  return {
    key: textAt(batch.keys, row),
    versionId: textAt(batch.versionIds, row),
    size: batch.sizes[row]!,
    etag: textAt(batch.etags, row),
    lastModified: batch.lastModified[row]!,
    storageClass: batch.storageClassNames[batch.storageClasses[row]!]!,
    owners,
  };
}

/** By what a restore holds a version against: files of 2015 know no ETags. */
function isSameObject(named: BatchCursor, batch: EntryBatch, row: number): boolean {
  const { batch: own, row: at } = named;
  if (own.sizes[at] !== batch.sizes[row]) return false;
  const isUnknown = own.etags.offsets[at] === own.etags.offsets[at + 1];
  return isUnknown || compareAt(own.etags, at, batch.etags, row) === 0;
}

/** Whether two points name the same version in the same words. */
function isSameEntry(named: BatchCursor, batch: EntryBatch, row: number): boolean {
  return compareAt(named.batch.versionIds, named.row, batch.versionIds, row) === 0 &&
    isSameObject(named, batch, row);
}
