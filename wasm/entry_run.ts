// @ts-nocheck: AssemblyScript, not TypeScript. `deno task wasm` compiles it to lib/s3/entry_run.wasm.
/**
 * Reads entries of a page of versions that are laid out like one that was read before, which is how
 * servers write nearly all of them: the same markup, other texts. lib/s3/entry_run.ts tells it the
 * layouts and lib/s3/page_memory.ts where everything is; both must agree with the classes below.
 *
 * It decides nothing: before the first entry that has another layout, or a text that means something
 * else than its bytes, it stops, and the reader in TypeScript takes that entry. So it must never take
 * what that one refuses, and never read anything else from it.
 *
 * 16 bytes are read and written at a time, up to 15 behind what is meant: all areas have room for it.
 */

/** Where a column of texts is. Row `i` begins at `offsets[i]` and ends before `offsets[i + 1]`. */
@unmanaged
class TextColumn {
  bytes: usize;
  offsets: usize;
}

/** The page, its columns, and what is known of it. All that is no address is a number. */
@unmanaged
class Page {
  /** The next byte to read. */
  at: usize;
  /** Behind the last byte; a `<` stands there. */
  end: usize;
  /** Rows that are written. */
  rows: u32;
  /** Rows for which there is room. */
  maxRows: u32;
  /** Whether keys are percent-encoded: 1 or 0. */
  isEncoded: u32;
  layouts: usize;
  layoutCount: u32;
  /** Storage classes of this page. */
  classes: usize;
  classCount: u32;
  /** The class of an entry that names none; -1 while it has no index. */
  defaultClass: i32;
  keys: TextColumn;
  versionIds: TextColumn;
  etags: TextColumn;
  sizes: usize;
  lastModified: usize;
  storageClasses: usize;
  flags: usize;
}

/** How an entry is written: {@linkcode Piece}s, of which the last has no text behind it. */
@unmanaged
class Layout {
  /** Of the row, but for {@linkcode LATEST}. */
  flags: u32;
  /** Fields that have a text, as a sum of their numbers. */
  fields: u32;
  // The pieces follow.
}

/** Markup, and which field's text stands behind it; 0 for none. */
@unmanaged
class Piece {
  markup: usize;
  length: u32;
  field: u32;
}

/** A storage class as pages write it; its place among the others is its index. */
@unmanaged
class StorageClass {
  length: u32;
  // The bytes follow.
}

const PAGE: usize = 1024;
const LAYOUT_SIZE: usize = 4096;
const CLASS_SIZE: usize = 64;

const KEY = 1, VERSION_ID = 2, IS_LATEST = 4, LAST_MODIFIED = 8, ETAG = 16, SIZE = 32;
const STORAGE_CLASS = 64;
/** A row's flag. */
const LATEST = 2;

const TAB = 0x09, LINE_FEED = 0x0a, RETURN = 0x0d, SPACE = 0x20, QUOTE = 0x22, PERCENT = 0x25;
const AMPERSAND = 0x26, PLUS = 0x2b, DASH = 0x2d, DOT = 0x2e, ZERO = 0x30, COLON = 0x3a;
const LESS_THAN = 0x3c, LETTER_T = 0x54, LETTER_Z = 0x5a;

/** `null`, `true`, `fals` and `&quo` in the order of memory. */
const NULL: u32 = 0x6c6c756e, TRUE: u32 = 0x65757274, FALS: u32 = 0x736c6166;
const AND_QUO: u32 = 0x6f757126;
/** `t;` likewise. */
const T_SEMICOLON: u16 = 0x3b74;
const ENTITY_LENGTH: usize = 6;

/** More digits than that may be no exact number. */
const MAX_DIGITS: usize = 15;
/** Bytes of `2026-11-23T05:32:26`. */
const FRACTION: usize = 19;
const MILLISECONDS_OF_DAY: f64 = 86_400_000;
const FIRST_YEAR = 100;
/** What {@linkcode daysSince1970} counts before it is taken away. */
const DAYS_BEFORE_1970 = 719_527;
/** No day: years before {@linkcode FIRST_YEAR} are refused. */
const NO_DAY = i32.MIN_VALUE;

