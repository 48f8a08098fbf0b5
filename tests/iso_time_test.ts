import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { readIsoTime } from "../lib/s3/iso_time.ts";
import { unlessRefused } from "../lib/s3/refusal.ts";
import { runs } from "./seed.ts";

function read(text: string): number | undefined {
  const bytes = new TextEncoder().encode(text);
  return unlessRefused(() => readIsoTime(bytes, 0, bytes.length));
}

Deno.test("a time is read where its date exists, and as Date reads it", () => {
  const two = (max: number) => fc.nat(max).map((number) => String(number).padStart(2, "0"));
  const year = fc.integer({ min: 100, max: 9999 }).map((number) => String(number).padStart(4, "0"));
  const date = fc.tuple(year, two(13), two(32)).map((parts) => parts.join("-"));
  const time = fc.tuple(two(25), two(61), two(61)).map((parts) => parts.join(":"));
  fc.assert(
    fc.property(date, time, (date, time) => {
      const text = `${date}T${time}.798Z`;
      const parsed = Date.parse(text);
      const exists = !Number.isNaN(parsed) && new Date(parsed).toISOString() === text;
      assert.equal(read(text), exists ? parsed : undefined);
    }),
    runs(2000),
  );
});

Deno.test("leap days are read in leap years only", () => {
  for (const year of [1600, 1900, 1972, 2000, 2023, 2024, 2100, 2400]) {
    const isLeap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
    const time = read(`${year}-02-29T00:00:00Z`);
    assert.equal(time, isLeap ? Date.UTC(year, 1, 29) : undefined, String(year));
    assert.equal(read(`${year}-03-01T00:00:00Z`), Date.UTC(year, 2, 1));
  }
});
