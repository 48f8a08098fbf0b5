import { codePointsOf, commonLength, isSeparator, kindEnd, kindStart } from "./key_places.ts";

/** Places that count, from the first at which keys differ: a number holds no more. */
const PLACES = 12;

/**
 * About how many more pages a range has, if its keys go on to lie as they do on the page read last.
 * Keys are taken for numbers with as many digits at a place as there are characters of the kind that
 * the page has there. `Infinity` where nothing can be told.
 *
 * @param before The range ends before it; undefined for no end.
 */
export function estimatePages(
  pageFirst: string,
  pageLast: string,
  before: string | undefined,
): number {
  if (before === undefined) return Infinity;
  const [first, last, end] = [pageFirst, pageLast, before].map(codePointsOf) as Places;
  const shared = commonLength(last, end);
  const start = Math.min(shared, commonLength(first, last));
  let page = 0, rest = 0, unit = 1;
  for (let place = start; place < start + PLACES; place++) {
    const from = first[place] ?? 0, to = last[place] ?? 0;
    // What both have between two numbers takes no part in counting.
    if (place > shared && from === to && isSeparator(to)) continue;
    const least = kindStart(Math.min(from, to)), most = kindEnd(Math.max(from, to));
    const until = end[place] ?? 0;
    unit /= most - least;
    page += (to - from) * unit;
    rest += ((place > shared ? Math.min(Math.max(until, least), most) : until) - to) * unit;
  }
  return page > 0 ? rest / page : Infinity;
}

type Places = [first: number[], last: number[], end: number[]];
