/**
 * What the points of one bucket say may go: the versions that expired points name and no kept one
 * does. Reads no bucket; whether a version is current is for the caller to see.
 *
 * Parts are read only where it can matter. A part that a kept point has too (they have equal
 * hashes) holds nothing that may go; equal parts of several expired points are read once; parts of
 * kept points are read only where their keys meet those of an expired part that is left. So points
 * that hardly differ cost hardly more than their differences.
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

/** An entry at a stop of the merge. */
interface Row extends EntryAt {
  readonly owners: readonly number[];
  readonly live: boolean;
}

/** Finds the candidates among the entries of one key. */
class Sifter {
  readonly #expired: ReadonlySet<number>;
  readonly #exclusive: boolean;
  /** By the list of a part's owners, which is the same one for all its rows. */
  readonly #live = new Map<readonly number[], boolean>();
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
    if (!this.#exclusive && this.#isAllLive(merge)) return;
    const rows = this.#rowsOf(merge);
    const done = new Set<Row>();
    for (const row of rows) {
      if (done.has(row)) continue;
      const same = rows.filter((other) => isSameVersion(row, other));
      for (const other of same) done.add(other);
      const live = rows.some((other) => other.live && hasSameId(row, other));
      if (live && !this.#exclusive) continue;
      const holders = unionOf(same);
      if (!live || holders.length === 1) this.found.push(candidateAt(row, holders, live));
    }
  }

  #isAllLive(merge: ManyMerge): boolean {
    for (let n = 0; n < merge.count; n++) if (!this.#isLive(merge.ownersAt(n))) return false;
    return true;
  }

  #isLive(owners: readonly number[]): boolean {
    let live = this.#live.get(owners);
    if (live === undefined) {
      live = owners.some((owner) => !this.#expired.has(owner));
      this.#live.set(owners, live);
    }
    return live;
  }

  #rowsOf(merge: ManyMerge): Row[] {
    return Array.from({ length: merge.count }, (_, n) => {
      const { batch, row } = merge.cursorAt(n);
      const owners = merge.ownersAt(n);
      return { batch, row, owners, live: this.#isLive(owners) };
    });
  }
}

function unionOf(rows: readonly Row[]): readonly number[] {
  if (rows.length === 1) return rows[0]!.owners;
  return [...new Set(rows.flatMap(({ owners }) => owners))];
}

function candidateAt(
  { batch, row }: Row,
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
