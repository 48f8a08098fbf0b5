import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { periodNamer } from "../lib/model/calendar_period.ts";
import { runs } from "./seed.ts";

Deno.test("UTC, which is reckoned by hand, names periods as its other names do", () => {
  const ours = periodNamer("UTC"), theirs = periodNamer("Etc/UTC");
  const period = fc.constantFrom("hourly", "daily", "weekly", "monthly", "yearly");
  const time = fc.integer({ min: Date.UTC(1970), max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) });
  fc.assert(
    fc.property(period, time, (period, time) => {
      assert.equal(ours(period, time), theirs(period, time));
    }),
    runs(500),
  );
  assert.equal(ours("hourly", Date.UTC(2026, 0, 2, 3, 59)), "2026-01-02 03:00");
});
