/** Longer ones are the platform's, which is faster at them. */
const SHORT = 64;

/** Used again for each text. */
const codes: number[] = [];

/**
 * The text of bytes `start` up to, not including, `end`. Undefined: long, or not ASCII. Keys, version
 * ids and ETags mostly are neither, and then this is faster than TextDecoder, which leaves the engine
 * for each.
 */
export function shortText(bytes: Uint8Array, start: number, end: number): string | undefined {
  const length = end - start;
  if (length > SHORT) return;
  codes.length = length;
  let seen = 0;
  for (let i = 0; i < length; i++) {
    const byte = bytes[start + i]!;
    seen |= byte;
    codes[i] = byte;
  }
  return seen < 0x80 ? String.fromCharCode.apply(null, codes) : undefined;
}
