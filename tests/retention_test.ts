import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { InputError } from "../lib/model/errors.ts";
import { planRetention, type RetentionPoint } from "../lib/model/retention.ts";
import type { RetentionPolicy } from "../lib/model/retention_policy.ts";
import { runs } from "./seed.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 23, 12);

function daily(count: number): RetentionPoint[] {
  return Array.from({ length: count }, (_, i) => ({ id: `d${i}`, asOf: NOW - i * DAY }));
}

function kept(points: readonly RetentionPoint[], policy: RetentionPolicy, now = NOW): string[] {
  return planRetention(points, policy, now).filter(({ keep }) => keep).map(({ id }) => id);
}

function reasons(point: RetentionPoint, policy: RetentionPolicy, others: RetentionPoint[] = []) {
  return planRetention([point, ...others], policy, NOW)[0]!.reasons;
}

Deno.test("older than the given days is obsolete; exactly that old is not", () => {
  assert.deepEqual(kept(daily(5), { days: 2 }), ["d0", "d1", "d2"]);
  const [first, , third, fourth] = planRetention(daily(5), { days: 2 }, NOW);
  assert.deepEqual(first!.reasons, ["newest", "younger than 2 days"]);
  assert.deepEqual(third!.reasons, ["younger than 2 days"]);
  assert.deepEqual(fourth, { id: "d3", keep: false, reasons: ["older than 2 days"] });
});

Deno.test("a removal never takes the count below the minimum redundancy", () => {
  const old = daily(6).map(({ id, asOf }) => ({ id, asOf: asOf - 100 * DAY }));
  assert.deepEqual(kept(old, { days: 30, minimumRedundancy: 2 }), ["d0", "d1"]);
  assert.deepEqual(kept(old, { days: 30, minimumRedundancy: 9 }).length, 6);
  assert.deepEqual(
    reasons(old[1]!, { days: 30, minimumRedundancy: 2 }, [old[0]!]),
    ["minimum redundancy 2"],
  );
});

Deno.test("the newest stays, even with zero days", () => {
  const old = [{ id: "a", asOf: NOW - 9 * DAY }, { id: "b", asOf: NOW - 8 * DAY }];
  assert.deepEqual(kept(old, { days: 0 }), ["b"]);
});

