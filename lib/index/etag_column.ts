/** ETags: an MD5 sum and a count of parts where they are that, text where they are not. */
import type { ByteColumn } from "../model/entry_batch.ts";
import type { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { Damage } from "./damage.ts";
import { HEX_BYTES, HEX_DIGITS, packHex, unpackHex } from "./hex.ts";
import { MAX_BLOCK_ENTRIES, MAX_BLOCK_TEXT_BYTES } from "./limits.ts";
import { readRuns, RunLengthEncoder } from "./run_length.ts";
import { readTexts, TextColumnEncoder } from "./text_column.ts";

/** Stored with the compressed columns, as it is. */
const TEXT_FORM = 0;
/** An MD5 sum alone. */
const MD5_FORM = 1;
/** `<MD5>-<n>` has the form `n + MULTIPART_FORM`. */
const MULTIPART_FORM = 2;

const DASH = 0x2d, ZERO = 0x30;
/** Digits of a part count: S3 allows 10,000 parts. */
const MAX_COUNT_DIGITS = 6;
const MAX_FORM = 999_999 + MULTIPART_FORM;

/** Packs the ETags of a block. */
export class ETagEncoder {
  /** The sums' bytes, to be stored as they are. */
  readonly sums: ByteWriter = new ByteWriter(MAX_BLOCK_ENTRIES * HEX_BYTES);
  readonly #forms = new ByteWriter(256);
  readonly #runs = new RunLengthEncoder(this.#forms);
  readonly #texts = new TextColumnEncoder();

  /** Add value `i` of `etags`. */
  append(etags: ByteColumn, i: number): void {
    const start = etags.offsets[i]!;
    const form = formOf(etags.bytes, start, etags.offsets[i + 1]! - start);
    if (form !== TEXT_FORM && packHex(etags.bytes, start, this.sums)) {
      this.#runs.append(form);
    } else {
      this.#runs.append(TEXT_FORM);
      this.#texts.append(etags, i);
    }
  }

  /** Write what is to be compressed to `section`; {@linkcode sums} is the caller's to clear. */
  finish(section: ByteWriter): void {
    this.#runs.finish();
    section.append(this.#forms);
    this.#forms.clear();
    this.#texts.finish(section);
  }
}

/** The form by length and part count; whether the digits are digits is left to the packer. */
function formOf(bytes: Uint8Array, start: number, length: number): number {
  if (length === HEX_DIGITS) return MD5_FORM;
  const digits = length - HEX_DIGITS - 1;
  if (digits < 1 || digits > MAX_COUNT_DIGITS || bytes[start + HEX_DIGITS] !== DASH) {
    return TEXT_FORM;
  }
  let count = 0;
  for (let at = start + HEX_DIGITS + 1; at < start + length; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return TEXT_FORM;
    count = count * 10 + digit;
  }
  return digitsOf(count) === digits ? count + MULTIPART_FORM : TEXT_FORM;
}

/** How many digits a count is written with. A leading zero would be lost. */
function digitsOf(count: number): number {
  let digits = 1;
  for (; count >= 10; count = Math.floor(count / 10)) digits++;
  return digits;
}

/** What a block says about its ETags, before the sums are read. */
export interface ETagForms {
  readonly forms: Uint32Array;
  /** The form of all rows, where it is one. */
  readonly common: number | undefined;
  readonly texts: ByteColumn;
}

/** Read what {@linkcode ETagEncoder.finish} wrote. @throws {Damage} */
export function readETagForms(reader: ByteReader, entries: number): ETagForms {
  const forms = new Uint32Array(entries);
  const common = readRuns(reader, forms, MAX_FORM, "ETag forms");
  let texts = 0;
  for (const form of forms) if (form === TEXT_FORM) texts++;
  return { forms, common, texts: readTexts(reader, texts) };
}

/**
 * Put the ETags of a block together.
 *
 * @param sums The bytes of all MD5 sums.
 * @throws {Damage} when the forms ask for more or less than there is
 */
export function decodeETags({ forms, common, texts }: ETagForms, sums: Uint8Array): ByteColumn {
  const offsets = measure(forms, texts, sums.length);
  const digits = unpackHex(sums);
  if (common === MD5_FORM) return { bytes: digits, offsets };
  const bytes = new Uint8Array(offsets[forms.length]!);
  let text = 0, digit = 0;
  for (let i = 0; i < forms.length; i++) {
    const form = forms[i]!, at = offsets[i]!;
    if (form === TEXT_FORM) {
      bytes.set(texts.bytes.subarray(texts.offsets[text]!, texts.offsets[text + 1]!), at);
      text++;
      continue;
    }
    for (let n = 0; n < HEX_DIGITS; n++) bytes[at + n] = digits[digit++]!;
    if (form >= MULTIPART_FORM) {
      bytes[at + HEX_DIGITS] = DASH;
      writeCount(form - MULTIPART_FORM, bytes, offsets[i + 1]!);
    }
  }
  return { bytes, offsets };
}

function measure(forms: Uint32Array, texts: ByteColumn, sumsLength: number): Uint32Array {
  const offsets = new Uint32Array(forms.length + 1);
  let end = 0, text = 0, sums = 0;
  for (let i = 0; i < forms.length; i++) {
    const form = forms[i]!;
    if (form === TEXT_FORM) {
      end += texts.offsets[text + 1]! - texts.offsets[text]!;
      text++;
    } else {
      end += HEX_DIGITS;
      if (form >= MULTIPART_FORM) end += 1 + digitsOf(form - MULTIPART_FORM);
      sums++;
    }
    offsets[i + 1] = end;
  }
  if (sums * HEX_BYTES !== sumsLength) {
    throw new Damage("the MD5 sums are not as many as named");
  }
  if (end > MAX_BLOCK_TEXT_BYTES) throw new Damage("the ETags of a block are too long");
  return offsets;
}

/** Write decimal digits so that they end before `end`. */
function writeCount(count: number, bytes: Uint8Array, end: number): void {
  do {
    bytes[--end] = ZERO + count % 10;
    count = Math.floor(count / 10);
  } while (count > 0);
}
