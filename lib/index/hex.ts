/** Sixteen bytes written as 32 lower-case hexadecimal digits: MD5 sums, and UUIDs between dashes. */
import type { ByteWriter } from "./byte_writer.ts";

/** Bytes of one packed value. */
export const HEX_BYTES = 16;
/** Digits of one value. */
export const HEX_DIGITS = 32;

/** Marks a character that is no lower-case digit; any such bit shows in a whole value. */
const NONE = 0x10;
const DIGITS = "0123456789abcdef";

const NIBBLES = new Uint8Array(256).fill(NONE);
const PAIRS = new Uint16Array(256);
const pairBytes = new Uint8Array(PAIRS.buffer);
for (let i = 0; i < DIGITS.length; i++) NIBBLES[DIGITS.charCodeAt(i)] = i;
for (let i = 0; i < 256; i++) {
  pairBytes[i * 2] = DIGITS.charCodeAt(i >> 4);
  pairBytes[i * 2 + 1] = DIGITS.charCodeAt(i & 15);
}

/** Write the 32 digits from `start` on to `packed`, or return false and write nothing. */
export function packHex(source: Uint8Array, start: number, packed: ByteWriter): boolean {
  packed.reserve(HEX_BYTES);
  const bytes = packed.bytes;
  let seen = 0;
  for (let i = 0, at = packed.length; i < HEX_DIGITS; i += 2) {
    const high = NIBBLES[source[start + i]!]!, low = NIBBLES[source[start + i + 1]!]!;
    seen |= high | low;
    bytes[at++] = (high << 4) | low;
  }
  if (seen >= NONE) return false;
  packed.length += HEX_BYTES;
  return true;
}

/** The digits of all bytes of `packed`. */
export function unpackHex(packed: Uint8Array): Uint8Array {
  const digits = new Uint16Array(packed.length);
  for (let i = 0; i < packed.length; i++) digits[i] = PAIRS[packed[i]!]!;
  return new Uint8Array(digits.buffer);
}
