/** The order in which S3 lists keys: by the bytes of their UTF-8 form. */

/** True for a UTF-16 code unit that is one half of a character above U+FFFF. */
function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/**
 * Compares two keys by their UTF-8 bytes; negative when `a` sorts first.
 *
 * JavaScript compares UTF-16 code units, which puts U+10000 and above (written as surrogates,
 * 0xD800 to 0xDFFF) before U+E000 to U+FFFF. UTF-8 puts them after.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const surrogates = Number(isSurrogate(x)) - Number(isSurrogate(y));
    return surrogates !== 0 && Math.min(x, y) >= 0xd800 ? surrogates : x - y;
  }
  return a.length - b.length;
}

/** The index of the first of the ascending `keys` that is not before `key`. */
export function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keys[middle]!, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
