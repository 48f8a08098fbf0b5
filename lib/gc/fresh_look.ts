/**
 * The last look at the bucket before a deletion: which candidates are still there, and are not
 * current. Only pages that can hold candidates are listed, so that few candidates cost few
 * requests, and many never more than one listing of the bucket.
 */
import { type EntryBatch, LATEST, textAt } from "../model/entry_batch.ts";
import { compareAtToBytes } from "../model/key_order.ts";
import { keyBefore } from "../s3/key_before.ts";
import type { Candidate } from "./candidates.ts";
import type { Replica } from "./replica.ts";

/**
 * Pages listed before what they showed is handed on, to be deleted. It bounds how old a look may
 * be: a few seconds on a slow server.
 */
const MAX_PAGES_PER_LOOK = 16;

/**
 * Yields those of the candidates that may be deleted now, at most as many at once as there are.
 *
 * Left out are versions that are gone; that are current (again), because a delete marker above
 * them was removed; and a `null` version that another object has replaced since.
 *
 * @param candidates In key order.
 * @throws {S3Error} when the bucket cannot be listed
 */
export async function* lookAgain(
  replica: Replica,
  candidates: readonly Candidate[],
  signal: AbortSignal,
): AsyncGenerator<Candidate[]> {
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
  if (sieve.doomed.length > 0) yield sieve.take();
}

const encoder = new TextEncoder();

class Sieve {
  readonly #candidates: readonly Candidate[];
  readonly #keys: readonly Uint8Array[];
  #at = 0;
  doomed: Candidate[] = [];

  constructor(candidates: readonly Candidate[]) {
    this.#candidates = candidates;
    this.#keys = candidates.map(({ key }) => encoder.encode(key));
  }

  /** The first candidate whose key's versions were not all seen. */
  get next(): Candidate | undefined {
    return this.#candidates[this.#at];
  }

  take(): Candidate[] {
    const doomed = this.doomed;
    this.doomed = [];
    return doomed;
  }

  /** Hold the versions of a page, or of a part of one, against the candidates. */
  pass(page: EntryBatch): void {
    for (let row = 0; row < page.length; row++) {
      while (this.#order(page, row, this.#at) > 0) this.#at++;
      for (let i = this.#at; this.#order(page, row, i) === 0; i++) {
        const candidate = this.#candidates[i]!;
        if (isDoomed(candidate, page, row)) {
          this.doomed.push(candidate);
        }
      }
    }
  }

  /** Whether more versions of the page's last key may be wanted. */
  isWithin(page: EntryBatch): boolean {
    return this.#order(page, page.length - 1, this.#at) === 0;
  }

  /** Of the key in a page's row to that of candidate `i`; negative when there is none. */
  #order(page: EntryBatch, row: number, i: number): number {
    const key = this.#keys[i];
    return key ? compareAtToBytes(page.keys, row, key) : -1;
  }
}

function isDoomed(candidate: Candidate, page: EntryBatch, row: number): boolean {
  if ((page.flags[row]! & LATEST) !== 0) return false;
  if (textAt(page.versionIds, row) !== candidate.versionId) return false;
  return candidate.versionId !== "null" || isSameNull(candidate, page, row);
}

/** Every object written without versioning has the id `null` in turn; deleting it must not hit
 * another than the one that the points mean. */
function isSameNull(candidate: Candidate, page: EntryBatch, row: number): boolean {
  return candidate.lastModified === page.lastModified[row] &&
    candidate.size === page.sizes[row] &&
    (candidate.etag === "" || candidate.etag === textAt(page.etags, row));
}
