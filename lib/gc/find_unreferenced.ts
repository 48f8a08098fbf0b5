/**
 * What a bucket holds that no point names: versions that were written and overwritten between two
 * points, and the delete markers that nothing is left below.
 */
import { DELETE_MARKER, type EntryBatch, LATEST, textAt } from "../model/entry_batch.ts";
import { BatchCursor } from "../index/batch_cursor.ts";
import type { MergeSource } from "../index/merge_source.ts";
import type { Candidate } from "./candidates.ts";
import { NamedVersions } from "./named_versions.ts";
import { NoncurrentSince } from "./noncurrent_since.ts";

/** A version that no point names. */
export interface Unreferenced extends Candidate {
  /** Since when it has not been current; of a lone delete marker when it was written. */
  readonly since: number;
  /** Whether it is the one version of its key, a delete marker: current, but of no use. */
  readonly isLoneMarker: boolean;
}

/** How it is looked for. */
export interface FindUnreferencedOptions {
  /** Called for each version that no point names, current ones aside. */
  readonly onFound: (version: Pick<Unreferenced, "since" | "size">) => void;
  /** Called for each page of the listing. */
  readonly onPage?: (page: EntryBatch) => void;
  /** Yield what has not been current since then or longer. Milliseconds since 1970. */
  readonly until: number;
  /** Versions a batch. Default: 1,000, which is what S3 deletes in one request. */
  readonly batchLength?: number;
}

const DEFAULT_BATCH_LENGTH = 1000;

/**
 * The noncurrent versions and lone delete markers that no point names, in key order, in batches of
 * which none is empty. Holds a page of the listing and a block of each part whose range it is in.
 *
 * @param listing All versions of the bucket, in a listing's order.
 * @param parts What every point names.
 * @throws {SnapshotError} `CorruptSnapshot` when a part cannot be read
 */
export async function* findUnreferenced(
  listing: AsyncIterable<EntryBatch>,
  parts: readonly MergeSource[],
  options: FindUnreferencedOptions,
): AsyncGenerator<Unreferenced[]> {
  const { onPage, batchLength = DEFAULT_BATCH_LENGTH } = options;
  const sieve = new Sieve(options);
  await using named = new NamedVersions(parts);
  await using cursor = new BatchCursor(listing);
  while (await cursor.load()) {
    onPage?.(cursor.batch);
    do {
      while (!named.seek(cursor.batch, cursor.row)) await named.load();
      sieve.pass(cursor.batch, cursor.row, named);
      if (sieve.due.length >= batchLength) yield sieve.take();
    } while (cursor.step());
  }
  sieve.end();
  if (sieve.due.length > 0) yield sieve.take();
}

class Sieve {
  readonly #options: FindUnreferencedOptions;
  readonly #noncurrentSince = new NoncurrentSince();
  /** A delete marker on top of its key, until the next row tells whether anything is below it. */
  #marker: Unreferenced | undefined;
  due: Unreferenced[] = [];

  constructor(options: FindUnreferencedOptions) {
    this.#options = options;
  }

  take(): Unreferenced[] {
    const due = this.due;
    this.due = [];
    return due;
  }

  /** `named` must stand at the row's key. */
  pass(page: EntryBatch, row: number, named: NamedVersions): void {
    const since = this.#noncurrentSince.next(page, row);
    this.#settle(since === undefined);
    const flags = page.flags[row]!;
    const isCurrent = (flags & LATEST) !== 0;
    if (named.has(page, row)) return;
    if (!isCurrent && since !== undefined) this.#find(page, row, since);
    if (isCurrent && (flags & DELETE_MARKER) !== 0) {
      this.#marker = unreferencedAt(page, row, page.lastModified[row]!);
    }
  }

  /** No row follows. */
  end(): void {
    this.#settle(true);
  }

  #settle(isLone: boolean): void {
    const marker = this.#marker;
    this.#marker = undefined;
    if (!marker || !isLone) return;
    this.#options.onFound(marker);
    if (marker.since <= this.#options.until) this.due.push({ ...marker, isLoneMarker: true });
  }

  #find(page: EntryBatch, row: number, since: number): void {
    this.#options.onFound({ since, size: page.sizes[row]! });
    if (since <= this.#options.until) this.due.push(unreferencedAt(page, row, since));
  }
}

function unreferencedAt(page: EntryBatch, row: number, since: number): Unreferenced {
  return {
    key: textAt(page.keys, row),
    versionId: textAt(page.versionIds, row),
    size: page.sizes[row]!,
    etag: textAt(page.etags, row),
    lastModified: page.lastModified[row]!,
    holders: [],
    live: false,
    since,
    isLoneMarker: false,
  };
}
