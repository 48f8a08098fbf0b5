/**
 * Four characters in three bytes, for version ids: letters, digits and up to two more characters
 * that the block names. AWS uses `.` and `_`, Ceph `.` and `-`.
 */
import type { ByteWriter } from "./byte_writer.ts";

const LETTERS_AND_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Characters that a block may add: the rest of 64. */
export const EXTRAS = 64 - LETTERS_AND_DIGITS.length;

/** Marks a character without a sextet; any such bit in a group shows. */
const NONE = 0x40;

/** Bytes that a text of `length` characters takes: the last group is filled with zero bits. */
export function packedBytes(length: number): number {
  return Math.ceil(length / 4) * 3;
}

/** Packs the texts of one block after another. */
export class SextetPacker {
  readonly #sextets = new Uint8Array(256);
  readonly #extras = new Uint8Array(EXTRAS);
  #extrasUsed = 0;

  /** Begin with a block that has named no characters yet. */
  constructor() {
    this.#reset();
  }

  /** Write `source[start .. start + length)` to `packed`, or return false and write nothing. */
  pack(source: Uint8Array, start: number, length: number, packed: ByteWriter): boolean {
    if (!this.#learn(source, start, length)) return false;
    packed.reserve(packedBytes(length));
    const sextets = this.#sextets, bytes = packed.bytes;
    const end = start + length;
    let at = packed.length, from = start;
    for (; from + 4 <= end; from += 4) {
      const b = sextets[source[from + 1]!]!, c = sextets[source[from + 2]!]!;
      bytes[at++] = (sextets[source[from]!]! << 2) | (b >> 4);
      bytes[at++] = (b << 4) | (c >> 2);
      bytes[at++] = (c << 6) | sextets[source[from + 3]!]!;
    }
    if (from < end) {
      const b = from + 1 < end ? sextets[source[from + 1]!]! : 0;
      const c = from + 2 < end ? sextets[source[from + 2]!]! : 0;
      bytes[at++] = (sextets[source[from]!]! << 2) | (b >> 4);
      bytes[at++] = (b << 4) | (c >> 2);
      bytes[at++] = c << 6;
    }
    packed.length = at;
    return true;
  }

  /** Write the characters that the block named, and start the next block. */
  finish(section: ByteWriter): void {
    section.copy(this.#extras, 0, EXTRAS);
    this.#reset();
  }

  /** Name characters that are new, while there is room; false when one has no sextet. */
  #learn(source: Uint8Array, start: number, length: number): boolean {
    const sextets = this.#sextets;
    let seen = 0;
    for (let from = start; from < start + length; from++) seen |= sextets[source[from]!]!;
    if (seen < NONE) return true;
    for (let from = start; from < start + length; from++) {
      const character = source[from]!;
      if (sextets[character]! < NONE) continue;
      if (this.#extrasUsed === EXTRAS) return false;
      sextets[character] = LETTERS_AND_DIGITS.length + this.#extrasUsed;
      this.#extras[this.#extrasUsed++] = character;
    }
    return true;
  }

  #reset(): void {
    this.#sextets.fill(NONE);
    for (let i = 0; i < LETTERS_AND_DIGITS.length; i++) {
      this.#sextets[LETTERS_AND_DIGITS.charCodeAt(i)] = i;
    }
    this.#extras.fill(0);
    this.#extrasUsed = 0;
  }
}

/**
 * Unpack what {@linkcode SextetPacker} packed, all texts of a block at once: each begins at a
 * multiple of four characters.
 *
 * @param extras The characters that the block named.
 */
export function unpackSextets(packed: Uint8Array, extras: Uint8Array): Uint8Array {
  const pairs = pairsOf(extras);
  const characters = new Uint16Array(Math.floor(packed.length / 3) * 2);
  for (let at = 0, from = 0; at < characters.length;) {
    const group = (packed[from++]! << 16) | (packed[from++]! << 8) | packed[from++]!;
    characters[at++] = pairs[group >> 12]!;
    characters[at++] = pairs[group & 0xfff]!;
  }
  return new Uint8Array(characters.buffer);
}

/** Those of the block before, which mostly names the same characters: there are many small blocks. */
let known: { readonly extras: Uint8Array; readonly pairs: Uint16Array } | undefined;

/** The two characters of every two sextets, as they lie in memory. */
function pairsOf(extras: Uint8Array): Uint16Array {
  if (!known?.extras.every((character, i) => character === extras[i])) {
    known = { extras: extras.slice(), pairs: makePairs(extras) };
  }
  return known.pairs;
}

function makePairs(extras: Uint8Array): Uint16Array {
  const alphabet = new Uint8Array(64);
  for (let i = 0; i < LETTERS_AND_DIGITS.length; i++) {
    alphabet[i] = LETTERS_AND_DIGITS.charCodeAt(i);
  }
  alphabet.set(extras, LETTERS_AND_DIGITS.length);
  const pairs = new Uint8Array(64 * 64 * 2);
  for (let i = 0, at = 0; i < 64; i++) {
    for (let j = 0; j < 64; j++) {
      pairs[at++] = alphabet[i]!;
      pairs[at++] = alphabet[j]!;
    }
  }
  return new Uint16Array(pairs.buffer);
}
