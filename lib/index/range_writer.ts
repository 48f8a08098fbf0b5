import type { EntryBatch } from "../model/entry_batch.ts";
import type { PartInfo } from "../model/manifest.ts";
import { partName } from "../model/snapshot_id.ts";
import type { SnapshotStore } from "../model/store.ts";
import { BlockEncoder } from "./block_encoder.ts";
import { PartWriter } from "./part_writer.ts";
import type { EncodedPatch } from "./patch_encoder.ts";
import { putBytes } from "./put_bytes.ts";
import { patchFileName, type SnapshotFiles } from "./snapshot_files.ts";
import { StoreUpload } from "./store_upload.ts";

/**
 * Parts that may wait for the store to keep them while the next is being filled. Finishing an
 * upload takes S3 longer than the listing takes to bring another part.
 */
const PARTS_CLOSING = 2;

/** How {@linkcode RangeWriter} writes. */
export interface RangeWriterOptions {
  /** Whether blocks are compressed. Default: true. */
  readonly compress?: boolean;
  /** Abort: calls reject with the reason; call `abort()` to remove what was stored. */
  readonly signal?: AbortSignal;
}

/** What a range came to. */
export interface RangeSummary {
  readonly parts: readonly PartInfo[];
  /** Sum of the objects' sizes. */
  readonly objectBytes: number;
}

/** Where a range came to its end. */
export interface RangeEnd {
  /** No key of the range sorts after this one, nor is it this one. Default: it has no end. */
  readonly before?: string;
}

/** Takes the entries of one range of keys of a snapshot. */
export interface EntrySink {
  /** Add entries, which must sort after those added before. */
  write(batch: EntryBatch): Promise<void>;
  /** End the range. Resolves when the store keeps all of it. */
  finish(end?: RangeEnd): Promise<RangeSummary>;
  /** Stop, and delete what the store has of the range. */
  abort(): Promise<void>;
}

/** A part's file as it is, to be stored once more. */
export interface KeptPart {
  readonly part: PartInfo;
  readonly bytes: Uint8Array;
  /** Sum of the sizes of the objects, patch applied. */
  readonly objectBytes: number;
}

/** What a kept part lacks, has too much, or has otherwise. */
export interface KeptPatch extends EncodedPatch {
  readonly added: number;
  readonly removed: number;
}

/**
 * Writes one range of keys of a snapshot as parts. Holds a few blocks in memory, however many
 * entries come.
 */
export class RangeWriter implements EntrySink {
  readonly #store: SnapshotStore;
  readonly #id: string;
  readonly #files: SnapshotFiles;
  readonly #signal: AbortSignal | undefined;
  readonly #options: RangeWriterOptions;
  /** Most of what a range holds in memory: a writer of many ranges keeps those that ended, too. */
  #encoder: BlockEncoder | undefined;
  /** All that the store may have. */
  readonly #begun: string[] = [];
  readonly #parts: PartInfo[] = [];
  /** Have all their entries. The oldest first. */
  readonly #closing: Promise<PartInfo>[] = [];
  #objectBytes = 0;
  #part: PartWriter | undefined;

  /** `files` is shared by all that write to the snapshot `id`. */
  constructor(
    store: SnapshotStore,
    id: string,
    files: SnapshotFiles,
    options: RangeWriterOptions = {},
  ) {
    this.#store = store;
    this.#id = id;
    this.#files = files;
    this.#signal = options.signal;
    this.#options = options;
  }

  /**
   * Add entries, which must sort after those added before. Resolves when the store is ready for
   * more; the batch may then be used again.
   *
   * @throws {RangeError} when an entry is out of order, or not one that a snapshot can hold
   * @throws {StoreError} when the store does not take it
   */
  async write(batch: EntryBatch): Promise<void> {
    for (let row = 0; row < batch.length;) {
      this.#signal?.throwIfAborted();
      const part = this.#part ??= await this.#beginPart();
      row = part.add(batch, row);
      if (part.ended) await this.#endPart(part);
      else if (row < batch.length) await part.flush();
    }
  }

  /**
   * Add a part that another snapshot has, too. Its keys sort after those added before, those of the
   * patch included.
   *
   * @throws {StoreError} when the store does not take it
   */
  async keep({ part, bytes, objectBytes }: KeptPart, patch?: KeptPatch): Promise<void> {
    this.#signal?.throwIfAborted();
    if (this.#part) await this.#endPart(this.#part);
    const name = await this.#files.nextPart();
    await this.#settleWith(this.#storeKept({ ...part, name }, bytes, patch), objectBytes);
    // Whole files are in memory, not blocks: one a range is enough.
    await this.#settle(0);
  }

  /** End the range. Resolves when the store keeps all of it. @throws {StoreError} */
  async finish(): Promise<RangeSummary> {
    this.#signal?.throwIfAborted();
    if (this.#part) await this.#endPart(this.#part);
    this.#encoder = undefined;
    await this.#settle(0);
    return { parts: this.#parts, objectBytes: this.#objectBytes };
  }

  /** Stop, and delete the range's parts from the store. @throws {StoreError} */
  async abort(): Promise<void> {
    await this.#part?.abort(new Error(`the snapshot ${this.#id} is not being finished`));
    await Promise.allSettled(this.#closing);
    for (const name of this.#begun) await this.#store.delete(name);
  }

  async #beginPart(): Promise<PartWriter> {
    const name = await this.#files.nextPart();
    const stored = partName(this.#id, name);
    this.#begun.push(stored);
    const upload = new StoreUpload(this.#store, stored, this.#signal);
    this.#encoder ??= new BlockEncoder(this.#options);
    return new PartWriter(name, this.#encoder, upload);
  }

  async #endPart(part: PartWriter): Promise<void> {
    const closed = part.close();
    this.#part = undefined;
    await this.#settleWith(closed, part.objectBytes);
  }

  async #settleWith(closed: Promise<PartInfo>, objectBytes: number): Promise<void> {
    // Thrown by the call that waits for it; until then it is nobody's fault.
    closed.catch(() => {});
    this.#closing.push(closed);
    this.#objectBytes += objectBytes;
    await this.#settle(PARTS_CLOSING);
  }

  /** Store the files of a part, both at once. */
  async #storeKept(part: PartInfo, bytes: Uint8Array, patch?: KeptPatch): Promise<PartInfo> {
    const stored = this.#storeFile(part.name, bytes);
    if (!patch) return await stored.then(() => part);
    const name = patchFileName(part.name);
    // Both to their ends, since abort() removes what has been stored by then.
    const results = await Promise.allSettled([stored, this.#storeFile(name, patch.bytes)]);
    for (const result of results) if (result.status === "rejected") throw result.reason;
    const { added, removed } = patch;
    return { ...part, patch: { name, ...patch.file, added, removed } };
  }

  async #storeFile(name: string, bytes: Uint8Array): Promise<void> {
    const stored = partName(this.#id, name);
    this.#begun.push(stored);
    await putBytes(this.#store, stored, bytes, this.#signal ? { signal: this.#signal } : {});
  }

  /** Wait until no more than `left` parts are closing. */
  async #settle(left: number): Promise<void> {
    while (this.#closing.length > left) this.#parts.push(await this.#closing.shift()!);
  }
}
