/**
 * Which restoration points stay. Pure: the caller reads the points and the clock.
 *
 * A point stays when any rule keeps it; every rule can only add. So a mistake in one rule, or a
 * rule that finds nothing, never removes what another keeps.
 */
import { periodNamer } from "./calendar_period.ts";
import {
  assertRetentionPolicy,
  COUNT_RULES,
  DEFAULT_SAFETY_DAYS,
  type RetentionPolicy,
} from "./retention_policy.ts";

/** One restoration point, as far as retention cares. */
export interface RetentionPoint {
  readonly id: string;
  /** The moment it shows, by the bucket server's clock, in milliseconds since 1970. */
  readonly asOf: number;
  /** Kept whatever the rules say. */
  readonly pinned?: boolean;
  /** Taken by a restore so that it can be undone: has a retention of its own. */
  readonly safety?: boolean;
}

/** What happens to one point, and why. */
export interface RetentionVerdict {
  readonly id: string;
  readonly keep: boolean;
  /**
   * At least one, for humans: every rule that keeps it (`newest`, `minimum redundancy 2`,
   * `younger than 30 days`, `daily 2026-11-22`, `pinned`, ...), or why none does.
   */
  readonly reasons: readonly string[];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * Decide about the points of one bucket. The verdicts come in the points' order.
 *
 * - The newest point stays, and so do the newest `minimumRedundancy`: no removal takes the count
 *   below that.
 * - A point dated after `now` stays, and counts for nothing: it pushes no other out.
 * - A safety snapshot stays for `safetyDays`; it counts for nothing either.
 * - A pinned point stays; it takes part in the other rules like any other, except that it does
 *   not stand in for one of the newest `minimumRedundancy`.
 *
 * Points that gc has begun to remove must be left out: they cannot be restored any more, so they
 * must not count.
 *
 * @param now Milliseconds since 1970, by the bucket server's clock.
 * @throws {InputError} when the policy holds no rule, or a value that is out of its range
 *
 * @example
 * ```ts
 * import { planRetention } from "./retention.ts";
 *
 * const now = Date.UTC(2026, 10, 23);
 * const points = [20, 21, 22].map((day) => ({ id: `${day}`, asOf: Date.UTC(2026, 10, day) }));
 * planRetention(points, { days: 2 }, now);
 * // 20: expires, "older than 2 days"; 21: kept; 22: kept, "newest" and "younger than 2 days"
 * ```
 */
export function planRetention(
  points: readonly RetentionPoint[],
  policy: RetentionPolicy,
  now: number,
): RetentionVerdict[] {
  assertRetentionPolicy(policy);
  const reasons = new Map<RetentionPoint, string[]>(points.map((point) => [point, []]));
  const keep = (point: RetentionPoint, reason: string) => reasons.get(point)!.push(reason);

  for (const point of points) {
    if (point.pinned) keep(point, "pinned");
    // Written so that a time that is no number keeps its point.
    if (!(point.asOf <= now)) keep(point, "dated in the future");
  }
  const past = points.filter(({ asOf }) => asOf <= now);
  keepSafety(past.filter(({ safety }) => safety), policy, now, keep);
  const regular = past.filter(({ safety }) => !safety).sort(newestFirst);
  keepNewest(regular, policy, keep);
  keepYoung(regular, policy, now, keep);
  keepPeriods(regular, policy, keep);

  return points.map((point) => {
    const why = reasons.get(point)!;
    if (why.length > 0) return { id: point.id, keep: true, reasons: why };
    return { id: point.id, keep: false, reasons: [whyExpired(point, policy)] };
  });
}

type Keep = (point: RetentionPoint, reason: string) => void;

function newestFirst(a: RetentionPoint, b: RetentionPoint): number {
  return b.asOf - a.asOf || (a.id < b.id ? 1 : -1);
}

function keepSafety(
  points: readonly RetentionPoint[],
  policy: RetentionPolicy,
  now: number,
  keep: Keep,
): void {
  const days = policy.safetyDays ?? DEFAULT_SAFETY_DAYS;
  for (const point of points) {
    if (point.asOf >= now - days * DAY) {
      keep(point, `safety snapshot younger than ${count(days, "day")}`);
    }
  }
}

function keepNewest(
  points: readonly RetentionPoint[],
  policy: RetentionPolicy,
  keep: Keep,
): void {
  if (points[0]) keep(points[0], "newest");
  for (const point of points.slice(0, policy.keepLast ?? 0)) {
    keep(point, `last ${policy.keepLast}`);
  }
  // Someone who pinned three points years ago and whose snapshots stop today must not be left
  // with those three: only points that age like others make up the minimum.
  const ageing = points.filter(({ pinned }) => !pinned);
  for (const point of ageing.slice(0, policy.minimumRedundancy ?? 0)) {
    keep(point, `minimum redundancy ${policy.minimumRedundancy}`);
  }
}

function keepYoung(
  points: readonly RetentionPoint[],
  { days, keepWithin }: RetentionPolicy,
  now: number,
  keep: Keep,
): void {
  for (const point of points) {
    if (days !== undefined && point.asOf >= now - days * DAY) {
      keep(point, `younger than ${count(days, "day")}`);
    }
    if (keepWithin !== undefined && point.asOf >= now - keepWithin) {
      keep(point, `within ${formatAge(keepWithin)}`);
    }
  }
}

function keepPeriods(
  points: readonly RetentionPoint[],
  policy: RetentionPolicy,
  keep: Keep,
): void {
  const nameOf = periodNamer(policy.timeZone ?? "UTC");
  for (const [rule, period] of PERIOD_RULES) {
    const limit = policy[rule] ?? 0;
    const seen = new Set<string>();
    for (const point of points) {
      if (seen.size === limit) break;
      const name = nameOf(period, point.asOf);
      if (!seen.has(name)) keep(point, `${period} ${name}`);
      seen.add(name);
    }
  }
}

const PERIOD_RULES = [
  ["keepHourly", "hourly"],
  ["keepDaily", "daily"],
  ["keepWeekly", "weekly"],
  ["keepMonthly", "monthly"],
  ["keepYearly", "yearly"],
] as const;

function whyExpired(point: RetentionPoint, policy: RetentionPolicy): string {
  if (point.safety) {
    return `safety snapshot older than ${count(policy.safetyDays ?? DEFAULT_SAFETY_DAYS, "day")}`;
  }
  const onlyDays = COUNT_RULES.every((rule) => policy[rule] === undefined) &&
    policy.keepWithin === undefined;
  return onlyDays ? `older than ${count(policy.days!, "day")}` : "no rule keeps it";
}

function formatAge(ms: number): string {
  if (ms % DAY === 0) return count(ms / DAY, "day");
  if (ms % HOUR === 0) return count(ms / HOUR, "hour");
  return count(ms / 1000, "second");
}

function count(n: number, unit: string): string {
  return `${n} ${unit}${n === 1 ? "" : "s"}`;
}
