import { type EntryBatch, textAt } from "../model/entry_batch.ts";
import { estimatePages } from "./estimate_pages.ts";
import type { KeyRange } from "./key_range.ts";
import type { RangeReader } from "./range_reader.ts";
import { keyAfter } from "./range_split.ts";
import { divergence, type SplitPoint, splitPoint } from "./split_point.ts";

/** Less than that is read as fast as it is shared: each half ends with a page that is not full. */
const MIN_PAGES_TO_CUT = 2;

/** A range that is to be read. */
export interface PendingRange {
  readonly range: KeyRange;
  /** Of the far end of another range: the last key read of that when it was cut off. */
  readonly nearKey?: string;
  /** Called once its first page is known. */
  readonly onFirst?: () => void;
}

/** Where a range can be cut. */
export interface RangeCut extends SplitPoint {
  /** About how many pages the range still has; `Infinity` where nothing can be told. */
  readonly pages: number;
}

/** A range that is being read. Other readers may be given its far ends. */
export class OpenRange {
  readonly #reader: RangeReader;
  readonly #pending: PendingRange;
  #range: KeyRange;
  #pages = 0;
  /** The first key of the page read last; undefined before the first page. */
  #pageFirst: string | undefined;
  /** A place at which its keys are known to differ; see `split_point.ts`. */
  #level: number | undefined;
  /** Far ends that were cut off, and of which nothing is known yet. */
  #unknownEnds = 0;
  /** What {@linkcode findCut} found; undefined before it looked. */
  #found: { readonly cut: RangeCut | undefined } | undefined;

  /** `reader` reads the range from its beginning. */
  constructor(reader: RangeReader, pending: PendingRange) {
    this.#reader = reader;
    this.#pending = pending;
    this.#range = pending.range;
  }

  /** Which keys it holds. Its end moves closer when it is cut. */
  get range(): KeyRange {
    return this.#range;
  }

  /** Pages read. */
  get pages(): number {
    return this.#pages;
  }

  /** The next versions, never none; undefined at the end of the range. */
  async next(): Promise<EntryBatch | undefined> {
    const page = await this.#reader.next();
    const isFirst = this.#pageFirst === undefined;
    if (page) {
      this.#pages++;
      this.#found = undefined;
      this.#pageFirst = textAt(page.keys, 0);
    }
    if (isFirst) this.#noteFirst();
    return page;
  }

  #noteFirst(): void {
    const { nearKey, onFirst } = this.#pending;
    const first = this.#pageFirst;
    if (first !== undefined && nearKey !== undefined) this.#level = divergence(first, nearKey);
    onFirst?.();
  }

  /**
   * Where to cut it in halves; undefined while nothing is known of it, or of what was cut off last,
   * which may have been cut off wrongly; and where the rest is not worth it.
   */
  findCut(): RangeCut | undefined {
    if (this.#unknownEnds > 0) return;
    this.#found ??= { cut: this.#findCut() };
    return this.#found.cut;
  }

  #findCut(): RangeCut | undefined {
    const pageFirst = this.#pageFirst, pageLast = this.#reader.lastKey, { before } = this.#range;
    if (this.#reader.isDone || pageFirst === undefined || pageLast === undefined) return;
    const pages = estimatePages(pageFirst, pageLast, before);
    if (pages < MIN_PAGES_TO_CUT) return;
    const point = splitPoint({ pageFirst, pageLast, before, level: this.#level });
    return point && { ...point, pages };
  }

  /**
   * End it at its cut. With `most` above 1 it is halved again, and again, as if nothing were found
   * behind the cuts: whoever has readers to spare need not wait to see it. Once its end is known, only
   * at the place of the first cut: deeper ones would mostly find nothing.
   *
   * @returns What lies behind the cuts: one range at least, at most `most`
   */
  cutOff(most: number): PendingRange[] {
    const ends: PendingRange[] = [];
    const nearKey = this.#reader.lastKey!;
    const onFirst = () => void this.#unknownEnds--;
    const first = this.findCut();
    const deepest = first?.pages === Infinity ? Infinity : first?.level ?? 0;
    for (
      let cut = first;
      cut && cut.level <= deepest && ends.length < most;
      cut = this.#findCut()
    ) {
      ends.push({ range: { ...this.#range, after: cut.key }, nearKey, onFirst });
      this.#range = { ...this.#range, before: keyAfter(cut.key) };
    }
    this.#unknownEnds = ends.length;
    this.#found = undefined;
    if (this.#range.before !== undefined) this.#reader.endBefore(this.#range.before);
    return ends;
  }
}
