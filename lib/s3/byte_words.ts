/** Four bytes of a page at a time, as one number: half the work where nearly all bytes are plain. */

/** The same bytes, one by one and in words. */
export interface Bytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** The lowest bit of each byte of a word, and the highest. */
const LOWEST = 0x01010101, HIGHEST = 0x80808080;

/** Bytes, to be read and written in words. */
export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** The word of which each byte is this one. */
export function repeated(byte: number): number {
  return byte * LOWEST | 0;
}

/** Whether one of a word's bytes is the one that `wanted` repeats. */
export function holdsByte(word: number, wanted: number): boolean {
  // Such a byte becomes 0, and only from 0, or above a byte from which it was, is anything borrowed.
  const difference = word ^ wanted;
  return ((difference - LOWEST) & ~difference & HIGHEST) !== 0;
}

/** Whether one of a word's bytes is less than the one that `limit` repeats, which is ASCII. */
export function holdsLess(word: number, limit: number): boolean {
  return ((word - limit) & ~word & HIGHEST) !== 0;
}

/**
 * Copy whole words from `at` on, before `end`, up to the first with a byte less than the one that
 * `limit` repeats.
 *
 * @returns Bytes copied, a multiple of four
 */
export function copyWords(
  source: DataView,
  at: number,
  end: number,
  target: DataView,
  to: number,
  limit: number,
): number {
  const start = at, shift = to - at, lastWord = end - 4;
  for (; at <= lastWord; at += 4) {
    const word = source.getInt32(at, true);
    if (holdsLess(word, limit)) break;
    target.setInt32(at + shift, word, true);
  }
  return at - start;
}