/** In place of an address, which is never so small. */
const OTHER_LAYOUT: usize = 0, NOT_PLAIN: usize = 1;

/**
 * Read on from `page.at` as long as entries are like one that is known.
 *
 * @returns 1 where the next thing is laid out like none of them, 0 where it is, and is not plain.
 */
export function readEntries(): u32 {
  const page = changetype<Page>(PAGE);
  while (page.rows < page.maxRows) {
    const start = skipWhite(page.at);
    let end = OTHER_LAYOUT;
    for (let i: usize = 0; i < page.layoutCount && end === OTHER_LAYOUT; i++) {
      end = readEntry(page, changetype<Layout>(page.layouts + i * LAYOUT_SIZE), start);
    }
    if (end === OTHER_LAYOUT) return 1;
    if (end === NOT_PLAIN) return 0;
    page.at = end;
    page.rows++;
  }
  return 0;
}

/** Whether none of so many bytes has its highest bit set: 1 or 0. */
export function isAscii(at: usize, length: usize): u32 {
  const end = at + length;
  let seen = i8x16.splat(0);
  for (; at + 16 <= end; at += 16) seen = v128.or(seen, v128.load(at));
  let high = i8x16.bitmask(seen);
  for (; at < end; at++) high |= load<u8>(at) >> 7;
  return high === 0 ? 1 : 0;
}

function skipWhite(at: usize): usize {
  while (isWhite(load<u8>(at))) at++;
  return at;
}

function isWhite(byte: u8): bool {
  return byte === SPACE || byte === LINE_FEED || byte === RETURN || byte === TAB;
}

/**
 * Write the entry at `at` to the next row.
 *
 * @returns Behind the entry, or {@linkcode OTHER_LAYOUT}, or {@linkcode NOT_PLAIN}.
 */
function readEntry(page: Page, layout: Layout, at: usize): usize {
  const row = page.rows;
  store<u8>(page.flags + row, layout.flags as u8);
  store<f64>(page.sizes + (row << 3), 0);
  let piece = changetype<Piece>(changetype<usize>(layout) + offsetof<Layout>());
  while (true) {
    const length = piece.length;
    if (at + length > page.end || !isSame(at, piece.markup, length)) return OTHER_LAYOUT;
    at += length;
    if (piece.field === 0) break;
    const end = findLessThan(at);
    if (end === at) return OTHER_LAYOUT;
    if (!readText(page, row, piece.field, at, end)) return NOT_PLAIN;
    at = end;
    piece = changetype<Piece>(changetype<usize>(piece) + offsetof<Piece>());
  }
  return fillGaps(page, row, layout.fields) ? at : NOT_PLAIN;
}

/** What a row holds of fields that its entry has not. False where that is not known. */
function fillGaps(page: Page, row: u32, fields: u32): bool {
  if ((fields & VERSION_ID) === 0) {
    const at = rowStart(page.versionIds, row);
    store<u32>(page.versionIds.bytes + at, NULL);
    endRow(page.versionIds, row, at + 4);
  }
  if ((fields & ETAG) === 0) endRow(page.etags, row, rowStart(page.etags, row));
  if ((fields & STORAGE_CLASS) === 0) {
    if (page.defaultClass < 0) return false;
    store<u8>(page.storageClasses + row, page.defaultClass as u8);
  }
  return true;
}

/** False where the text from `at` to `end` is not plain, or nothing that such a field may be. */
function readText(page: Page, row: u32, field: u32, at: usize, end: usize): bool {
  switch (field) {
    case KEY:
      return page.isEncoded ? decodeKey(page.keys, row, at, end) : copy(page.keys, row, at, end);
    case VERSION_ID:
      return copy(page.versionIds, row, at, end);
    case ETAG:
      return readETag(page.etags, row, at, end);
    case SIZE:
      return readSize(page.sizes + (row << 3), at, end);
    case LAST_MODIFIED:
      return readTime(page.lastModified + (row << 3), at, end);
    case IS_LATEST:
      return readLatest(page.flags + row, at, end);
    case STORAGE_CLASS:
      return readClass(page, row, at, end);
  }
  return false;
}

