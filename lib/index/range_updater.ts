import { type EntryBatch, sliceBatch } from "../model/entry_batch.ts";
import { BackupError } from "../model/errors.ts";
import { compareAtToBytes, compareKeys } from "../model/key_order.ts";
import type { Manifest, PartInfo } from "../model/manifest.ts";
import type { SnapshotStore } from "../model/store.ts";
import { readBytes } from "./file_reader.ts";
import { upperBound } from "./part_bounds.ts";
import { MIN_PART_ENTRIES } from "./part_cut.ts";
import { PartComparison } from "./part_comparison.ts";
import { PatchEncoder } from "./patch_encoder.ts";
import type { EntrySink, RangeEnd, RangeSummary, RangeWriter } from "./range_writer.ts";

/** Of a part's entries so many may differ; with more of them a part of its own costs less. */
const MAX_PATCHED_SHARE = 1 / 16;
/** A longer part is written anew: it is held in memory, one for each range that is written. */
const MAX_HELD_BYTES = 4 << 20;

/** When parts of the snapshot before are stored again. */
export interface ReuseLimits {
  /** Smaller parts are written anew, so that they join. Default: 4,096. */
  readonly minEntries?: number;
  /** Share of a part's entries that a patch may have rows. Default: a sixteenth. */
  readonly maxShare?: number;
}

/** The snapshot before, and when its parts are stored again. */
export interface UpdateOptions extends ReuseLimits {
  /** Of the same bucket and prefix, in the same store. */
  readonly manifest: Pick<Manifest, "id" | "parts">;
  /** Told why a part of it could not be read; it is then written anew. Default: nobody is. */
  readonly onUnreadable?: (error: BackupError) => void;
}

/** A part of the snapshot before, and the keys that are its own: those behind the one before. */
interface Slot {
  readonly part: PartInfo;
  /** The last key that may be its own. */
  readonly end: string;
  readonly endBytes: Uint8Array;
}

const textEncoder = new TextEncoder();

/** What all ranges of a snapshot know about the one before. */
export class PreviousParts {
  readonly slots: readonly Slot[];
  readonly patches: PatchEncoder;
  readonly #store: SnapshotStore;
  readonly #options: UpdateOptions;

  /** Its files are in `store`. `compress` is for patches: parts stay as they are. */
  constructor(
    store: SnapshotStore,
    options: UpdateOptions,
    encoding: { readonly compress?: boolean },
  ) {
    const { parts } = options.manifest;
    this.#store = store;
    this.#options = options;
    this.patches = new PatchEncoder(encoding);
    this.slots = parts.map((part) => {
      const end = upperBound(part);
      return { part, end, endBytes: textEncoder.encode(end) };
    });
  }

