import type { EntryBatch } from "../model/entry_batch.ts";
import type { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { Damage } from "./damage.ts";
import { MAX_STORAGE_CLASSES, MAX_TEXT_BYTES } from "./limits.ts";
import { readRuns, RunLengthEncoder } from "./run_length.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Marks a class of the batch that the block has not named yet. */
const UNKNOWN = -1;

/** Storage classes: the names of a block in order of appearance, then runs of their indexes. */
export class StorageClassEncoder {
  readonly #runs = new ByteWriter(256);
  readonly #encoder = new RunLengthEncoder(this.#runs);
  readonly #names: string[] = [];
  /** What the batch's indexes are in the block. */
  readonly #indexes = new Int16Array(MAX_STORAGE_CLASSES).fill(UNKNOWN);
  #batchNames: readonly string[] | undefined;

  /** Bytes that naming row `i`'s class will take: none when the block has it, -1 for no room. */
  costOf(batch: EntryBatch, i: number): number {
    if (batch.storageClassNames !== this.#batchNames) this.#begin(batch.storageClassNames);
    if (this.#indexes[batch.storageClasses[i]!] !== UNKNOWN) return 0;
    const name = batch.storageClassNames[batch.storageClasses[i]!]!;
    const known = this.#names.indexOf(name);
    if (known >= 0) {
      this.#indexes[batch.storageClasses[i]!] = known;
      return 0;
    }
    return this.#names.length === MAX_STORAGE_CLASSES ? -1 : encoder.encode(name).length;
  }

  /** Add row `i`, for which {@linkcode costOf} was asked. */
  append(batch: EntryBatch, i: number): void {
    const inBatch = batch.storageClasses[i]!;
    let index = this.#indexes[inBatch]!;
    if (index === UNKNOWN) {
      index = this.#names.push(batch.storageClassNames[inBatch]!) - 1;
      this.#indexes[inBatch] = index;
    }
    this.#encoder.append(index);
  }

  /** Write the block's classes to `section` and start again. */
  finish(section: ByteWriter): void {
    section.varint(this.#names.length);
    for (const name of this.#names) {
      const bytes = encoder.encode(name);
      section.varint(bytes.length);
      section.copy(bytes, 0, bytes.length);
    }
    this.#encoder.finish();
    section.append(this.#runs);
    this.#runs.clear();
    this.#names.length = 0;
    this.#indexes.fill(UNKNOWN);
  }

  #begin(names: readonly string[]): void {
    this.#batchNames = names;
    this.#indexes.fill(UNKNOWN);
  }
}

/** Read the storage classes of a block. @throws {Damage} */
export function decodeStorageClasses(
  reader: ByteReader,
  entries: number,
): Pick<EntryBatch, "storageClasses" | "storageClassNames"> {
  const count = reader.varintUpTo(MAX_STORAGE_CLASSES, "the number of storage classes");
  const storageClassNames: string[] = [];
  for (let i = 0; i < count; i++) {
    storageClassNames.push(
      readName(reader.take(reader.varintUpTo(MAX_TEXT_BYTES, "a storage class's length"))),
    );
  }
  if (count === 0) throw new Damage("a block names no storage class");
  const storageClasses = new Uint8Array(entries);
  readRuns(reader, storageClasses, count - 1, "storage classes");
  return { storageClasses, storageClassNames };
}

function readName(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Damage("a storage class is not UTF-8");
  }
}