function rowStart(column: TextColumn, row: u32): u32 {
  return load<u32>(column.offsets + (row << 2));
}

function endRow(column: TextColumn, row: u32, end: u32): void {
  store<u32>(column.offsets + ((row + 1) << 2), end);
}

/** Write a text without entities, and without quotes: all bytes from `'` on mean themselves. */
function copy(column: TextColumn, row: u32, at: usize, end: usize): bool {
  const start = rowStart(column, row);
  endRow(column, row, start + ((end - at) as u32));
  for (let to = column.bytes + start; at < end; at += 16, to += 16) {
    const bytes = v128.load(at);
    v128.store(to, bytes);
    let low = i8x16.bitmask(i8x16.lt_u(bytes, i8x16.splat((AMPERSAND + 1) as i8)));
    if (at + 16 > end) low &= (1 << ((end - at) as i32)) - 1;
    if (low !== 0) return false;
  }
  return true;
}

/** Write a percent-encoded text without entities: all bytes from `,` on mean themselves. */
function decodeKey(column: TextColumn, row: u32, at: usize, end: usize): bool {
  let to = column.bytes + rowStart(column, row);
  while (at < end) {
    const bytes = v128.load(at);
    v128.store(to, bytes);
    const low = i8x16.bitmask(i8x16.lt_u(bytes, i8x16.splat((PLUS + 1) as i8)));
    const plain = min<usize>(low === 0 ? 16 : ctz(low) as usize, end - at);
    at += plain;
    to += plain;
    if (at === end || low === 0) continue;
    const byte = load<u8>(at);
    if (byte === AMPERSAND) return false;
    if (byte === PERCENT) {
      // Where the text ends too early stands a `<`, which is no digit.
      const high = hexDigit(load<u8>(at + 1)), low = hexDigit(load<u8>(at + 2));
      if ((high | low) < 0) return false;
      store<u8>(to, (high * 16 + low) as u8);
      at += 2;
    } else {
      store<u8>(to, byte === PLUS ? SPACE as u8 : byte);
    }
    at++;
    to++;
  }
  endRow(column, row, (to - column.bytes) as u32);
  return true;
}

/** Negative for anything else. */
function hexDigit(byte: u32): i32 {
  const digit = byte - ZERO;
  if (digit <= 9) return digit as i32;
  // Lower case, upper case or neither.
  const letter = (byte | 0x20) - 0x61;
  return letter <= 5 ? (letter as i32) + 10 : -1;
}

/** Without the quotes around it: two entities, two characters, or none. */
function readETag(column: TextColumn, row: u32, at: usize, end: usize): bool {
  if (end - at >= 2 * ENTITY_LENGTH && isQuoteEntity(at) && isQuoteEntity(end - ENTITY_LENGTH)) {
    at += ENTITY_LENGTH;
    end -= ENTITY_LENGTH;
  } else if (end - at >= 2 && load<u8>(at) === QUOTE && load<u8>(end - 1) === QUOTE) {
    at++;
    end--;
  }
  return copy(column, row, at, end);
}

function isQuoteEntity(at: usize): bool {
  return load<u32>(at) === AND_QUO && load<u16>(at + 4) === T_SEMICOLON;
}

function readSize(to: usize, at: usize, end: usize): bool {
  if (end - at > MAX_DIGITS) return false;
  let size: u64 = 0;
  for (; at < end; at++) {
    const digit = (load<u8>(at) as u32) - ZERO;
    if (digit > 9) return false;
    size = size * 10 + digit;
  }
  store<f64>(to, size as f64);
  return true;
}

function readLatest(flags: usize, at: usize, end: usize): bool {
  if (end - at === 4 && load<u32>(at) === TRUE) {
    store<u8>(flags, load<u8>(flags) | LATEST);
    return true;
  }
  return end - at === 5 && load<u32>(at) === FALS && load<u8>(at + 4) === 0x65;
}

