import type { EntryBatch } from "../model/entry_batch.ts";
import { StoreError } from "../model/errors.ts";
import { compareKeys } from "../model/key_order.ts";
import { FORMAT_VERSION, type Manifest, PATCHED_FORMAT_VERSION } from "../model/manifest.ts";
import { manifestName } from "../model/snapshot_id.ts";
import type { SnapshotStore } from "../model/store.ts";
import { VERSION } from "../model/version.ts";
import { encodeManifest } from "./manifest_codec.ts";
import { entriesIn, lowerBound, upperBound } from "./part_bounds.ts";
import { PreviousParts, RangeUpdater, type UpdateOptions } from "./range_updater.ts";
import { type EntrySink, RangeWriter, type RangeWriterOptions } from "./range_writer.ts";
import { SnapshotFiles } from "./snapshot_files.ts";

/** Who writes, for a reader of the manifest. */
const TOOL = `backup-my-bucket ${VERSION}`;

/** What a manifest says besides what its writer knows. */
export type SnapshotInfo = Omit<Manifest, "format" | "tool" | "id" | "totals" | "parts">;

/** How a {@linkcode SnapshotWriter} writes. */
export interface SnapshotWriterOptions extends RangeWriterOptions {
  /**
   * A snapshot that may hold much the same. Its parts are stored again where little has changed,
   * with patches; they stay compressed as they are. Default: all parts are made anew.
   */
  readonly previous?: UpdateOptions;
}

/**
 * Writes a snapshot: its entries as parts while they come, then the manifest that makes it exist.
 *
 * A writer that failed, or is not wanted any more, must be told to {@linkcode abort}; one that
 * was killed leaves parts without a manifest, which gc removes.
 *
 * ```ts
 * import { SnapshotWriter } from "./snapshot_writer.ts";
 * import type { EntryBatch } from "../model/entry_batch.ts";
 * import type { SnapshotStore } from "../model/store.ts";
 *
 * async function store(store: SnapshotStore, id: string, listing: AsyncIterable<EntryBatch>) {
 *   const writer = new SnapshotWriter(store, id);
 *   try {
 *     for await (const batch of listing) await writer.write(batch);
 *     const now = new Date().toISOString();
 *     return await writer.finish({ createdAt: now, asOf: now, bucket: { name: "photos" } });
 *   } catch (error) {
 *     await writer.abort();
 *     throw error;
 *   }
 * }
 * ```
 */
export class SnapshotWriter {
  readonly #store: SnapshotStore;
  readonly #id: string;
  readonly #options: SnapshotWriterOptions;
  readonly #files: SnapshotFiles;
  readonly #previous: PreviousParts | undefined;
  readonly #ranges: EntrySink[] = [];
  #whole: EntrySink | undefined;
  /** The store may have the manifest, and it is ours. */
  #manifestBegun = false;

  /** Begin the snapshot `id`, which must be new in this store. */
  constructor(store: SnapshotStore, id: string, options: SnapshotWriterOptions = {}) {
    this.#store = store;
    this.#id = id;
    this.#options = options;
    this.#files = new SnapshotFiles(store, id, options.signal);
    const { previous } = options;
    if (previous && previous.manifest.parts.length > 0) {
      this.#previous = new PreviousParts(store, previous, options);
    }
  }

  /**
   * Add entries, in ascending order of keys. Resolves when the store is ready for more.
   *
   * @throws {RangeError} when an entry is out of order, or not one that a snapshot can hold
   * @throws {StoreError} `AlreadyExists` when the store has files of a snapshot of that name, and
   * others when it does not take these
   */
  async write(batch: EntryBatch): Promise<void> {
    this.#whole ??= this.range();
    await this.#whole.write(batch);
  }

  /**
   * A writer for one range of keys, for listings that read several at once. Ranges must not
   * overlap; they may be begun, filled and finished in any order.
   *
   * @param after No key up to this one is in the range. Default: it begins with the first key.
   */
  range({ after }: { readonly after?: string } = {}): EntrySink {
    const writer = new RangeWriter(this.#store, this.#id, this.#files, this.#options);
    const range = this.#previous
      ? new RangeUpdater(writer, this.#previous, after, this.#options.signal)
      : writer;
    this.#ranges.push(range);
    return range;
  }

  /**
   * End all ranges and write the manifest: once resolved, the snapshot exists.
   *
   * @throws {RangeError} when ranges overlap
   * @throws {StoreError} `AlreadyExists` when the store has a snapshot of that name, and others
   */
  async finish(info: SnapshotInfo): Promise<Manifest> {
    const manifest = { ...await this.#finishRanges(), ...info };
    this.#options.signal?.throwIfAborted();
    await this.#storeManifest(encodeManifest(manifest));
    return manifest;
  }

  /**
   * Remove all that was written, the manifest first. Not for a snapshot that was finished.
   *
   * @throws {StoreError} when the store does not answer; parts may then be left for gc
   */
  async abort(): Promise<void> {
    if (this.#manifestBegun) await this.#store.delete(manifestName(this.#id));
    const aborted = await Promise.allSettled(this.#ranges.map((range) => range.abort()));
    for (const result of aborted) if (result.status === "rejected") throw result.reason;
  }

  async #finishRanges(): Promise<Omit<Manifest, keyof SnapshotInfo>> {
    const summaries = await Promise.all(this.#ranges.map((range) => range.finish()));
    const parts = summaries.flatMap((summary) => summary.parts)
      .sort((a, b) => compareKeys(lowerBound(a), lowerBound(b)));
    for (const [i, part] of parts.entries()) {
      const before = parts[i - 1];
      if (before && compareKeys(upperBound(before), lowerBound(part)) >= 0) {
        throw new RangeError(`the ranges of ${before.name} and ${part.name} overlap`);
      }
    }
    const objects = parts.reduce((sum, part) => sum + entriesIn(part), 0);
    const bytes = summaries.reduce((sum, summary) => sum + summary.objectBytes, 0);
    const format = parts.some(({ patch }) => patch) ? PATCHED_FORMAT_VERSION : FORMAT_VERSION;
    return { format, tool: TOOL, id: this.#id, totals: { objects, bytes }, parts };
  }

  async #storeManifest(bytes: Uint8Array): Promise<void> {
    const name = manifestName(this.#id);
    try {
      this.#manifestBegun = true;
      await this.#put(name, bytes, true);
    } catch (error) {
      const code = error instanceof StoreError ? error.code : undefined;
      if (code === "AlreadyExists") this.#manifestBegun = false;
      if (code !== "Unsupported") throw error;
      await this.#storeManifestUnguarded(name, bytes);
    }
  }

  /**
   * For a store that cannot promise createOnly. The name ends with random characters, so a look
   * is enough: two writers would have to draw the same ones in the same second.
   */
  async #storeManifestUnguarded(name: string, bytes: Uint8Array): Promise<void> {
    this.#manifestBegun = false;
    for await (const item of this.#store.list({ prefix: name })) {
      if (item.name !== name) continue;
      throw new StoreError(
        "AlreadyExists",
        `${this.#store.url} has a snapshot ${this.#id} already`,
      );
    }
    this.#manifestBegun = true;
    await this.#put(name, bytes, false);
  }

  #put(name: string, bytes: Uint8Array, createOnly: boolean): Promise<void> {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    });
    const { signal } = this.#options;
    return this.#store.put(name, body, signal ? { createOnly, signal } : { createOnly });
  }
}
