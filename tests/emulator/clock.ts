/** Times as S3 writes them. */

/** Milliseconds in a second. */
export const SECOND = 1_000;

/** An instant cut to whole seconds, the precision that S3 keeps; in milliseconds. */
export function toWholeSecond(time: number): number {
  return Math.floor(time / SECOND) * SECOND;
}

/** A page often repeats it. */
let lastIso = { time: 0, text: new Date(0).toISOString() };

/** A time in an XML document: `2026-11-23T01:15:30.000Z`. */
export function isoTime(time: number): string {
  if (time !== lastIso.time) lastIso = { time, text: new Date(time).toISOString() };
  return lastIso.text;
}

/** A time in an HTTP header: `Mon, 23 Nov 2026 01:15:30 GMT`. */
export function httpTime(time: number): string {
  return new Date(time).toUTCString();
}
