/** Keys made by arithmetic: the n-th is known without the ones before it. */

/**
 * How the keys of a synthetic bucket look. All are ASCII and need no encoding.
 *
 * - `flat`: numbered, no delimiter
 * - `nested`: a thousand to a directory, a thousand directories to the one above
 * - `skewed`: 99 of 100 under one of three prefixes
 * - `hashed`: hexadecimal, spread evenly
 */
export const KEY_SHAPES = ["flat", "nested", "skewed", "hashed"] as const;

/** One of {@linkcode KEY_SHAPES}. */
export type KeyShape = typeof KEY_SHAPES[number];

/** Keys of a leaf of the nested shape, and leaves of a branch. */
const FAN_OUT = 1_000;
/** Width of the numbers in keys. */
const DIGITS = 10;
/** Of a skewed bucket's keys, one in this many stands before the one great prefix or after it. */
const SKEW = 200;
/** Range of the hashed shape's keys. */
const HASHED_RANGE = 2 ** 48;
const HALF = 2 ** 24;

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

function skewedKey(index: number, count: number): string {
  const side = Math.floor(count / SKEW);
  const prefix = index < side ? "archive" : index < count - side ? "events" : "users";
  return `${prefix}/${pad(index, DIGITS)}.json`;
}

function nestedKey(index: number): string {
  const leaf = Math.floor(index / FAN_OUT);
  const branch = Math.floor(leaf / FAN_OUT);
  return `photos/${pad(branch, 4)}/${pad(leaf % FAN_OUT, 3)}/IMG_${pad(index % FAN_OUT, 4)}.jpg`;
}

function hex(half: number): string {
  return half.toString(16).padStart(6, "0");
}

function hashedKey(index: number, count: number): string {
  // In two halves, since a number of more than 31 bits is slow to spell.
  const value = Math.floor(index * (HASHED_RANGE / count));
  const high = Math.floor(value / HALF);
  return `${hex(high)}${hex(value - high * HALF)}.bin`;
}

/** The key at `index`, ascending in listing order. */
export function keyAt(shape: KeyShape, index: number, count: number): string {
  switch (shape) {
    case "flat":
      return `object-${pad(index, DIGITS)}`;
    case "nested":
      return nestedKey(index);
    case "skewed":
      return skewedKey(index, count);
    case "hashed":
      return hashedKey(index, count);
  }
}

/** The index of the first key that is not before `key`; `count` if all are. */
export function indexOfKey(shape: KeyShape, key: string, count: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    // These keys are ASCII. JavaScript's order puts any character above ASCII after them, as UTF-8
    // does, so it will do here.
    if (keyAt(shape, middle, count) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
