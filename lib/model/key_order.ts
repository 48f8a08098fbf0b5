/**
 * S3's order of keys: by their UTF-8 bytes. JavaScript compares UTF-16 units, which differs where
 * a character above U+FFFF (two units of D800 to DFFF) meets one of U+E000 to U+FFFF.
 */
import type { ByteColumn } from "./entry_batch.ts";

const SURROGATES = 0xd800;
const ABOVE_SURROGATES = 0xe000;

/** Negative, zero or positive, as `a` sorts before, with or after `b`. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i), y = b.charCodeAt(i);
    if (x === y) continue;
    if (x >= SURROGATES && y >= SURROGATES) return rotated(x) - rotated(y);
    return x - y;
  }
  return a.length - b.length;
}

/** Moves surrogates above the rest, where the characters they stand for belong. */
function rotated(unit: number): number {
  return unit >= ABOVE_SURROGATES ? unit - (ABOVE_SURROGATES - SURROGATES) : unit + 0x2000;
}

/** Like {@linkcode compareKeys}, for value `i` of one column and value `j` of another. */
export function compareAt(a: ByteColumn, i: number, b: ByteColumn, j: number): number {
  let p = a.offsets[i]!, q = b.offsets[j]!;
  const aEnd = a.offsets[i + 1]!, bEnd = b.offsets[j + 1]!;
  const end = p + Math.min(aEnd - p, bEnd - q);
  while (p < end) {
    const difference = a.bytes[p++]! - b.bytes[q++]!;
    if (difference !== 0) return difference;
  }
  return (aEnd - p) - (bEnd - q);
}

/** Like {@linkcode compareKeys}, for value `i` of a column and a key's UTF-8 bytes. */
export function compareAtToBytes(a: ByteColumn, i: number, key: Uint8Array): number {
  let p = a.offsets[i]!, q = 0;
  const aEnd = a.offsets[i + 1]!;
  const end = p + Math.min(aEnd - p, key.length);
  while (p < end) {
    const difference = a.bytes[p++]! - key[q++]!;
    if (difference !== 0) return difference;
  }
  return (aEnd - p) - (key.length - q);
}

/**
 * The least key that sorts after every key that begins with `prefix`, as UTF-8 bytes, or
 * undefined when there is none. The bytes need not be valid UTF-8: use them to compare only.
 */
export function prefixEnd(prefix: Uint8Array): Uint8Array | undefined {
  for (let last = prefix.length - 1; last >= 0; last--) {
    if (prefix[last] === 0xff) continue;
    const end = prefix.slice(0, last + 1);
    end[last]! += 1;
    return end;
  }
}