  /** Begin to hold entries against a part; undefined where that cannot be done, or does not pay. */
  async compare(part: PartInfo, signal?: AbortSignal): Promise<PartComparison | undefined> {
    const { minEntries = MIN_PART_ENTRIES, maxShare = MAX_PATCHED_SHARE } = this.#options;
    if (part.entries < minEntries || part.size > MAX_HELD_BYTES) return;
    try {
      const bytes = await this.#load(part, signal ? { signal } : {});
      return new PartComparison(bytes, Math.floor(part.entries * maxShare));
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof BackupError)) throw error;
      this.#options.onUnreadable?.(error);
    }
  }

  async #load(part: PartInfo, options: { readonly signal?: AbortSignal }): Promise<Uint8Array> {
    const bytes = new Uint8Array(part.size);
    let at = 0;
    for await (const chunk of readBytes(this.#store, this.#options.manifest.id, part, options)) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }
}

/**
 * Writes one range of keys of a snapshot as changes to the snapshot before: a part of which all keys
 * are in the range is stored again as it is, and with a patch if some of its entries differ. What
 * lies in no such part, or differs too much, is written as parts of its own. In the end the snapshot
 * has all its files, and needs none of the other's.
 */
export class RangeUpdater implements EntrySink {
  readonly #writer: RangeWriter;
  readonly #previous: PreviousParts;
  readonly #after: string | undefined;
  readonly #signal: AbortSignal | undefined;
  /** The slot of the entry that came last; behind the last one there is none. */
  #at = 0;
  #isEntered = false;
  #comparison: PartComparison | undefined;

  /** `after` is the key behind which the range begins; `writer` takes what is written anew. */
  constructor(
    writer: RangeWriter,
    previous: PreviousParts,
    after: string | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.#writer = writer;
    this.#previous = previous;
    this.#after = after;
    this.#signal = signal;
  }

  /** See {@linkcode RangeWriter.write}. */
  async write(batch: EntryBatch): Promise<void> {
    for (let row = 0; row < batch.length;) {
      await this.#enterSlotOf(batch, row);
      const end = this.#firstBeyond(batch, row);
      if (this.#comparison) {
        row = this.#comparison.add(batch, row, end);
        if (this.#comparison.isTooMany) await this.#giveUp(this.#comparison);
      } else {
        await this.#writer.write(sliceFrom(batch, row, end));
        row = end;
      }
    }
  }

  /** See {@linkcode RangeWriter.finish}. */
  async finish({ before }: RangeEnd = {}): Promise<RangeSummary> {
    const end = this.#previous.slots[this.#at]?.end;
    await this.#leaveSlot(
      before === undefined || end !== undefined && compareKeys(end, before) < 0,
    );
    return await this.#writer.finish();
  }

  /** See {@linkcode RangeWriter.abort}. */
  async abort(): Promise<void> {
    await this.#writer.abort();
  }

  async #enterSlotOf(batch: EntryBatch, row: number): Promise<void> {
    while (this.#firstBeyond(batch, row, row + 1) === row) {
      await this.#leaveSlot(true);
      this.#at++;
    }
    if (this.#isEntered) return;
    this.#isEntered = true;
    const slot = this.#previous.slots[this.#at];
    if (!slot || !this.#beginsWithin(this.#at)) return;
    this.#comparison = await this.#previous.compare(slot.part, this.#signal);
  }

  /** Whether no key of the slot lies before the range. */
  #beginsWithin(at: number): boolean {
    if (this.#after === undefined) return true;
    const end = this.#previous.slots[at - 1]?.end;
    return end !== undefined && compareKeys(this.#after, end) <= 0;
  }

  /** The first row that is behind the slot, up to `to`. */
  #firstBeyond(batch: EntryBatch, from: number, to: number = batch.length): number {
    const end = this.#previous.slots[this.#at]?.endBytes;
    if (!end || compareAtToBytes(batch.keys, to - 1, end) <= 0) return to;
    let low = from, high = to - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareAtToBytes(batch.keys, middle, end) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** `isWhole` says that all keys of the slot were in the range. */
  async #leaveSlot(isWhole: boolean): Promise<void> {
    const comparison = this.#comparison;
    this.#isEntered = false;
    if (!comparison) return;
    if (!isWhole || !comparison.finish()) return await this.#giveUp(comparison);
    this.#comparison = undefined;
    const { part: { patch: _, ...part } } = this.#previous.slots[this.#at]!;
    const { added, removed, bytes, objectBytes } = comparison;
    const rows = comparison.differences();
    const patch = rows.length === 0 ? undefined : this.#previous.patches.encode(rows);
    await this.#writer.keep({ part, bytes, objectBytes }, patch && { ...patch, added, removed });
  }

  /** Write anew what was held against the part so far. */
  async #giveUp(comparison: PartComparison): Promise<void> {
    this.#comparison = undefined;
    for await (const batch of comparison.replay()) await this.#writer.write(batch);
  }
}

function sliceFrom(batch: EntryBatch, from: number, to: number): EntryBatch {
  return from === 0 && to === batch.length ? batch : sliceBatch(batch, from, to);
}
