import { periodNamer } from "./calendar_period.ts";
import { InputError } from "./errors.ts";

/**
 * What to keep. At least one rule besides `minimumRedundancy` must be given: that one says how
 * many must stay, not that any may go.
 */
export interface RetentionPolicy {
  /** Older than this many days is obsolete; a point exactly that old is not. 0 or more. */
  readonly days?: number | undefined;
  /** The newest so many stay, however old; the newest one always does. 1 or more. */
  readonly minimumRedundancy?: number | undefined;
  /** The newest so many stay. 1 or more, as for every rule below. */
  readonly keepLast?: number | undefined;
  /** The newest point of each of the last so many hours that have one. */
  readonly keepHourly?: number | undefined;
  /** The newest point of each of the last so many days that have one. */
  readonly keepDaily?: number | undefined;
  /** The newest point of each of the last so many ISO weeks that have one. */
  readonly keepWeekly?: number | undefined;
  /** The newest point of each of the last so many months that have one. */
  readonly keepMonthly?: number | undefined;
  /** The newest point of each of the last so many years that have one. */
  readonly keepYearly?: number | undefined;
  /** Every point at most this many milliseconds old. More than 0. */
  readonly keepWithin?: number | undefined;
  /** Where days, weeks and so on begin: an IANA name. Default: `UTC`. */
  readonly timeZone?: string | undefined;
  /** How many days the snapshot that a restore takes first stays. 0 or more. Default: 7. */
  readonly safetyDays?: number | undefined;
}

/** How long the snapshot that a restore takes first stays when the policy does not say. */
export const DEFAULT_SAFETY_DAYS = 7;

/** The rules that say how many points they keep. */
export const COUNT_RULES = [
  "keepLast",
  "keepHourly",
  "keepDaily",
  "keepWeekly",
  "keepMonthly",
  "keepYearly",
] as const;

/**
 * Refuse a policy that cannot be meant.
 *
 * @throws {InputError} when it holds no rule, or a value that is out of its range
 */
export function assertRetentionPolicy(policy: RetentionPolicy): void {
  assertCount("minimumRedundancy", policy.minimumRedundancy);
  for (const rule of COUNT_RULES) assertCount(rule, policy[rule]);
  assertAtLeastZero("days", policy.days);
  assertAtLeastZero("safetyDays", policy.safetyDays);
  const { keepWithin } = policy;
  if (keepWithin !== undefined && !(keepWithin > 0 && Number.isFinite(keepWithin))) {
    throw new InputError(`keepWithin must be more than 0 milliseconds, not ${keepWithin}`);
  }
  periodNamer(policy.timeZone ?? "UTC");
  if (policy.days !== undefined || keepWithin !== undefined) return;
  if (COUNT_RULES.some((rule) => policy[rule] !== undefined)) return;
  throw new InputError(
    `The retention policy has no rule, so nothing says which snapshots may go. Give days or a ` +
      `keep rule, for example { "days": 30, "minimumRedundancy": 2 }`,
  );
}

function assertCount(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) return;
  throw new InputError(`${name} must be a whole number of at least 1, not ${value}`);
}

function assertAtLeastZero(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isFinite(value) && value >= 0)) return;
  throw new InputError(`${name} must be a number of at least 0, not ${value}`);
}
