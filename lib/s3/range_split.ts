import { compareKeys } from "../model/key_order.ts";
import { isEmptyRange, type KeyRange } from "./key_range.ts";

/**
 * Cut a range at known keys. The ranges are disjoint, in order, and together hold every key of the
 * first; each key given is the last that its range can hold.
 *
 * @param keys In any order; those outside the range do not count.
 * @param maxRanges Of many keys as many are left out, evenly, as it takes. Default: none is.
 */
export function cutRange(
  range: KeyRange,
  keys: readonly string[],
  maxRanges: number = Infinity,
): KeyRange[] {
  const inside = [...new Set(keys)].sort(compareKeys).filter((key) => isInside(range, key));
  const ranges: KeyRange[] = [];
  let rest = range;
  for (const key of thinOut(inside, maxRanges - 1)) {
    ranges.push({ ...rest, before: keyAfter(key) });
    rest = { ...rest, after: key };
  }
  return isEmptyRange(rest) ? ranges : [...ranges, rest];
}

/** The least key that sorts after `key`. */
export function keyAfter(key: string): string {
  return `${key}\0`;
}

function isInside({ prefix, after, before }: KeyRange, key: string): boolean {
  return key.isWellFormed() && key.startsWith(prefix) &&
    (after === undefined || compareKeys(key, after) > 0) &&
    (before === undefined || compareKeys(key, before) < 0);
}

function thinOut(keys: readonly string[], count: number): readonly string[] {
  if (keys.length <= count) return keys;
  const step = (keys.length + 1) / (count + 1);
  return Array.from({ length: count }, (_, i) => keys[Math.floor((i + 1) * step) - 1]!);
}
