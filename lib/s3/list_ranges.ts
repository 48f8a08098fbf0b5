import { type EntryBatch, textAt } from "../model/entry_batch.ts";
import type { Bucket } from "./bucket.ts";
import { isEmptyRange, type KeyRange } from "./key_range.ts";
import { type ListVersionsOptions, rangeOf } from "./list_versions.ts";
import { cutRange, keyAfter } from "./range_split.ts";
import { RangeReader } from "./range_reader.ts";
import { runBounded } from "./run_bounded.ts";
import { divergence, splitPoint } from "./split_point.ts";

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

/** With known keys, ranges for each reader: enough that none is left with a long last one. */
const RANGES_PER_READER = 4;

/**
 * Read a bucket's versions by disjoint key ranges, many at once. Together the ranges hold what
 * {@linkcode listVersions} gives, each version once; nothing is said about the order of the ranges.
 *
 * Known keys cut it evenly. Where there are none, or a range turns out much longer than the others,
 * a reader that has nothing to do takes over the far half of the largest one that is being read.
 *
 * @param consume Called once for each range that is not empty, for as many at once as are read. Its
 * batches are in key order; the range is read on as they are taken. What it throws ends all.
 * @throws {S3Error} as {@linkcode listVersions} does
 * @throws {InputError} as {@linkcode listVersions} does
 */
export async function listRanges(
  bucket: Bucket,
  options: ListRangesOptions,
  consume: (batches: AsyncGenerator<EntryBatch>) => Promise<void>,
): Promise<void> {
  const { splitKeys = [], concurrency = bucket.concurrency, signal } = options;
  const range = rangeOf(bucket, options);
  if (isEmptyRange(range)) return;
  const ranges = cutRange(range, splitKeys, concurrency * RANGES_PER_READER);
  const listing = new ParallelListing(bucket, ranges, options, consume);
  const readers = Array.from({ length: concurrency }, (_, i) => i);
  await runBounded(readers, concurrency, (_, stop) => listing.read(stop), signal);
}

/**
 * Pages that a range between known keys must turn out to have before it is cut again: the keys cut
 * evenly, so one that goes on for longer has grown since. Cutting sooner would only move the cuts
 * of a bucket that stays as it is.
 */
const PAGES_BEFORE_CUT = 64;

/** A range that is being read. */
interface OpenRange {
  readonly reader: RangeReader;
  range: KeyRange;
  /** Pages read. */
  pages: number;
  /** The first key of the page read last; undefined before the first page. */
  pageFirst: string | undefined;
  /** A place at which its keys are known to differ; see `split_point.ts`. */
  level: number | undefined;
  /** Whether another reader was given its far end, and does not know yet what is there. */
  isProbed: boolean;
}

/** Ranges yet to be read, ranges being read, and who reads them. */
class ParallelListing {
  readonly #bucket: Bucket;
  readonly #waiting: KeyRange[];
  readonly #open = new Set<OpenRange>();
  readonly #consume: (batches: AsyncGenerator<EntryBatch>) => Promise<void>;
  readonly #onPage: (versions: number) => void;
  readonly #settledBy: number | undefined;
  readonly #pagesBeforeCut: number;
  #change = Promise.withResolvers<void>();

  constructor(
    bucket: Bucket,
    ranges: readonly KeyRange[],
    { onPage = () => {}, settledBy }: ListRangesOptions,
    consume: (batches: AsyncGenerator<EntryBatch>) => Promise<void>,
  ) {
    this.#bucket = bucket;
    this.#waiting = [...ranges];
    this.#pagesBeforeCut = ranges.length > 1 ? PAGES_BEFORE_CUT : 1;
    this.#consume = consume;
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
        const waiting = this.#waiting.shift();
        if (waiting) await this.#readRange(this.#openRange(waiting, signal));
        else if (!await this.#takeOver(signal)) {
          if (this.#open.size === 0) return;
          await change;
        }
      }
    } finally {
      signal.removeEventListener("abort", wake);
    }
  }

  #openRange(range: KeyRange, signal: AbortSignal): OpenRange {
    const reader = new RangeReader(this.#bucket, range, { signal, settledBy: this.#settledBy });
    const open = {
      reader,
      range,
      pages: 0,
      pageFirst: undefined,
      level: undefined,
      isProbed: false,
    };
    this.#open.add(open);
    return open;
  }

  /** `onFirst` is told of the first page, or that there is none. */
  async #readRange(open: OpenRange, onFirst?: (batch?: EntryBatch) => void): Promise<void> {
    try {
      const first = await this.#nextPage(open);
      // Before any other reader looks for a range to cut: it may find this one.
      onFirst?.(first);
      if (first) await this.#consume(this.#batches(open, first));
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
    const batch = await open.reader.next();
    if (!batch) return undefined;
    open.pages++;
    open.pageFirst = textAt(batch.keys, 0);
    this.#onPage(batch.length);
    return batch;
  }

  /** Read the far half of the largest range that can be halved; false when there is none. */
  async #takeOver(signal: AbortSignal): Promise<boolean> {
    const [largest] = [...this.#open]
      .filter(({ pages }) => pages >= this.#pagesBeforeCut)
      .map((open) => ({ open, point: splitPointOf(open) }))
      .sort((a, b) => (a.point?.level ?? Infinity) - (b.point?.level ?? Infinity));
    if (!largest?.point) return false;
    const { open, point: { key } } = largest;
    const lastKey = open.reader.lastKey!;
    const far = this.#openRange({ ...open.range, after: key }, signal);
    open.range = { ...open.range, before: keyAfter(key) };
    open.reader.endBefore(keyAfter(key));
    open.isProbed = true;
    await this.#readRange(far, (first) => {
      open.isProbed = false;
      if (first) far.level = divergence(textAt(first.keys, 0), lastKey);
    });
    return true;
  }

  /** Something changed: readers without a range look again. */
  #announce(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}

/** Undefined for a range of which nothing is known yet, or that was cut and may be cut wrongly. */
function splitPointOf({ reader, range, pageFirst, level, isProbed }: OpenRange) {
  const pageLast = reader.lastKey;
  if (isProbed || reader.isDone || pageFirst === undefined || pageLast === undefined) return;
  return splitPoint({ pageFirst, pageLast, before: range.before, level });
}
