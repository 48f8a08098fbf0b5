/** S3's limit, in UTF-8 bytes; a marker is a key. */
const MAX_KEY_BYTES = 1024;
/** Sorts after every other character. */
const LAST_CHARACTER = "\u{10ffff}";
const LAST_CHARACTER_BYTES = 4;
const FIRST_AFTER_SURROGATES = 0xe000;
const LAST_BEFORE_SURROGATES = 0xd7ff;

const encoder = new TextEncoder();

/**
 * A text that sorts before `key`, and so close that hardly a key lies between: where a listing
 * that shows the keys *after* a marker has to begin so that it shows `key`, too.
 *
 * @param key Not empty.
 */
export function keyBefore(key: string): string {
  const last = [...key].at(-1)!;
  const rest = key.slice(0, -last.length);
  const code = last.codePointAt(0)!;
  if (code === 0) return rest;
  const before = rest +
    String.fromCodePoint(code === FIRST_AFTER_SURROGATES ? LAST_BEFORE_SURROGATES : code - 1);
  const room = MAX_KEY_BYTES - encoder.encode(before).length;
  return room < LAST_CHARACTER_BYTES ? before : before + LAST_CHARACTER;
}
