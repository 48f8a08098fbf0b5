import type { EntryBatch } from "../model/entry_batch.ts";
import type { Bucket } from "./bucket.ts";
import { isEmptyRange, type KeyRange } from "./key_range.ts";
import { type ListVersionsOptions, rangeOf } from "./list_versions.ts";
import { OpenRange, type PendingRange, type RangeCut } from "./open_range.ts";
import { cutRange } from "./range_split.ts";
import { RangeReader } from "./range_reader.ts";
import { runBounded } from "./run_bounded.ts";

/** What to list, and where it may be cut. */
export interface ListRangesOptions extends ListVersionsOptions {
  /** Keys that cut the bucket into parts of about one size, as a snapshot of it tells them. */
  readonly splitKeys?: readonly string[];
  /**
   * Of a key that has a version dated not after this moment, in milliseconds since 1970, older ones
   * may be left out. Default: all versions are given.
   */
  readonly settledBy?: number;
  /** Ranges that are read at once. Default: the bucket's concurrency. */
  readonly concurrency?: number;
}

/** Takes the versions of one range. */
export type ConsumeRange = (
  batches: AsyncGenerator<EntryBatch>,
  rangeNow: () => KeyRange,
) => Promise<void>;

/** With known keys, ranges for each reader: enough that none is left with a long last one. */
const RANGES_PER_READER = 4;

/**
 * Read a bucket's versions by disjoint key ranges, many at once. Together the ranges hold what
 * {@linkcode listVersions} gives, each version once; nothing is said about the order of the ranges.
 *
 * Known keys cut it evenly. Where there are none, or a range turns out much longer than the others,
 * readers that have nothing to do take over the far half of the largest one that is being read; many
 * of them at once take over half of its near half, too, and so on, but no more than the pages read so
 * far make likely to be worth their requests.
 *
 * @param consume Called once for each range that is not empty, for as many at once as are read. Its
 * batches are in key order; the range is read on as they are taken. `rangeNow` tells which keys they
 * are of: its beginning does not change, its end may still move closer until the last batch was
 * taken. What it throws ends all.
 * @throws {S3Error} as {@linkcode listVersions} does
 * @throws {InputError} as {@linkcode listVersions} does
 */
export async function listRanges(
  bucket: Bucket,
  options: ListRangesOptions,
  consume: ConsumeRange,
): Promise<void> {
  const { splitKeys = [], concurrency = bucket.concurrency, signal } = options;
  const range = rangeOf(bucket, options);
  if (isEmptyRange(range)) return;
  const ranges = cutRange(range, splitKeys, concurrency * RANGES_PER_READER);
  const pending = ranges.map((range) => ({ range }));
  const listing = new ParallelListing(bucket, pending, options, consume);
  const readers = Array.from({ length: concurrency }, (_, i) => i);
  await runBounded(readers, concurrency, (_, stop) => listing.read(stop), signal);
}

/**
 * Pages that a range between known keys must turn out to have before it is cut again: the keys cut
 * evenly, so one that goes on for longer has grown since. Cutting sooner would only move the cuts
 * of a bucket that stays as it is.
 */
const PAGES_BEFORE_CUT = 64;
/**
 * Ranges that may be cut off before anything is known, and for each page read from then on. A cut costs
 * about a request: many ranges hold nothing, and all end with a page that is not full. So a
 * bucket of few pages is not read by many more requests than it has pages, and many readers are at
 * work within a few round trips where there is much to read.
 */
const FIRST_CUTS = 8, CUTS_PER_PAGE = 0.5;

/** Ranges yet to be read, ranges being read, and who reads them. */
class ParallelListing {
  readonly #bucket: Bucket;
  readonly #waiting: PendingRange[];
  readonly #open = new Set<OpenRange>();
  readonly #consume: ConsumeRange;
  readonly #concurrency: number;
  readonly #onPage: (versions: number) => void;
  readonly #settledBy: number | undefined;
  readonly #pagesBeforeCut: number;
  #pages = 0;
  /** Ranges that were cut off others. */
  #cuts = 0;
  #change = Promise.withResolvers<void>();

  constructor(
    bucket: Bucket,
    ranges: readonly PendingRange[],
    { concurrency = bucket.concurrency, onPage = () => {}, settledBy }: ListRangesOptions,
    consume: ConsumeRange,
  ) {
    this.#bucket = bucket;
    this.#waiting = [...ranges];
    this.#pagesBeforeCut = ranges.length > 1 ? PAGES_BEFORE_CUT : 1;
    this.#consume = consume;
    this.#concurrency = concurrency;
    this.#onPage = onPage;
    this.#settledBy = settledBy;
  }

  /** What one reader does: read ranges until no range is waiting or open. */
  async read(signal: AbortSignal): Promise<void> {
    const wake = () => this.#announce();
    signal.addEventListener("abort", wake, { once: true });
    try {
      while (true) {
        signal.throwIfAborted();
        const change = this.#change.promise;
        if (this.#waiting.length === 0) this.#cutLargest();
        const waiting = this.#waiting.shift();
        if (waiting) await this.#readRange(waiting, signal);
        else if (this.#open.size === 0) return;
        else await change;
      }
    } finally {
      signal.removeEventListener("abort", wake);
    }
  }

  async #readRange(pending: PendingRange, signal: AbortSignal): Promise<void> {
    const { range } = pending;
    const reader = new RangeReader(this.#bucket, range, { signal, settledBy: this.#settledBy });
    const open = new OpenRange(reader, pending);
    this.#open.add(open);
    try {
      const first = await this.#nextPage(open);
      if (first) await this.#consume(this.#batches(open, first), () => open.range);
    } finally {
      this.#open.delete(open);
      this.#announce();
    }
  }

  async *#batches(open: OpenRange, first: EntryBatch): AsyncGenerator<EntryBatch> {
    for (let batch: EntryBatch | undefined = first; batch; batch = await this.#nextPage(open)) {
      this.#announce();
      yield batch;
    }
  }

  async #nextPage(open: OpenRange): Promise<EntryBatch | undefined> {
    const batch = await open.next();
    if (batch) {
      this.#pages++;
      this.#onPage(batch.length);
    }
    return batch;
  }

  /** Let the far ends of the largest range wait for the readers that have nothing to do. */
  #cutLargest(): void {
    const affordable = Math.floor(FIRST_CUTS + CUTS_PER_PAGE * this.#pages) - this.#cuts;
    const free = Math.min(this.#concurrency - this.#open.size, affordable);
    if (free <= 0) return;
    const cuttable = [...this.#open]
      .filter(({ pages }) => pages >= this.#pagesBeforeCut)
      .map((open) => ({ open, cut: open.findCut() }))
      .filter((candidate): candidate is Cuttable => candidate.cut !== undefined)
      .sort((a, b) => bySize(a.cut, b.cut));
    const [largest] = cuttable;
    if (!largest) return;
    const ends = largest.open.cutOff(Math.ceil(free / cuttable.length));
    this.#cuts += ends.length;
    this.#waiting.push(...ends);
    this.#announce();
  }

  /** Something changed: readers without a range look again. */
  #announce(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}

/** A range that can be cut. */
interface Cuttable {
  readonly open: OpenRange;
  readonly cut: RangeCut;
}

/** The largest first. Of those of which nothing can be told, the one that differs the earliest. */
function bySize(a: RangeCut, b: RangeCut): number {
  return a.pages === b.pages ? a.level - b.level : b.pages - a.pages;
}
