/** Above every code point. */
export const END_OF_CODES = 0x110000;

/** Where kinds of characters end: at one place, keys tend to have one kind. */
const KIND_ENDS = [0x30, 0x3a, 0x41, 0x5b, 0x61, 0x7b, 0x80, 0x800, 0x3000, 0xa000, END_OF_CODES];

/** A key's characters by their places: the order of code points is that of UTF-8 bytes. */
export function codePointsOf(key: string): number[] {
  return Array.from(key, (character) => character.codePointAt(0)!);
}

/** The first place at which two keys differ. */
export function commonLength(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** Where the kind begins that a character is of. */
export function kindStart(code: number): number {
  return KIND_ENDS.findLast((end) => end <= code) ?? 0;
}

/** Where the kind ends that a character is of. */
export function kindEnd(code: number): number {
  return KIND_ENDS.find((end) => end > code) ?? END_OF_CODES;
}

/** Whether a character is ASCII, but neither a letter nor a digit. */
export function isSeparator(code: number): boolean {
  return code < 0x80 && !/[0-9A-Za-z]/.test(String.fromCodePoint(code));
}
