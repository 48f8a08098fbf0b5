/** Texts of a page that are no keys: numbers, truth values, short words. */
import { refuse } from "./refusal.ts";
import { decodeText } from "./utf8_column.ts";

const ZERO = 0x30;
/** Digits of Number.MAX_SAFE_INTEGER, which is a thousand times what S3 stores in an object. */
const MAX_DIGITS = 16;

const encoder = new TextEncoder();
const TRUE = encoder.encode("true");
const FALSE = encoder.encode("false");

/** Whether the bytes from `at`, before `end`, begin with `text`. */
export function isAt(bytes: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  if (end - at < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}

/** `true` or `false`; refuses anything else. */
export function readBoolean(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at === TRUE.length && isAt(bytes, at, end, TRUE)) return true;
  if (end - at === FALSE.length && isAt(bytes, at, end, FALSE)) return false;
  refuse();
}

/** Decimal digits; refuses anything else, and what no number holds exactly. */
export function readWholeNumber(bytes: Uint8Array, at: number, end: number): number {
  if (end === at || end - at > MAX_DIGITS) refuse();
  let number = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit >>> 0 > 9) refuse();
    number = number * 10 + digit;
  }
  return number <= Number.MAX_SAFE_INTEGER ? number : refuse();
}

/** A text without entities; refuses one that has any, or that is not UTF-8. */
export function readPlainText(bytes: Uint8Array, at: number, end: number): string {
  const text = decodeText(bytes.subarray(at, end));
  return text.includes("&") ? refuse() : text;
}
