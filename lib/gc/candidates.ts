/**
 * What the points of one bucket say may go: the versions that expired points name and no kept one
 * does. Reads no bucket; whether a version is current is for the caller to see.
 *
 * Parts are read only where it can matter. A part that a kept point has too (they have equal
 * hashes) holds nothing that may go; equal parts of several expired points are read once; parts of
 * kept points are read only where their keys meet those of an expired part that is left; and of
 * points that have one part with patches, the part and the patches once. So points that hardly differ
 * cost hardly more than their differences.
 */
import { textAt } from "../model/entry_batch.ts";
import { ManyMerge } from "../index/many_merge.ts";
import type { SnapshotStore } from "../model/store.ts";
import type { Point } from "../point.ts";
import { type EntryAt, hasSameId, isSameVersion } from "./same_version.ts";
import { selectParts } from "./select_parts.ts";

/** A version that some points name. */
export interface Candidate {
  readonly key: string;
  readonly versionId: string;
  /** Bytes. */
  readonly size: number;
  /** Empty where the points do not know. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
  /** The points that name it, as indices into the list that was given; at least one. */
  readonly holders: readonly number[];
  /** Whether a kept point names it, so that it must stay; see {@linkcode CandidateOptions}. */
  readonly live: boolean;
}

/** What is looked for. */
export interface CandidateOptions {
  /**
   * Also yield what a single kept point alone names, so that the caller can tell what it costs.
   * Default: false.
   */
  readonly exclusive?: boolean;
  /** Expired points that may be damaged, by their indices: what cannot be read stays. */
  readonly givenUp?: ReadonlySet<number>;
  /** Candidates a batch. Default: 1,000, which is what S3 deletes in one request. */
  readonly batchLength?: number;
  /** Abort: the iteration throws the reason. */
  readonly signal: AbortSignal;
}

const DEFAULT_BATCH_LENGTH = 1000;

/**
 * The versions that only expired points name, in key order, in batches of which none is empty.
 * Holds a block of entries of each part whose range it is in, and one batch.
 *
 * @param points Every point that names versions of the bucket.
 * @param expired Which of them are expired, by the same indices.
 * @throws {SnapshotError} `CorruptSnapshot` when a part cannot be read
 */
export async function* findCandidates(
  store: SnapshotStore,
  points: readonly Point[],
  expired: ReadonlySet<number>,
  options: CandidateOptions,
): AsyncGenerator<Candidate[]> {
  const { exclusive = false, givenUp, batchLength = DEFAULT_BATCH_LENGTH, signal } = options;
  const parts = selectParts(store, points, expired, { exclusive, givenUp, signal });
  const sifter = new Sifter(expired, exclusive);
  await using merge = new ManyMerge(parts);
  while (await merge.load()) {
    while (merge.next()) {
      sifter.sift(merge);
      if (sifter.found.length >= batchLength) yield sifter.take();
    }
  }
  if (sifter.found.length > 0) yield sifter.take();
}

/** One object among the entries of a key, with all that have it. */
interface Named extends EntryAt {
  /** No point is in two of them: it has one entry a key. */
  readonly owners: (readonly number[])[];
  live: boolean;
}

/** Finds the candidates among the entries of one key. */
class Sifter {
  readonly #expired: ReadonlySet<number>;
  readonly #exclusive: boolean;
  /** The list of owners that was asked about last: the same one for most of a part's rows. */
  #owners: readonly number[] = [];
  #isOwnersLive = false;
  found: Candidate[] = [];

  constructor(expired: ReadonlySet<number>, exclusive: boolean) {
    this.#expired = expired;
    this.#exclusive = exclusive;
  }

  take(): Candidate[] {
    const found = this.found;
    this.found = [];
    return found;
  }

  /** Each version of the stop's key once, however many points name it. */
  sift(merge: ManyMerge): void {
    if (merge.count === 1 && this.#isOfNoInterest(merge.ownersAt(0))) return merge.passAlone();
    if (!this.#exclusive && this.#isAllLive(merge)) return;
    const all = this.#objectsOf(merge);
    for (const named of all) {
      const live = all.some((other) => other.live && hasSameId(named, other));
      if (live && !this.#exclusive) continue;
      const holders = joined(named.owners);
      if (!live || holders.length === 1) this.found.push(candidateAt(named, holders, live));
    }
  }

  /** What several points have, one of them a kept one. Most of all that there is. */
  #isOfNoInterest(owners: readonly number[]): boolean {
    return this.#isLive(owners) && !(this.#exclusive && owners.length === 1);
  }

  #isAllLive(merge: ManyMerge): boolean {
    for (let n = 0; n < merge.count; n++) if (!this.#isLive(merge.ownersAt(n))) return false;
    return true;
  }

  #isLive(owners: readonly number[]): boolean {
    if (owners !== this.#owners) {
      this.#owners = owners;
      this.#isOwnersLive = owners.some((owner) => !this.#expired.has(owner));
    }
    return this.#isOwnersLive;
  }

  #objectsOf(merge: ManyMerge): Named[] {
    const all: Named[] = [];
    for (let n = 0; n < merge.count; n++) {
      const cursor = merge.cursorAt(n), owners = merge.ownersAt(n);
      const live = this.#isLive(owners);
      const known = all.find((named) => isSameVersion(named, cursor));
      if (known) {
        known.owners.push(owners);
        known.live ||= live;
      } else all.push({ batch: cursor.batch, row: cursor.row, owners: [owners], live });
    }
    return all;
  }
}

/** All in one list; the list itself where there is but one. */
function joined(lists: readonly (readonly number[])[]): readonly number[] {
  if (lists.length === 1) return lists[0]!;
  const all: number[] = [];
  for (const list of lists) for (const each of list) all.push(each);
  return all;
}

function candidateAt(
  { batch, row }: EntryAt,
  holders: readonly number[],
  live: boolean,
): Candidate {
  return {
    key: textAt(batch.keys, row),
    versionId: textAt(batch.versionIds, row),
    size: batch.sizes[row]!,
    etag: textAt(batch.etags, row),
    lastModified: batch.lastModified[row]!,
    holders,
    live,
  };
}
