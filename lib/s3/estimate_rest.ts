import { codePointsOf, commonLength, kindEnd, kindStart } from "./key_places.ts";

/** What was read of a range, and where it ends. */
export interface ReadPart {
  /** The first key of the range. */
  readonly first: string;
  /** The key read last. */
  readonly last: string;
  /** Versions from the first key to the last. */
  readonly versions: number;
  /** The range ends before it; undefined for no end. */
  readonly before: string | undefined;
}

/** Places that count, from the first at which the keys differ: a number holds no more. */
const PLACES = 12;

/**
 * About how many versions are yet to come, if they lie as densely as those that were read. Keys are
 * taken for numbers, with as many digits at a place as there are characters of the kind that the
 * read keys have there. `Infinity` where nothing can be told.
 */
export function estimateRest({ first, last, versions, before }: ReadPart): number {
  if (before === undefined) return Infinity;
  const a = codePointsOf(first), b = codePointsOf(last), c = codePointsOf(before);
  const shared = commonLength(b, c);
  const start = Math.min(shared, commonLength(a, b));
  let read = 0, rest = 0, unit = 1;
  for (let place = start; place < start + PLACES; place++) {
    const from = a[place] ?? 0, to = b[place] ?? 0, end = c[place] ?? 0;
    const low = kindStart(Math.min(from, to)), high = kindEnd(Math.max(from, to));
    if (place > shared && from === to && isSeparator(to)) continue;
    unit /= high - low;
    read += (to - from) * unit;
    rest += ((place > shared ? Math.min(Math.max(end, low), high) : end) - to) * unit;
  }
  return read > 0 ? versions * rest / read : Infinity;
}

/** Not a letter and not a digit. */
function isSeparator(code: number): boolean {
  return code < 0x30 || (code >= 0x3a && code < 0x41) || (code >= 0x5b && code < 0x61) ||
    (code >= 0x7b && code < 0x80);
}
