/** A time as Go writes it into JSON: RFC 3339, fraction of up to nine digits, `Z` or an offset. */
const GO_TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Milliseconds since 1970, whatever is finer cut off; undefined when `text` is no such time.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(parseGoTime("2015-06-05T15:21:58.123456789-05:00"), 1433535718123);
 * ```
 */
export function parseGoTime(text: string): number | undefined {
  const [, moment, fraction = "", offset] = GO_TIME.exec(text) ?? [];
  if (moment === undefined || !isOnTheCalendar(moment)) return;
  const time = Date.parse(moment + fraction.slice(0, 4) + offset);
  return Number.isNaN(time) ? undefined : time;
}

/** Date.parse takes February 30 for March 1 or 2. */
function isOnTheCalendar(moment: string): boolean {
  const time = Date.parse(`${moment}Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(moment);
}
