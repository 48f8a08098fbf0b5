import type { EntryBatch } from "../model/entry_batch.ts";
import {
  FORMAT_VERSION,
  MAX_ENTRIES_BETWEEN_SPLIT_KEYS,
  type PartInfo,
} from "../model/manifest.ts";
import type { BlockEncoder } from "./block_encoder.ts";
import { partFooter, partHeader } from "./frame.ts";
import { endsPart } from "./part_cut.ts";
import type { StoreUpload } from "./store_upload.ts";

/** Writes one part: entries become blocks, blocks go to the store. */
export class PartWriter {
  readonly #name: string;
  readonly #encoder: BlockEncoder;
  readonly #upload: StoreUpload;
  readonly #splitKeys: string[] = [];
  #firstKey = "";
  #entries = 0;
  #bytes = 0;
  #blocks = 0;
  #ended = false;

  /** Begin the part `name`. The encoder's block must be empty. */
  constructor(name: string, encoder: BlockEncoder, upload: StoreUpload) {
    this.#name = name;
    this.#encoder = encoder;
    this.#upload = upload;
  }

  /** Whether the part ends with the last row that was added. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Sum of the objects' sizes. */
  get objectBytes(): number {
    return this.#bytes;
  }

  /**
   * Add rows from `row` on, until the batch or the part ends or a block is full.
   *
   * @returns The row to go on with, after {@linkcode flush} if the batch has not ended.
   */
  add(batch: EntryBatch, row: number): number {
    const encoder = this.#encoder;
    while (row < batch.length && !this.#ended && encoder.append(batch, row)) {
      if (this.#entries % MAX_ENTRIES_BETWEEN_SPLIT_KEYS === 0) this.#noteKey();
      this.#bytes += batch.sizes[row]!;
      this.#ended = endsPart(++this.#entries, encoder.keyHash);
      row++;
    }
    return row;
  }

  /** Send the block as it stands. Resolves when the store is ready for more. */
  async flush(): Promise<void> {
    const block = this.#encoder.finish();
    if (this.#blocks++ === 0) await this.#upload.write(partHeader(FORMAT_VERSION));
    await this.#upload.write(block);
  }

  /**
   * Send the last block and the footer. Resolves when the store keeps the part; the encoder may be
   * used for the next part before that.
   */
  async close(): Promise<PartInfo> {
    const lastKey = this.#encoder.lastKey;
    if (this.#encoder.length > 0) await this.flush();
    await this.#upload.write(partFooter(this.#entries, this.#blocks));
    return {
      name: this.#name,
      firstKey: this.#firstKey,
      lastKey,
      entries: this.#entries,
      ...await this.#upload.close(),
      splitKeys: this.#splitKeys,
    };
  }

  /** Stop: the store keeps nothing of the part. */
  async abort(reason: unknown): Promise<void> {
    await this.#upload.abort(reason);
  }

  #noteKey(): void {
    const key = this.#encoder.lastKey;
    if (this.#entries === 0) this.#firstKey = key;
    else this.#splitKeys.push(key);
  }
}
