/**
 * The last look at the bucket before a deletion: which candidates are still there, and are not
 * current. Only pages that can hold candidates are listed, so that few candidates cost few
 * requests, and many never more than one listing of the bucket.
 */
import { columnOf } from "../model/column_of.ts";
import {
  type ByteColumn,
  DELETE_MARKER,
  type EntryBatch,
  LATEST,
  textAt,
} from "../model/entry_batch.ts";
import { compareAt } from "../model/key_order.ts";
import { keyBefore } from "../s3/key_before.ts";
import type { Candidate } from "./candidates.ts";
import { NoncurrentSince } from "./noncurrent_since.ts";
import type { Replica } from "./replica.ts";

/**
 * Pages listed before what they showed is handed on, to be deleted. It bounds how old a look may
 * be: a few seconds on a slow server.
 */
const MAX_PAGES_PER_LOOK = 16;

/** A version that may go, and what must still be so by then. */
export interface Suspect
  extends Pick<Candidate, "key" | "versionId" | "size" | "etag" | "lastModified"> {
  /**
   * It must not have been current since then or longer, in milliseconds since 1970. Default: it
   * must not be current.
   */
  readonly since?: number;
  /** Whether it must be the one version of its key, a delete marker. Default: false. */
  readonly isLoneMarker?: boolean;
}

/**
 * Yields those of the candidates that may be deleted now, at most as many at once as there are.
 *
 * Left out are versions that are gone; that are current (again), because a delete marker above
 * them was removed; a `null` version that another object has replaced since; and a lone delete
 * marker that has company.
 *
 * @param candidates In key order.
 * @throws {S3Error} when the bucket cannot be listed
 */
export async function* lookAgain<Version extends Suspect>(
  replica: Replica,
  candidates: readonly Version[],
  signal: AbortSignal,
): AsyncGenerator<Version[]> {
  const sieve = new Sieve(candidates);
  let pages = 0;
  while (sieve.next) {
    let jumped = false;
    for await (const page of replica.listVersions(keyBefore(sieve.next.key), { signal })) {
      sieve.pass(page);
      if (++pages >= MAX_PAGES_PER_LOOK && sieve.doomed.length > 0) {
        yield sieve.take();
        pages = 0;
      }
      // The next page of this listing may be far from the next candidate.
      jumped = !sieve.isWithin(page);
      if (jumped) break;
    }
    // Without a jump the listing came to the bucket's end.
    if (!jumped) break;
  }
  sieve.end();
  if (sieve.doomed.length > 0) yield sieve.take();
}

class Sieve<Version extends Suspect> {
  readonly #candidates: readonly Version[];
  readonly #keys: ByteColumn;
  readonly #noncurrentSince = new NoncurrentSince();
  #at = 0;
  /** A delete marker that is doomed unless the next row is of the same key. */
  #marker: Version | undefined;
  doomed: Version[] = [];

  constructor(candidates: readonly Version[]) {
    this.#candidates = candidates;
    this.#keys = columnOf(candidates.map(({ key }) => key));
  }

  /** The first candidate whose key's versions were not all seen. */
  get next(): Version | undefined {
    return this.#candidates[this.#at];
  }

  take(): Version[] {
    const doomed = this.doomed;
    this.doomed = [];
    return doomed;
  }

  /** Hold the versions of a page, or of a part of one, against the candidates. */
  pass(page: EntryBatch): void {
    for (let row = 0; row < page.length; row++) {
      const since = this.#noncurrentSince.next(page, row);
      this.#settle(since === undefined);
      while (this.#order(page, row, this.#at) > 0) this.#at++;
      for (let i = this.#at; this.#order(page, row, i) === 0; i++) {
        const candidate = this.#candidates[i]!;
        if (!isSameVersion(candidate, page, row)) continue;
        if (candidate.isLoneMarker) {
          this.#marker = isCurrentMarker(page, row) ? candidate : undefined;
        } else if (isDoomed(candidate, page, row, since)) this.doomed.push(candidate);
      }
    }
  }

  /** No row follows that could be of the last one's key. */
  end(): void {
    this.#settle(true);
  }

  #settle(isLone: boolean): void {
    if (this.#marker && isLone) this.doomed.push(this.#marker);
    this.#marker = undefined;
  }

  /** Whether more versions of the page's last key may be wanted. */
  isWithin(page: EntryBatch): boolean {
    return this.#order(page, page.length - 1, this.#at) === 0;
  }

  /** Of the key in a page's row to that of candidate `i`; negative when there is none. */
  #order(page: EntryBatch, row: number, i: number): number {
    return i < this.#candidates.length ? compareAt(page.keys, row, this.#keys, i) : -1;
  }
}

/** `since`: see {@linkcode NoncurrentSince}. */
function isDoomed(
  candidate: Suspect,
  page: EntryBatch,
  row: number,
  since: number | undefined,
): boolean {
  if ((page.flags[row]! & LATEST) !== 0) return false;
  return candidate.since === undefined || since !== undefined && since <= candidate.since;
}

function isCurrentMarker(page: EntryBatch, row: number): boolean {
  return page.flags[row] === (LATEST | DELETE_MARKER);
}

function isSameVersion(candidate: Suspect, page: EntryBatch, row: number): boolean {
  if (textAt(page.versionIds, row) !== candidate.versionId) return false;
  return candidate.versionId !== "null" || isSameNull(candidate, page, row);
}

/** Every object written without versioning has the id `null` in turn; deleting it must not hit
 * another than the one that the points mean. */
function isSameNull(candidate: Suspect, page: EntryBatch, row: number): boolean {
  return candidate.lastModified === page.lastModified[row] &&
    candidate.size === page.sizes[row] &&
    (candidate.etag === "" || candidate.etag === textAt(page.etags, row));
}
