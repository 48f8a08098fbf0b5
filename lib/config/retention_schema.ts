import * as z from "npm:zod@4.6.7";
import { BackupError } from "../model/errors.ts";
import { AGE_FORM, parseAge } from "../model/time.ts";

/** A number of points or days, with the same words for every way of getting it wrong. */
function wholeNumber(least: number, description: string) {
  const error = `must be a whole number, ${least} or more`;
  return z.int({ error }).min(least, { error }).describe(description).optional();
}

/** Whether `read` takes the text. */
export function isReadBy(read: (text: string) => unknown): (text: string) => boolean {
  return (text) => {
    try {
      read(text);
      return true;
    } catch (error) {
      if (error instanceof BackupError) return false;
      throw error;
    }
  };
}

const age = z.string({ error: `must be ${AGE_FORM}` })
  .refine(isReadBy(parseAge), { error: `must be ${AGE_FORM}` });

const zone = z.string({ error: "must be the name of a time zone, such as Europe/Berlin" })
  .refine(isTimeZone, { error: "must be the name of a time zone, such as Europe/Berlin" });

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** What `gc` keeps. `keepWithin` is an age here, milliseconds in the library. */
export const retentionSchema = z.strictObject({
  days: wholeNumber(1, "Snapshots older than this many days are obsolete."),
  minimumRedundancy: wholeNumber(1, "The newest so many stay, however old. Default: 1."),
  keepLast: wholeNumber(1, "The newest so many stay."),
  keepHourly: wholeNumber(1, "The newest of each of the last so many hours that have one."),
  keepDaily: wholeNumber(1, "The newest of each of the last so many days that have one."),
  keepWeekly: wholeNumber(1, "The newest of each of the last so many weeks that have one."),
  keepMonthly: wholeNumber(1, "The newest of each of the last so many months that have one."),
  keepYearly: wholeNumber(1, "The newest of each of the last so many years that have one."),
  keepWithin: age.describe("Every snapshot that is at most so old: 36h, 7d, 2w.").optional(),
  timeZone: zone.describe("Where days, weeks and so on begin. Default: UTC.").optional(),
  safetyDays: wholeNumber(0, "How many days the snapshot that a restore takes first stays."),
}, { error: "must be an object of retention rules" });

/** As written in configuration. */
export type RetentionConfig = z.infer<typeof retentionSchema>;
