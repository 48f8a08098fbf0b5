/** Random numbers that a seed decides, so that a failed run can be repeated to the bit. */

/** The characters of a version id. */
export const VERSION_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

/** Length of a version id, in characters; AWS uses 32. */
const VERSION_ID_LENGTH = 32;

/** A stream of random numbers and of the identifiers that S3 makes of them. */
export interface Random {
  /** The next number, at least 0 and less than 1. */
  next(): number;
  /** A version id as AWS writes them: 32 characters that sort in no order. */
  versionId(): string;
  /** `length` upper-case hexadecimal digits, the shape of a request id. */
  hex(length: number): string;
}

function text(length: number, alphabet: string, next: () => number): string {
  let result = "";
  for (let i = 0; i < length; i++) result += alphabet[Math.floor(next() * alphabet.length)];
  return result;
}

/** Starts a stream of random numbers; equal seeds give equal streams. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  // A Weyl sequence through a 32-bit finalizer: small, fast, and good enough to look random.
  function next(): number {
    state = (state + 0x9e3779b9) >>> 0;
    return mix32(state) / 0x1_0000_0000;
  }
  return {
    next,
    versionId: () => text(VERSION_ID_LENGTH, VERSION_ALPHABET, next),
    hex: (length) => text(length, "0123456789ABCDEF", next),
  };
}

/** Scatters a 32-bit number over all 32 bits; a bijection. */
export function mix32(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}
