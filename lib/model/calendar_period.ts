import { InputError } from "./errors.ts";

/** The calendar periods that keep rules count in. A week is ISO 8601's: Monday to Sunday. */
export type CalendarPeriod = "hourly" | "daily" | "weekly" | "monthly" | "yearly";

/**
 * Names the period that a moment (milliseconds since 1970) falls into: `2026-11-22 13:00`,
 * `2026-11-22`, `2026-W47`, `2026-11`, `2026`. Two moments share a name if and only if they
 * share the period; the hour that a zone repeats in autumn has two names.
 */
export type PeriodNamer = (period: CalendarPeriod, time: number) => string;

/**
 * The namer of one time zone: an IANA name such as `Europe/Paris`, or `UTC`.
 *
 * @throws {InputError} when this runtime knows no such zone
 */
export function periodNamer(timeZone: string): PeriodNamer {
  // The first use of Intl loads its data: 20 ms and more, which most runs need not pay.
  if (timeZone === "UTC") return (period, time) => nameOf(period, partsInUtc(time));
  const format = zoneFormat(timeZone);
  return (period, time) => nameOf(period, partsOf(format, time));
}

interface ZonedParts {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  /** `GMT`, `GMT+02:00`, ... */
  readonly offset: string;
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      timeZoneName: "longOffset",
    });
  } catch (cause) {
    throw new InputError(
      `${JSON.stringify(timeZone)} is no time zone: use a name such as "UTC" or "Europe/Paris"`,
      { cause },
    );
  }
}

function partsOf(format: Intl.DateTimeFormat, time: number): ZonedParts {
  const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, value]));
  return {
    year: parts.get("year")!,
    month: parts.get("month")!,
    day: parts.get("day")!,
    hour: parts.get("hour")!,
    offset: parts.get("timeZoneName")!,
  };
}

function partsInUtc(time: number): ZonedParts {
  const date = new Date(time);
  const twoDigits = (value: number) => String(value).padStart(2, "0");
  return {
    year: String(date.getUTCFullYear()),
    month: twoDigits(date.getUTCMonth() + 1),
    day: twoDigits(date.getUTCDate()),
    hour: twoDigits(date.getUTCHours()),
    offset: "GMT",
  };
}

function nameOf(period: CalendarPeriod, at: ZonedParts): string {
  const { year, month, day, hour, offset } = at;
  switch (period) {
    case "hourly":
      return `${year}-${month}-${day} ${hour}:00${offset === "GMT" ? "" : ` ${offset}`}`;
    case "daily":
      return `${year}-${month}-${day}`;
    case "weekly":
      return isoWeek(Number(year), Number(month), Number(day));
    case "monthly":
      return `${year}-${month}`;
    case "yearly":
      return year;
  }
}

const DAY = 86_400_000;
/** A week belongs to the year that its Thursday is in. */
const THURSDAY = 4;

function isoWeek(year: number, month: number, day: number): string {
  const date = Date.UTC(year, month - 1, day);
  const weekday = new Date(date).getUTCDay() || 7;
  const thursday = new Date(date + (THURSDAY - weekday) * DAY);
  const weekYear = thursday.getUTCFullYear();
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(weekYear, 0, 1)) / (7 * DAY));
  return `${weekYear}-W${String(week).padStart(2, "0")}`;
}
