import { DELETE_MARKER, type EntryBatch } from "../model/entry_batch.ts";
import { ByteWriter } from "./byte_writer.ts";
import { ETagEncoder } from "./etag_column.ts";
import { frameBlock } from "./frame.ts";
import { KeyEncoder } from "./key_column.ts";
import { MAX_BLOCK_ENTRIES, MAX_BLOCK_TEXT_BYTES, MAX_TEXT_BYTES } from "./limits.ts";
import { RemovalEncoder } from "./removal_column.ts";
import { deflatedSection, plainSection, sampledSection } from "./section.ts";
import { SizeEncoder } from "./size_column.ts";
import { StorageClassEncoder } from "./storage_class_column.ts";
import { TimeEncoder } from "./time_column.ts";
import { VersionIdEncoder } from "./version_id_column.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Turns entries into blocks, one after another. docs/FORMAT.md has the bytes. */
export class BlockEncoder {
  readonly #compress: boolean;
  readonly #keys = new KeyEncoder();
  readonly #versionIds = new VersionIdEncoder();
  readonly #etags = new ETagEncoder();
  readonly #sizes = new SizeEncoder();
  readonly #times = new TimeEncoder();
  readonly #classes = new StorageClassEncoder();
  readonly #removals: RemovalEncoder | undefined;
  readonly #columns = new ByteWriter(1 << 17);
  #length = 0;
  #textBytes = 0;

  /**
   * With `compress` false every section is stored as it is. A block of a `patch` tells which of its
   * rows are flagged `DELETE_MARKER`; one of a part can hold none of these.
   */
  constructor(
    { compress = true, patch = false }: {
      readonly compress?: boolean;
      readonly patch?: boolean;
    } = {},
  ) {
    this.#compress = compress;
    this.#removals = patch ? new RemovalEncoder() : undefined;
  }

  /** Entries in the block so far. */
  get length(): number {
    return this.#length;
  }

  /** FNV-1a hash of the last key's bytes. */
  get keyHash(): number {
    return this.#keys.hash;
  }

  /** The last key. @throws {RangeError} when it is not UTF-8 */
  get lastKey(): string {
    try {
      return decoder.decode(this.#keys.last);
    } catch (error) {
      throw new RangeError("a key is not UTF-8", { cause: error });
    }
  }

  /**
   * Add row `i` of a batch.
   *
   * @returns False, and nothing is added, when the block is full: finish it and add the row again.
   * @throws {RangeError} when the row is not one that a snapshot can hold, or its key does not
   * sort after the one before it, in this block or an earlier one
   */
  append(batch: EntryBatch, i: number): boolean {
    if (this.#length === MAX_BLOCK_ENTRIES) return false;
    const classBytes = this.#classes.costOf(batch, i);
    const rowBytes = textBytesOf(batch, i) + classBytes;
    const textBytes = this.#textBytes + rowBytes;
    if (this.#length > 0 && (classBytes < 0 || textBytes > MAX_BLOCK_TEXT_BYTES)) return false;
    if (rowBytes > MAX_TEXT_BYTES) assertTextLengths(batch, i, classBytes);
    if (!this.#removals && (batch.flags[i]! & DELETE_MARKER) !== 0) {
      throw new RangeError("a snapshot holds no delete markers");
    }
    if (!this.#keys.append(batch.keys, i)) throw outOfOrder(this.#keys.last, batch, i);
    this.#versionIds.append(batch.versionIds, i);
    this.#etags.append(batch.etags, i);
    this.#sizes.append(batch.sizes[i]!);
    this.#times.append(batch.lastModified[i]!);
    this.#classes.append(batch, i);
    this.#removals?.append(batch, i);
    this.#textBytes = textBytes;
    this.#length++;
    return true;
  }

  /** Begin another file, whose keys need not sort after those before. The block must be empty. */
  startOver(): void {
    this.#keys.startOver();
  }

  /** The block as it stands in the file, and start the next. */
  finish(): Uint8Array<ArrayBuffer> {
    const columns = this.#columns;
    for (
      const column of [
        this.#keys,
        this.#versionIds,
        this.#etags,
        this.#sizes,
        this.#times,
        this.#classes,
      ]
    ) column.finish(columns);
    this.#removals?.finish(columns);
    const { packed, uuids } = this.#versionIds, { sums } = this.#etags;
    const random = this.#compress ? sampledSection : plainSection;
    const block = frameBlock(this.#length, [
      this.#compress ? deflatedSection(columns.written()) : plainSection(columns.written()),
      ...[packed, uuids, sums].map((writer) => random(writer.written())),
    ]);
    for (const writer of [columns, packed, uuids, sums]) writer.clear();
    this.#length = 0;
    this.#textBytes = 0;
    return block;
  }
}

function textBytesOf({ keys, versionIds, etags }: EntryBatch, i: number): number {
  return keys.offsets[i + 1]! - keys.offsets[i]! +
    versionIds.offsets[i + 1]! - versionIds.offsets[i]! +
    etags.offsets[i + 1]! - etags.offsets[i]!;
}

function assertTextLengths(batch: EntryBatch, i: number, classBytes: number): void {
  const columns = [batch.keys, batch.versionIds, batch.etags];
  const lengths = columns.map(({ offsets }) => offsets[i + 1]! - offsets[i]!);
  if (Math.max(classBytes, ...lengths) <= MAX_TEXT_BYTES) return;
  throw new RangeError(`a text is longer than the ${MAX_TEXT_BYTES} bytes a snapshot can hold`);
}

function outOfOrder(last: Uint8Array, batch: EntryBatch, i: number): RangeError {
  const decoder = new TextDecoder();
  const { bytes, offsets } = batch.keys;
  const key = decoder.decode(bytes.subarray(offsets[i]!, offsets[i + 1]!));
  return new RangeError(
    `entries must come in ascending order of their keys: ${JSON.stringify(key)} came after ` +
      JSON.stringify(decoder.decode(last)),
  );
}
