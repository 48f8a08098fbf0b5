/** Times and ages as people write them: on the command line, in configuration, in calls. */
import { InputError } from "./errors.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Milliseconds that a unit of an age stands for. A year is 365 days. */
const UNITS: Readonly<Record<string, number>> = {
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
  w: 7 * DAY,
  y: 365 * DAY,
};

const AGE = /^(?:\d+[smhdwy])+$/;
const AGE_TERM = /(\d+)([smhdwy])/g;
/** Ages from here on cannot be meant: a date that old has no four-digit year. */
const MAX_AGE = 2000 * 365 * DAY;

/** What {@linkcode parseAge} reads, for messages. */
export const AGE_FORM = "an age such as 90m, 36h, 7d, 2w, 1y or 1d12h";
/** What {@linkcode parseTime} reads, for messages. */
export const TIME_FORM = "a time such as 2026-11-23, 2026-11-23T01:15Z or 2026-11-23T02:15+01:00";

/** A moment, or how long ago it was: what that means depends on whose clock is asked. */
export type TimeReference = { readonly time: number } | { readonly age: number };

/**
 * `90m`, `36h`, `7d`, `2w`, `1y`, or several in a row (`1d12h`), as milliseconds.
 *
 * @throws {InputError} when `text` is no age
 */
export function parseAge(text: string): number {
  const age = AGE.test(text) ? sumOfTerms(text) : NaN;
  if (age <= MAX_AGE) return age;
  throw new InputError(`${JSON.stringify(text)} is not ${AGE_FORM}`);
}

function sumOfTerms(text: string): number {
  let sum = 0;
  for (const [, count, unit] of text.matchAll(AGE_TERM)) sum += Number(count) * UNITS[unit!]!;
  return sum;
}

const ISO_8601 =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/i;

/**
 * An ISO 8601 date or time, or an age. Without an offset, UTC is meant; a date alone is its
 * first moment.
 *
 * @throws {InputError} when `text` is neither
 */
export function parseTime(text: string): TimeReference {
  if (AGE.test(text)) return { age: parseAge(text) };
  const time = parseIsoTime(text);
  if (time !== undefined) return { time };
  throw new InputError(`${JSON.stringify(text)} is neither ${TIME_FORM} nor ${AGE_FORM}`);
}

function parseIsoTime(text: string): number | undefined {
  const match = ISO_8601.exec(text);
  if (!match) return;
  const [, date, minutes = "00:00", seconds = "00", fraction = "", offset = "Z"] = match;
  if (!isCalendarDay(date!)) return;
  const milliseconds = fraction.slice(0, 4);
  const time = Date.parse(`${date}T${minutes}:${seconds}${milliseconds}${offset.toUpperCase()}`);
  return Number.isNaN(time) ? undefined : time;
}

/** Date.parse takes 31 February for 3 March. */
function isCalendarDay(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}

/** The moment that a reference means when it is `now`. Both in milliseconds since 1970. */
export function momentOf(reference: TimeReference, now: number): number {
  return "time" in reference ? reference.time : now - reference.age;
}
