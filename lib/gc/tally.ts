import type { DeleteFailure } from "../s3/delete_batch.ts";
import type { Candidate } from "./candidates.ts";
import { MAX_FAILURES_TOLD } from "../model/max_failures_told.ts";

/** What a point alone holds. */
export interface Exclusive {
  versions: number;
  bytes: number;
}

/** What came of a collection, version by version. */
export class Tally {
  versionsDeleted = 0;
  bytesFreed = 0;
  /** The first of them. */
  readonly failed: DeleteFailure[] = [];
  failedCount = 0;
  /** The points that name a version that could not be deleted. */
  readonly incomplete: Set<number> = new Set();
  /** By the points' indices, how many versions of each were refused. */
  readonly refused: number[];
  /** By the points' indices. */
  readonly exclusive: readonly Exclusive[];

  /** For so many points. */
  constructor(points: number) {
    this.refused = Array.from({ length: points }, () => 0);
    this.exclusive = Array.from({ length: points }, () => ({ versions: 0, bytes: 0 }));
  }

  /** Versions that are there and not current. */
  seen(versions: readonly Candidate[]): void {
    for (const { holders, size } of versions) {
      if (holders.length !== 1) continue;
      const exclusive = this.exclusive[holders[0]!]!;
      exclusive.versions++;
      exclusive.bytes += size;
    }
  }

  /** Versions that were deleted, except for those that failed. */
  deleted(versions: readonly Candidate[], failed: readonly DeleteFailure[]): void {
    const failures = new Set(failed.map(idOf));
    for (const version of versions) {
      if (failures.has(idOf(version))) {
        this.#fail(version);
        for (const holder of version.holders) this.refused[holder]!++;
      } else {
        this.versionsDeleted++;
        this.bytesFreed += version.size;
      }
    }
    this.failedCount += failed.length;
    this.failed.push(...failed.slice(0, MAX_FAILURES_TOLD - this.failed.length));
    // A failure that cannot be told whose it is may be any point's.
    const known = new Set(versions.map(idOf));
    if (failed.some((failure) => !known.has(idOf(failure)))) versions.forEach((v) => this.#fail(v));
  }

  #fail({ holders }: Candidate): void {
    for (const holder of holders) this.incomplete.add(holder);
  }
}

function idOf({ key, versionId }: { readonly key: string; readonly versionId?: string }): string {
  return JSON.stringify([key, versionId]);
}
