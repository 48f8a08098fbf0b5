import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { InputError } from "../lib/model/errors.ts";
import { momentOf, parseAge, parseTime } from "../lib/model/time.ts";
import { runs } from "./seed.ts";

const HOUR = 3_600_000;

Deno.test("an age is read in every unit, and in several", () => {
  assert.equal(parseAge("45s"), 45_000);
  assert.equal(parseAge("90m"), 1.5 * HOUR);
  assert.equal(parseAge("36h"), 36 * HOUR);
  assert.equal(parseAge("7d"), 7 * 24 * HOUR);
  assert.equal(parseAge("2w"), 14 * 24 * HOUR);
  assert.equal(parseAge("1y"), 365 * 24 * HOUR);
  assert.equal(parseAge("1d12h"), 36 * HOUR);
});

Deno.test("what is no age is refused with examples of one", () => {
  for (const text of ["", "7", "d", "7 d", "-7d", "7D", "1.5h", "7days", "1e3s", "9999999999d"]) {
    assert.throws(() => parseAge(text), {
      name: "InputError",
      message: new RegExp(`^${JSON.stringify(text).replace(".", "\\.")} is not an age such as 90m`),
    });
  }
});

Deno.test("a time is read as ISO 8601, in UTC where it names no offset", () => {
  const time = (text: string) => new Date(momentOf(parseTime(text), 0)).toISOString();
  assert.equal(time("2026-11-23"), "2026-11-23T00:00:00.000Z");
  assert.equal(time("2026-11-23T01:15"), "2026-11-23T01:15:00.000Z");
  assert.equal(time("2026-11-23 01:15:30"), "2026-11-23T01:15:30.000Z");
  assert.equal(time("2026-11-23T01:15:30.25Z"), "2026-11-23T01:15:30.250Z");
  assert.equal(time("2026-11-23T01:15:30.123456789Z"), "2026-11-23T01:15:30.123Z");
  assert.equal(time("2026-11-23T02:15+01:00"), "2026-11-23T01:15:00.000Z");
  assert.equal(time("2024-02-29"), "2024-02-29T00:00:00.000Z");
});

Deno.test("every time that a date prints is read back", () => {
  fc.assert(
    fc.property(
      fc.date({
        min: new Date("0001-01-01T00:00:00Z"),
        max: new Date("9999-12-31T23:59:59Z"),
        noInvalidDate: true,
      }),
      (date) => assert.deepEqual(parseTime(date.toISOString()), { time: date.getTime() }),
    ),
    runs(500),
  );
});

Deno.test("an age counts back from the clock that is asked", () => {
  assert.equal(momentOf(parseTime("36h"), 100 * HOUR), 64 * HOUR);
});

Deno.test("what is no time is refused with examples of one", () => {
  const wrong = [
    "",
    "yesterday",
    "2026-02-30",
    "2025-02-29",
    "2026-13-01",
    "2026-11-23T25:00",
    "2026-11-23T01:60",
    "2026-11-23T01:15+25:00",
    "23.11.2026",
    "1700000000",
    "2026-11-23T01:15:30.Z",
    "2026-11-23Z",
  ];
  for (const text of wrong) {
    assert.throws(() => parseTime(text), (error: unknown) => {
      assert(error instanceof InputError, text);
      assert(error.message.includes("2026-11-23T01:15Z") && error.message.includes("36h"));
      return true;
    });
  }
});