function readClass(page: Page, row: u32, at: usize, end: usize): bool {
  const length = (end - at) as u32;
  for (let i: usize = 0; i < page.classCount; i++) {
    const known = changetype<StorageClass>(page.classes + i * CLASS_SIZE);
    const bytes = changetype<usize>(known) + offsetof<StorageClass>();
    if (known.length !== length || !isSame(at, bytes, length)) continue;
    store<u8>(page.storageClasses + row, i as u8);
    return true;
  }
  return false;
}

/** `2026-11-23T05:32:26.798Z`, with any number of digits in the fraction, or none. */
function readTime(to: usize, at: usize, end: usize): bool {
  if (
    end - at <= FRACTION || load<u8>(at + 4) !== DASH || load<u8>(at + 7) !== DASH ||
    load<u8>(at + 10) !== LETTER_T || load<u8>(at + 13) !== COLON ||
    load<u8>(at + 16) !== COLON || load<u8>(end - 1) !== LETTER_Z
  ) return false;
  const days = daysSince1970(at);
  // What is no digit is negative and, without its sign, large.
  const hour = twoDigits(at + 11), minute = twoDigits(at + 14), second = twoDigits(at + 17);
  if (days === NO_DAY || (hour as u32) > 23 || (minute as u32) > 59 || (second as u32) > 59) {
    return false;
  }
  const milliseconds = readFraction(at + FRACTION, end - 1);
  if (milliseconds < 0) return false;
  const time = ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds;
  store<f64>(to, (days as f64) * MILLISECONDS_OF_DAY + (time as f64));
  return true;
}

function daysSince1970(at: usize): i32 {
  const century = twoDigits(at), yearOfCentury = twoDigits(at + 2);
  const month = twoDigits(at + 5) - 1, day = twoDigits(at + 8) - 1;
  const year = century * 100 + yearOfCentury;
  if (century < 0 || yearOfCentury < 0 || year < FIRST_YEAR) return NO_DAY;
  if ((month as u32) > 11 || day < 0 || day >= daysOfMonth(year, month)) return NO_DAY;
  const past = year - 1;
  let days = year * 365 + past / 4 - past / 100 + past / 400 - DAYS_BEFORE_1970 + day;
  for (let before = 0; before < month; before++) days += daysOfMonth(year, before);
  return days;
}

function daysOfMonth(year: i32, month: i32): i32 {
  if (month === 1) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  // April, June, September and November.
  return month === 3 || month === 5 || month === 8 || month === 10 ? 30 : 31;
}

/** Negative where there are none. */
function twoDigits(at: usize): i32 {
  const tens = (load<u8>(at) as u32) - ZERO, ones = (load<u8>(at + 1) as u32) - ZERO;
  return tens > 9 || ones > 9 ? -1 : (tens * 10 + ones) as i32;
}

/** Milliseconds of `.798`; the digits after them do not count. Negative for anything else. */
function readFraction(at: usize, end: usize): i32 {
  if (at === end) return 0;
  if (load<u8>(at) !== DOT || end - at < 2) return -1;
  let milliseconds = 0, weight = 100;
  while (++at < end) {
    const digit = (load<u8>(at) as u32) - ZERO;
    if (digit > 9) return -1;
    milliseconds += (digit as i32) * weight;
    weight /= 10;
  }
  return milliseconds;
}

function isSame(a: usize, b: usize, length: u32): bool {
  let left = length;
  for (; left >= 16; left -= 16, a += 16, b += 16) {
    if (v128.any_true(v128.xor(v128.load(a), v128.load(b)))) return false;
  }
  if (left >= 8) {
    if (load<u64>(a) !== load<u64>(b)) return false;
    left -= 8, a += 8, b += 8;
  }
  for (; left > 0; left--, a++, b++) if (load<u8>(a) !== load<u8>(b)) return false;
  return true;
}

/** There is one: at the page's end, at the latest. */
function findLessThan(at: usize): usize {
  while (true) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(LESS_THAN as i8)));
    if (found !== 0) return at + (ctz(found) as usize);
    at += 16;
  }
}
