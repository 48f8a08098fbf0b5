/** Version ids: packed where they look random, as text where they do not. */
import type { ByteColumn } from "../model/entry_batch.ts";
import type { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { Damage } from "./damage.ts";
import { HEX_BYTES, HEX_DIGITS, packHex, unpackHex } from "./hex.ts";
import { MAX_BLOCK_ENTRIES, MAX_BLOCK_TEXT_BYTES } from "./limits.ts";
import { readRuns, RunLengthEncoder } from "./run_length.ts";
import { EXTRAS, packedBytes, SextetPacker, unpackSextets } from "./sextets.ts";
import { readTexts, TextColumnEncoder } from "./text_column.ts";

/** Stored with the compressed columns, as it is. */
const TEXT_FORM = 0;
/** A UUID, as MinIO makes them. */
const UUID_FORM = 1;
/** From here on the form is the number of characters, packed to sextets. */
const MIN_PACKED_LENGTH = 16;
/** Longer ids carry names and dates, which compress better than they pack. */
const MAX_PACKED_LENGTH = 64;

const UUID_LENGTH = 36;
const UUID_DASHES = [8, 13, 18, 23];
const DASH = 0x2d;

/** Packs the version ids of a block. */
export class VersionIdEncoder {
  /** The sextets of packed ids, to be stored as they are. */
  readonly packed: ByteWriter = new ByteWriter(MAX_BLOCK_ENTRIES * packedBytes(32));
  /** The bytes of UUIDs, to be stored as they are. */
  readonly uuids: ByteWriter = new ByteWriter(0);
  readonly #sextets = new SextetPacker();
  readonly #forms = new ByteWriter(256);
  readonly #runs = new RunLengthEncoder(this.#forms);
  readonly #texts = new TextColumnEncoder();
  readonly #digits = new Uint8Array(HEX_DIGITS);

  /** Add value `i` of `ids`. */
  append(ids: ByteColumn, i: number): void {
    const start = ids.offsets[i]!, length = ids.offsets[i + 1]! - start;
    if (length === UUID_LENGTH && this.#packUuid(ids.bytes, start)) {
      this.#runs.append(UUID_FORM);
    } else if (
      length >= MIN_PACKED_LENGTH && length <= MAX_PACKED_LENGTH &&
      this.#sextets.pack(ids.bytes, start, length, this.packed)
    ) {
      this.#runs.append(length);
    } else {
      this.#runs.append(TEXT_FORM);
      this.#texts.append(ids, i);
    }
  }

  /** Write what is to be compressed to `section`; {@linkcode packed} and {@linkcode uuids} are the caller's to
   * clear. */
  finish(section: ByteWriter): void {
    this.#sextets.finish(section);
    this.#runs.finish();
    section.append(this.#forms);
    this.#forms.clear();
    this.#texts.finish(section);
  }

  #packUuid(source: Uint8Array, start: number): boolean {
    let digit = 0;
    for (let i = 0; i < UUID_LENGTH; i++) {
      const character = source[start + i]!;
      if (UUID_DASHES.includes(i)) {
        if (character !== DASH) return false;
      } else this.#digits[digit++] = character;
    }
    return packHex(this.#digits, 0, this.uuids);
  }
}

/** What a block says about its version ids, before the packed ones are read. */
export interface VersionIdForms {
  readonly extras: Uint8Array;
  readonly forms: Uint8Array;
  /** The form of all rows, where it is one. */
  readonly common: number | undefined;
  readonly texts: ByteColumn;
}

/** Read what {@linkcode VersionIdEncoder.finish} wrote. @throws {Damage} */
export function readVersionIdForms(reader: ByteReader, entries: number): VersionIdForms {
  const extras = reader.take(EXTRAS);
  const forms = new Uint8Array(entries);
  const common = readRuns(reader, forms, MAX_PACKED_LENGTH, "version id forms");
  let texts = 0;
  for (const form of forms) {
    if (form === TEXT_FORM) texts++;
    else if (form !== UUID_FORM && form < MIN_PACKED_LENGTH) {
      throw new Damage(`there is no version id form ${form}`);
    }
  }
  return { extras, forms, common, texts: readTexts(reader, texts) };
}

/**
 * Put the version ids of a block together.
 *
 * @param packed All of the sextets.
 * @param uuids All of the UUIDs' bytes.
 * @throws {Damage} when the forms ask for more or less than there is
 */
export function decodeVersionIds(
  { extras, forms, common, texts }: VersionIdForms,
  packed: Uint8Array,
  uuids: Uint8Array,
): ByteColumn {
  const offsets = measure(forms, texts, packed.length, uuids.length);
  const characters = unpackSextets(packed, extras);
  if (common !== undefined && common >= MIN_PACKED_LENGTH && common % 4 === 0) {
    return { bytes: characters, offsets };
  }
  const bytes = new Uint8Array(offsets[forms.length]!);
  const digits = unpackHex(uuids);
  let text = 0, digit = 0, character = 0;
  for (let i = 0; i < forms.length; i++) {
    const form = forms[i]!, at = offsets[i]!;
    if (form === TEXT_FORM) {
      bytes.set(texts.bytes.subarray(texts.offsets[text]!, texts.offsets[text + 1]!), at);
      text++;
    } else if (form === UUID_FORM) {
      writeUuid(digits, digit, bytes, at);
      digit += HEX_DIGITS;
    } else {
      for (let n = 0; n < form; n++) bytes[at + n] = characters[character + n]!;
      character += packedBytes(form) / 3 * 4;
    }
  }
  return { bytes, offsets };
}

function measure(
  forms: Uint8Array,
  texts: ByteColumn,
  packedLength: number,
  uuidsLength: number,
): Uint32Array {
  const offsets = new Uint32Array(forms.length + 1);
  let end = 0, text = 0, packed = 0, uuids = 0;
  for (let i = 0; i < forms.length; i++) {
    const form = forms[i]!;
    if (form === TEXT_FORM) {
      end += texts.offsets[text + 1]! - texts.offsets[text]!;
      text++;
    } else if (form === UUID_FORM) {
      end += UUID_LENGTH;
      uuids += HEX_BYTES;
    } else {
      end += form;
      packed += packedBytes(form);
    }
    offsets[i + 1] = end;
  }
  if (packed !== packedLength || uuids !== uuidsLength) {
    throw new Damage("the version ids are not as many as named");
  }
  if (end > MAX_BLOCK_TEXT_BYTES) throw new Damage("the version ids of a block are too long");
  return offsets;
}

function writeUuid(digits: Uint8Array, from: number, bytes: Uint8Array, at: number): void {
  for (let i = 0; i < UUID_LENGTH; i++) {
    bytes[at + i] = UUID_DASHES.includes(i) ? DASH : digits[from++]!;
  }
}