Deno.test("a policy that cannot be meant is refused, and says what would be", () => {
  const refused: [RetentionPolicy, RegExp][] = [
    [{}, /no rule.*for example \{ "days": 30/],
    [{ minimumRedundancy: 2 }, /no rule/],
    [{ timeZone: "UTC", safetyDays: 3 }, /no rule/],
    [{ days: 30, minimumRedundancy: 0 }, /minimumRedundancy must be a whole number of at least 1/],
    [{ days: 30, minimumRedundancy: -1 }, /minimumRedundancy/],
    [{ days: 30, minimumRedundancy: 1.5 }, /minimumRedundancy/],
    [{ days: -1 }, /days must be a number of at least 0/],
    [{ days: NaN }, /days/],
    [{ days: Infinity }, /days/],
    [{ keepDaily: 0 }, /keepDaily must be a whole number/],
    [{ keepWithin: 0 }, /keepWithin must be more than 0/],
    [{ keepWithin: Infinity }, /keepWithin/],
    [{ days: 1, safetyDays: -1 }, /safetyDays/],
    [{ days: 1, timeZone: "Mars/Olympus" }, /"Mars\/Olympus" is no time zone.*Europe\/Paris/],
  ];
  for (const [policy, message] of refused) {
    assert.throws(() => planRetention([], policy, NOW), (error) => {
      assert(error instanceof InputError, JSON.stringify(policy));
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("each calendar rule keeps the newest point of each of its last periods", () => {
  const at = (text: string) => ({ id: text, asOf: Date.parse(text) });
  const points = [
    at("2026-11-23T11:50:00Z"),
    at("2026-11-23T11:10:00Z"),
    at("2026-11-23T09:00:00Z"),
    at("2026-11-22T23:00:00Z"),
    at("2026-11-22T01:00:00Z"),
    at("2026-11-16T00:00:00Z"),
    at("2026-10-31T00:00:00Z"),
    at("2025-12-31T00:00:00Z"),
    at("2024-02-29T00:00:00Z"),
  ];
  const [a, , c, d, , f, g, h] = points.map(({ id }) => id);
  assert.deepEqual(kept(points, { keepLast: 2 }), [a, points[1]!.id]);
  assert.deepEqual(kept(points, { keepHourly: 3 }), [a, c, d]);
  assert.deepEqual(kept(points, { keepDaily: 3 }), [a, d, f]);
  // 22 November is the Sunday of the week that began on the 16th.
  assert.deepEqual(kept(points, { keepWeekly: 3 }), [a, d, g]);
  assert.deepEqual(kept(points, { keepMonthly: 3 }), [a, g, h]);
  assert.deepEqual(kept(points, { keepYearly: 2 }), [a, h]);
  assert.deepEqual(kept(points, { keepWithin: 3 * HOUR }), [a, points[1]!.id, c]);
});

Deno.test("every rule that keeps a point is named", () => {
  assert.deepEqual(
    reasons({ id: "a", asOf: Date.UTC(2026, 10, 22, 13), pinned: true }, {
      days: 1,
      minimumRedundancy: 2,
      keepLast: 1,
      keepHourly: 1,
      keepDaily: 1,
      keepWeekly: 1,
      keepMonthly: 1,
      keepYearly: 1,
      keepWithin: 36 * HOUR,
    }),
    [
      "pinned",
      "newest",
      "last 1",
      "younger than 1 day",
      "within 36 hours",
      "hourly 2026-11-22 13:00",
      "daily 2026-11-22",
      "weekly 2026-W47",
      "monthly 2026-11",
      "yearly 2026",
    ],
  );
  assert.deepEqual(reasons(daily(2)[1]!, { keepLast: 1 }, daily(1)), ["no rule keeps it"]);
});

Deno.test("weeks are ISO 8601's, around new year too", () => {
  const week = (text: string) =>
    reasons({ id: "a", asOf: Date.parse(text) }, { keepWeekly: 1 }).at(-1);
  assert.equal(week("2026-01-01T00:00:00Z"), "weekly 2026-W01");
  assert.equal(week("2024-12-30T00:00:00Z"), "weekly 2025-W01");
  assert.equal(week("2023-01-01T23:59:59Z"), "weekly 2022-W52");
  assert.equal(week("2021-01-03T00:00:00Z"), "weekly 2020-W53");
});

Deno.test("days begin at midnight of the given time zone", () => {
  const evening = { id: "evening", asOf: Date.parse("2026-07-01T21:59:59Z") };
  const night = { id: "night", asOf: Date.parse("2026-07-01T22:00:00Z") };
  assert.deepEqual(kept([evening, night], { keepDaily: 2 }), ["night"]);
  assert.deepEqual(
    kept([evening, night], { keepDaily: 2, timeZone: "Europe/Paris" }),
    ["evening", "night"],
  );
});

Deno.test("the hour that autumn repeats is two hours", () => {
  const policy = { keepHourly: 9, timeZone: "Europe/Paris" };
  const first = { id: "first", asOf: Date.parse("2026-10-25T00:30:00Z") };
  const second = { id: "second", asOf: Date.parse("2026-10-25T01:30:00Z") };
  assert.deepEqual(kept([first, second], policy), ["first", "second"]);
  assert.equal(reasons(first, policy, [second])[0], "hourly 2026-10-25 02:00 GMT+02:00");
});

Deno.test("a point dated in the future stays and pushes no real one out", () => {
  const future = { id: "future", asOf: NOW + DAY };
  const points = [future, ...daily(3)];
  const policy = { keepLast: 1, minimumRedundancy: 1, keepYearly: 1 };
  assert.deepEqual(kept(points, policy), ["future", "d0"]);
  assert.deepEqual(reasons(future, policy, daily(3)), ["dated in the future"]);
  assert.deepEqual(kept([{ id: "no time", asOf: NaN }, ...daily(2)], policy), ["no time", "d0"]);
});

Deno.test("safety snapshots have their own retention and count for nothing", () => {
  const points = [
    { id: "undo-young", asOf: NOW - DAY, safety: true },
    { id: "undo-old", asOf: NOW - 8 * DAY, safety: true },
    { id: "a", asOf: NOW - 40 * DAY },
    { id: "b", asOf: NOW - 50 * DAY },
  ];
  const policy = { days: 30, minimumRedundancy: 1 };
  assert.deepEqual(kept(points, policy), ["undo-young", "a"]);
  assert.deepEqual(kept(points, { ...policy, safetyDays: 0 }), ["a"]);
  assert.deepEqual(planRetention(points, policy, NOW).map(({ reasons }) => reasons[0]), [
    "safety snapshot younger than 7 days",
    "safety snapshot older than 7 days",
    "newest",
    "older than 30 days",
  ]);
});

Deno.test("a pinned point stays and does not stand in for the minimum redundancy", () => {
  const points = daily(4).map((point, i) => ({
    ...point,
    asOf: point.asOf - 100 * DAY,
    pinned: i === 2,
  }));
  assert.deepEqual(kept(points, { days: 1, minimumRedundancy: 2 }), ["d0", "d1", "d2"]);
  const newestPinned = points.map((point, i) => ({ ...point, pinned: i === 0 }));
  assert.deepEqual(kept(newestPinned, { days: 1, minimumRedundancy: 2 }), ["d0", "d1", "d2"]);
});

const point = fc.record({
  asOf: fc.integer({ min: NOW - 900 * DAY, max: NOW + 3 * DAY }),
  pinned: fc.boolean(),
  safety: fc.boolean(),
});
const points = fc.array(point, { maxLength: 40 }).map((all) =>
  all.map((each, i) => ({ ...each, id: `p${i}` }))
);
const howMany = fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined });
const policy = fc.record({
  days: fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined }),
  minimumRedundancy: howMany,
  keepLast: howMany,
  keepHourly: howMany,
  keepDaily: howMany,
  keepWeekly: howMany,
  keepMonthly: howMany,
  keepYearly: howMany,
  timeZone: fc.constantFrom("UTC", "Asia/Kathmandu", "America/Los_Angeles", "Pacific/Apia"),
}).filter(({ minimumRedundancy: _, timeZone: __, ...rules }) =>
  Object.values(rules).some((value) => value !== undefined)
);

function restorable(all: readonly RetentionPoint[]): RetentionPoint[] {
  return all.filter(({ asOf, safety }) => asOf <= NOW && !safety);
}

Deno.test("whatever the points and the policy: the promises hold", () => {
  fc.assert(
    fc.property(points, policy, (all, rules) => {
      const verdicts = planRetention(all, rules, NOW);
      assert.deepEqual(verdicts.map(({ id }) => id), all.map(({ id }) => id));
      assert(verdicts.every(({ reasons }) => reasons.length > 0));
      const staying = all.filter((_, i) => verdicts[i]!.keep);

      const left = restorable(staying).length;
      const minimum = rules.minimumRedundancy ?? 1;
      assert(left >= Math.min(minimum, restorable(all).length), "minimum redundancy");
      const newest = Math.max(...restorable(all).map(({ asOf }) => asOf));
      assert(left === 0 || restorable(staying).some(({ asOf }) => asOf === newest), "newest");
      for (const each of all) {
        if (each.pinned || each.asOf > NOW) assert(staying.includes(each));
      }
    }),
    runs(300),
  );
});

Deno.test("the order of the points does not matter, and neither does running it twice", () => {
  fc.assert(
    fc.property(points, policy, (all, rules) => {
      const once = kept(all, rules);
      assert.deepEqual(kept(all.toReversed(), rules), once.toReversed());
      assert.deepEqual(kept(all.filter(({ id }) => once.includes(id)), rules), once);
    }),
    runs(200),
  );
});

Deno.test("one more rule never removes a point", () => {
  fc.assert(
    fc.property(points, policy, policy, (all, some, others) => {
      const given = Object.fromEntries(
        Object.entries(some).filter(([, value]) => value !== undefined),
      );
      const more = kept(all, { ...others, ...given });
      for (const id of kept(all, given)) assert(more.includes(id));
    }),
    runs(200),
  );
});

Deno.test("days and minimum redundancy do what removing the oldest one by one did", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 90 }), { maxLength: 20 }),
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 1, max: 8 }),
      (ages, days, minimumRedundancy) => {
        const left = ages.toSorted((a, b) => a - b);
        while (left.length > minimumRedundancy && left.at(-1)! > days) left.pop();
        const all = ages.map((age) => ({ id: String(age), asOf: NOW - age * DAY }));
        const staying = kept(all, { days, minimumRedundancy }).map(Number);
        assert.deepEqual(staying.sort((a, b) => a - b), left);
      },
    ),
    runs(200),
  );
});
