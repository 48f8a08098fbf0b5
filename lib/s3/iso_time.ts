import { refuse } from "./refusal.ts";

const ZERO = 0x30, DASH = 0x2d, COLON = 0x3a, DOT = 0x2e, LETTER_T = 0x54, LETTER_Z = 0x5a;
/** Where the parts of `2026-11-23T05:32:26` are. */
const MONTH = 5, DAY_OF_MONTH = 8, HOUR = 11, MINUTE = 14, SECOND = 17, FRACTION = 19;

/**
 * Reads times as S3 writes them: `2026-11-23T05:32:26.798Z`, with any number of digits in the
 * fraction, or none. Versions that lie together often have the same day, so the last one is kept.
 */
export class IsoTimeReader {
  #year = -1;
  #month = -1;
  #day = -1;
  #midnight = 0;

  /** Milliseconds since 1970, rounded down. Refuses anything else than such a time. */
  read(bytes: Uint8Array, start: number, end: number): number {
    if (
      end - start <= FRACTION || bytes[start + 4] !== DASH || bytes[start + 7] !== DASH ||
      bytes[start + 10] !== LETTER_T || bytes[start + 13] !== COLON ||
      bytes[start + 16] !== COLON || bytes[end - 1] !== LETTER_Z
    ) refuse();
    const hour = twoDigits(bytes, start + HOUR);
    const minute = twoDigits(bytes, start + MINUTE);
    const second = twoDigits(bytes, start + SECOND);
    if (hour > 23 || minute > 59 || second > 59) refuse();
    const time = ((hour * 60 + minute) * 60 + second) * 1000;
    return this.#midnightOf(bytes, start) + time + readFraction(bytes, start + FRACTION, end - 1);
  }

  #midnightOf(bytes: Uint8Array, start: number): number {
    const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
    const month = twoDigits(bytes, start + MONTH);
    const day = twoDigits(bytes, start + DAY_OF_MONTH);
    if (year === this.#year && month === this.#month && day === this.#day) return this.#midnight;
    // Dates that do not exist, such as the 31st of June, come out as others. Years below 100 mean
    // 19xx to Date.UTC.
    const midnight = Date.UTC(year, month - 1, day);
    const date = new Date(midnight);
    if (date.getUTCDate() !== day || date.getUTCMonth() !== month - 1 || year < 100) refuse();
    [this.#year, this.#month, this.#day, this.#midnight] = [year, month, day, midnight];
    return midnight;
  }
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - ZERO, ones = bytes[at + 1]! - ZERO;
  // Unsigned, what lies below "0" is large, too.
  if (tens >>> 0 > 9 || ones >>> 0 > 9) refuse();
  return tens * 10 + ones;
}

/** Milliseconds of `.798`; the digits after them do not count. */
function readFraction(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  if (bytes[start] !== DOT || end - start < 2) refuse();
  let milliseconds = 0, weight = 100;
  for (let at = start + 1; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit >>> 0 > 9) refuse();
    milliseconds += digit * weight;
    weight = weight === 1 ? 0 : weight / 10;
  }
  return milliseconds;
}
