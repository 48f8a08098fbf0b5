import { compareKeys } from "../model/key_order.ts";
import { codePointsOf, commonLength, END_OF_CODES, kindEnd } from "./key_places.ts";
import { keyAfter } from "./range_split.ts";

const FIRST_SURROGATE = 0xd800, LAST_SURROGATE = 0xdfff;

/** What is known about a range that is being read. */
export interface RangeProgress {
  /** The first key of the page read last. */
  readonly pageFirst: string;
  /** The last key of that page. */
  readonly pageLast: string;
  /** The range ends before it; undefined for no end. */
  readonly before: string | undefined;
  /** A place, counted in characters, at which its keys are known to differ; see {@linkcode divergence}. */
  readonly level: number | undefined;
}

/** Where to cut a range. */
export interface SplitPoint {
  /** Strictly between the last key read and the range's end. */
  readonly key: string;
  /** The place at which it differs from the last key read: the smaller, the more keys follow. */
  readonly level: number;
}

/**
 * A key at which to cut what is left of a range, with keys likely on both sides of it; undefined
 * where none is worth a request.
 *
 * The keys of a page tell a place at which keys differ, but not the first such place: all of them
 * may begin with `photos/2026/` because everything does, or because the page is short. So the places
 * before it are searched by halving: a cut just after everything that begins like the last key, up
 * to a place, either finds keys, and then keys differ at or before that place, or ends the range
 * there. Once that is settled, the characters at the place are halved.
 */
export function splitPoint(range: RangeProgress): SplitPoint | undefined {
  const lows = codePointsOf(range.pageLast);
  const highs = range.before === undefined ? [END_OF_CODES] : codePointsOf(range.before);
  const shared = commonLength(lows, highs);
  const varying = commonLength(lows, codePointsOf(range.pageFirst));
  let undecided = highs[shared]! - (lows[shared] ?? -1) > 1 ? shared : shared + 1;
  for (let level = Math.min(range.level ?? varying, varying); level <= lows.length; level++) {
    if (level < shared) continue;
    const place = undecided < level ? (undecided + level) >> 1 : level;
    const key = place < level
      ? keyOf(lows.slice(0, place), lows[place]! + 1)
      : halve(lows, place, place === shared ? highs : [...lows.slice(0, place), END_OF_CODES]);
    if (key !== undefined && isBetween(range, key)) return { key, level: place };
    undecided = Math.max(undecided, level + 1);
    if (level < varying) level = varying - 1;
  }
}

/** The first place, counted in characters, at which two keys differ. */
export function divergence(a: string, b: string): number {
  return commonLength(codePointsOf(a), codePointsOf(b));
}

/** A key that differs from both only at `level`, or undefined where they leave no room there. */
function halve(
  lows: readonly number[],
  level: number,
  highs: readonly number[],
): string | undefined {
  const low = lows[level] ?? -1, high = highs[level]!;
  const bound = Math.min(kindEnd(low), high);
  const before = lows.slice(0, level);
  // U+0000 is left out: some servers take no marker with it.
  const middle = Math.max(1, (low + bound) >> 1);
  if (middle > low && middle < bound) return keyOf(before, middle);
  if (bound < high || highs.length > level + 1) return keyOf(before, bound);
}

/** Also not the very last key that the range could hold: nothing would be beyond it. */
function isBetween({ pageLast, before }: RangeProgress, key: string): boolean {
  return compareKeys(key, pageLast) > 0 &&
    (before === undefined || compareKeys(keyAfter(key), before) < 0);
}

/** Undefined for what no key can hold. */
function keyOf(before: readonly number[], code: number): string | undefined {
  if (code < 0 || code >= END_OF_CODES) return undefined;
  const whole = code >= FIRST_SURROGATE && code <= LAST_SURROGATE ? LAST_SURROGATE + 1 : code;
  return String.fromCodePoint(...before, whole);
}
