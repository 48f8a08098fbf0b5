/** What a text of a page means: XML's entities and, for keys, S3's percent-encoding. */
import type { ScratchColumn } from "./page_columns.ts";
import { refuse } from "./refusal.ts";

const AMPERSAND = 0x26, SEMICOLON = 0x3b;
const PERCENT = 0x25, PLUS = 0x2b, SPACE = 0x20;
/** `&#x10FFFF;` with some leading zeros. */
const MAX_ENTITY_LENGTH = 12;
const NUMERIC_ENTITY = /^#(?:x([0-9a-f]+)|([0-9]+))$/i;
const NAMED_ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["apos", "'"],
  ["gt", ">"],
  ["lt", "<"],
  ["quot", '"'],
]);
const MAX_CODE_POINT = 0x10ffff;

const encoder = new TextEncoder();

/** Write the text from `at` to `end` as the column's next row. */
export function writeText(
  column: ScratchColumn,
  bytes: Uint8Array,
  at: number,
  end: number,
): void {
  const target = column.bytes;
  let to = column.start;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === AMPERSAND) {
      const semicolon = entityEnd(bytes, at, end);
      const character = decodeEntity(bytes, at + 1, semicolon);
      to += encoder.encodeInto(character, target.subarray(to)).written;
      at = semicolon;
    } else {
      target[to++] = byte;
    }
  }
  column.close(to);
}

/** Like {@linkcode writeText}, for a percent-encoded text, in which a plus sign is a space. */
export function writeEncodedText(
  column: ScratchColumn,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const row = column.start;
  const written = decodePercent(bytes, start, end, column.bytes, row);
  if (written >= 0) return column.close(written);
  // XML comes first, and what comes of it is percent-encoded; it gets shorter in its place.
  writeText(column, bytes, start, end);
  column.shorten(decodePercent(column.bytes, row, column.start, column.bytes, row, true));
}

/** Gives where the decoded text ends in `target`; -1 where there is an entity to decode first. */
function decodePercent(
  bytes: Uint8Array,
  at: number,
  end: number,
  target: Uint8Array,
  to: number,
  isPlain = false,
): number {
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === PERCENT) {
      const first = bytes[at + 1], second = bytes[at + 2];
      if (!isPlain && (first === AMPERSAND || second === AMPERSAND)) return -1;
      if (at + 2 >= end) refuse();
      target[to++] = hexDigit(first!) * 16 + hexDigit(second!);
      at += 2;
    } else if (byte === AMPERSAND && !isPlain) {
      return -1;
    } else {
      target[to++] = byte === PLUS ? SPACE : byte;
    }
  }
  return to;
}

function entityEnd(bytes: Uint8Array, ampersand: number, end: number): number {
  const limit = Math.min(end, ampersand + MAX_ENTITY_LENGTH);
  for (let at = ampersand + 2; at < limit; at++) {
    if (bytes[at] === SEMICOLON) return at;
  }
  refuse();
}

function decodeEntity(bytes: Uint8Array, start: number, end: number): string {
  const name = String.fromCharCode(...bytes.subarray(start, end));
  const named = NAMED_ENTITIES.get(name);
  if (named !== undefined) return named;
  const [, hexadecimal, decimal] = NUMERIC_ENTITY.exec(name) ?? refuse();
  const code = hexadecimal ? parseInt(hexadecimal, 16) : parseInt(decimal!, 10);
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  return code === 0 || isSurrogate || code > MAX_CODE_POINT ? refuse() : String.fromCodePoint(code);
}

function hexDigit(byte: number): number {
  const digit = byte - 0x30;
  // Unsigned, what lies below is large, too.
  if (digit >>> 0 <= 9) return digit;
  // Lower case, upper case or neither.
  const letter = (byte | 0x20) - 0x61;
  return letter >>> 0 <= 5 ? letter + 10 : refuse();
}
