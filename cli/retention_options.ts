import { Command } from "npm:@commander-js/extra-typings@15.1.0";
import type { RetentionConfig } from "../lib/config/retention_schema.ts";
import { periodNamer } from "../lib/model/calendar_period.ts";
import { parseAge } from "../lib/model/time.ts";
import type { RetentionPolicy } from "../lib/model/retention_policy.ts";
import { readBy, wholeNumber } from "./global_options.ts";

/** A command that takes the retention rules. */
export function retentionCommand(name: string) {
  return new Command(name)
    .option("--retention-days <n>", "older than so many days is obsolete", wholeNumber(1))
    .option("--minimum-redundancy <n>", "keep the newest so many, however old", wholeNumber(1))
    .option("--keep-last <n>", "keep the newest so many", wholeNumber(1))
    .option("--keep-hourly <n>", "keep one for each of the last so many hours", wholeNumber(1))
    .option("--keep-daily <n>", "keep one for each of the last so many days", wholeNumber(1))
    .option("--keep-weekly <n>", "keep one for each of the last so many weeks", wholeNumber(1))
    .option("--keep-monthly <n>", "keep one for each of the last so many months", wholeNumber(1))
    .option("--keep-yearly <n>", "keep one for each of the last so many years", wholeNumber(1))
    .option(
      "--keep-within <age>",
      "keep all that are at most so old: 36h, 7d",
      readBy(checkedBy(someAge)),
    )
    .option(
      "--time-zone <zone>",
      "where days, weeks and so on begin: Europe/Berlin (default: UTC)",
      readBy(checkedBy(periodNamer)),
    )
    .option(
      "--safety-days <n>",
      "keep what a restore stored first for so many days (default: 7)",
      wholeNumber(0),
    );
}

/** The rules as configuration has them. */
export function retentionOf(
  { retentionDays, ...rules }: Omit<RetentionConfig, "days"> & {
    readonly retentionDays?: number | undefined;
  },
): RetentionConfig {
  return { days: retentionDays, ...rules };
}

/** Whether any rule says what may go: `minimumRedundancy` alone says how many must stay. */
export function hasRule(
  { minimumRedundancy: _, timeZone: __, safetyDays: ___, ...rules }: RetentionPolicy,
): boolean {
  return Object.keys(rules).length > 0;
}

/** No age at all would keep what is of this very moment. */
function someAge(text: string): number {
  const age = parseAge(text);
  if (age > 0) return age;
  throw new Error("Use an age of more than 0, such as 90m, 36h, 7d");
}

/** Checks a text that the configuration keeps as text. */
function checkedBy(read: (text: string) => unknown): (text: string) => string {
  return (text) => {
    read(text);
    return text;
  };
}
