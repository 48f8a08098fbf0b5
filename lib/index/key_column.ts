/**
 * Keys, front-coded: each as the number of bytes it shares with the key before it in the block,
 * and the rest. What the encoder learns on the way, order and a hash, others use.
 */
import type { ByteColumn } from "../model/entry_batch.ts";
import type { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { Damage } from "./damage.ts";
import { MAX_BLOCK_ENTRIES, MAX_BLOCK_TEXT_BYTES, MAX_TEXT_BYTES } from "./limits.ts";

const FNV_OFFSET_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Bytes of a key that are its own, on average; a guess for the first allocation. */
const TYPICAL_SUFFIX_BYTES = 24;

/** Front-codes keys that arrive in ascending order, over many blocks. */
export class KeyEncoder {
  readonly #shared = new ByteWriter(MAX_BLOCK_ENTRIES * 2);
  readonly #lengths = new ByteWriter(MAX_BLOCK_ENTRIES * 2);
  readonly #suffixes = new ByteWriter(MAX_BLOCK_ENTRIES * TYPICAL_SUFFIX_BYTES);
  #previous = new Uint8Array(1024);
  #previousLength = -1;
  #blockIsEmpty = true;
  /** `hashes[n]` is the FNV-1a hash of the first `n` bytes of the key before. */
  #hashes = new Uint32Array(1025).fill(FNV_OFFSET_BASIS, 0, 1);

  /**
   * Add value `i` of `keys`.
   *
   * @returns False, and nothing is added, when it does not sort after the key before it.
   */
  append(keys: ByteColumn, i: number): boolean {
    const start = keys.offsets[i]!, length = keys.offsets[i + 1]! - start;
    const source = keys.bytes;
    if (length > this.#previous.length) this.#grow(length);
    const previous = this.#previous, hashes = this.#hashes;

    const end = Math.min(length, this.#previousLength);
    let common = 0;
    while (common < end && previous[common] === source[start + common]) common++;
    if (common === length && this.#previousLength >= 0) return false;
    if (common < end && previous[common]! > source[start + common]!) return false;

    const shared = this.#blockIsEmpty ? 0 : common;
    this.#suffixes.copy(source, start + shared, start + length);
    this.#shared.varint(shared);
    this.#lengths.varint(length - shared);
    let hash = hashes[common]!;
    for (let at = common; at < length; at++) {
      const byte = source[start + at]!;
      previous[at] = byte;
      hash = Math.imul(hash ^ byte, FNV_PRIME);
      hashes[at + 1] = hash;
    }
    this.#previousLength = length;
    this.#blockIsEmpty = false;
    return true;
  }

  /** Let the next key be any. */
  startOver(): void {
    this.#previousLength = -1;
  }

  /** FNV-1a of the last key's bytes: depends on nothing else. */
  get hash(): number {
    return this.#hashes[this.#previousLength]!;
  }

  /** The last key's bytes, not copied: good until the next. */
  get last(): Uint8Array {
    return this.#previous.subarray(0, this.#previousLength);
  }

  /** Write the block's keys to `section`; the next key begins a block. */
  finish(section: ByteWriter): void {
    for (const column of [this.#shared, this.#lengths, this.#suffixes]) {
      section.append(column);
      column.clear();
    }
    this.#blockIsEmpty = true;
  }

  #grow(length: number): void {
    const previous = new Uint8Array(length * 2);
    previous.set(this.#previous);
    this.#previous = previous;
    const hashes = new Uint32Array(length * 2 + 1);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
  }
}

/** Read the keys of a block. @throws {Damage} also when they do not ascend */
export function decodeKeys(reader: ByteReader, entries: number): ByteColumn {
  const shared = new Uint32Array(entries);
  const offsets = new Uint32Array(entries + 1);
  for (let i = 0; i < entries; i++) shared[i] = reader.varintUpTo(MAX_TEXT_BYTES, "a key's length");
  readOffsets(reader, shared, offsets);
  const bytes = new Uint8Array(offsets[entries]!);
  const suffixes = reader.bytes;
  let from = reader.position;
  for (let i = 0; i < entries; i++) {
    const common = shared[i]!, end = offsets[i + 1]!;
    let at = offsets[i]!;
    let previous = i === 0 ? 0 : offsets[i - 1]!;
    const differs = at + common, previousEnd = at;
    while (at < differs) bytes[at++] = bytes[previous++]!;
    // One byte decides the order: the first that is not shared.
    if (i > 0 && (at === end || (previous < previousEnd && bytes[previous]! >= suffixes[from]!))) {
      throw new Damage(`key ${i} of a block does not sort after the one before it`);
    }
    while (at < end) bytes[at++] = suffixes[from++]!;
  }
  reader.take(from - reader.position);
  return { bytes, offsets };
}

/** Turn shared and own lengths into offsets, with every bound checked once and for all. */
function readOffsets(reader: ByteReader, shared: Uint32Array, offsets: Uint32Array): void {
  let end = 0, length = 0, suffixes = 0;
  for (let i = 0; i < shared.length; i++) {
    if (shared[i]! > length) throw new Damage(`key ${i} of a block shares more than there is`);
    const own = reader.varintUpTo(MAX_TEXT_BYTES, "a key's length");
    length = shared[i]! + own;
    suffixes += own;
    end += length;
    if (end > MAX_BLOCK_TEXT_BYTES) throw new Damage("the keys of a block are too long");
    offsets[i + 1] = end;
  }
  if (suffixes > reader.bytes.length - reader.position) {
    throw new Damage("a column runs past the end of its section");
  }
}
