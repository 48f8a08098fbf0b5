import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { renderFailures } from "../cli/failures.ts";
import {
  countOf,
  formatAge,
  formatBytes,
  formatCount,
  formatDuration,
  formatTime,
  printable,
} from "../cli/format.ts";
import { renderTable } from "../cli/table.ts";
import { runs } from "./seed.ts";

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

Deno.test("bytes are told in powers of 1,024, never as 1024.0 of a unit", () => {
  const told = [0, 1023, 1024, 1536, 1024 ** 2 - 1, 1024 ** 2, 5 * 1024 ** 4, 2 ** 80].map(
    formatBytes,
  );
  assert.deepEqual(told, [
    "0 B",
    "1023 B",
    "1.0 KiB",
    "1.5 KiB",
    "1.0 MiB",
    "1.0 MiB",
    "5.0 TiB",
    "1048576.0 EiB",
  ]);
});

Deno.test("counts have their thousands marked, and take the plural where it is due", () => {
  assert.deepEqual(
    [0, 999, 1000, 1234567].map(formatCount),
    ["0", "999", "1,000", "1,234,567"],
  );
  assert.deepEqual([0, 1, 2].map((n) => countOf(n, "key")), ["0 keys", "1 key", "2 keys"]);
  fc.assert(
    fc.property(fc.nat(), (n) => assert.equal(Number(formatCount(n).replaceAll(",", "")), n)),
    runs(200),
  );
});

Deno.test("ages are told in the largest unit that fits", () => {
  const ages = [-5, 0, 59_999, MINUTE, 90 * MINUTE, 47 * HOUR, 2 * DAY, 729 * DAY, 800 * DAY];
  assert.deepEqual(
    ages.map(formatAge),
    ["0 s", "0 s", "59 s", "1 min", "1 h", "47 h", "2 d", "729 d", "2 y"],
  );
});

Deno.test("durations are told as they are felt", () => {
  const durations = [40, 9_949, 12_400, 59_400, 59_600, 185 * SECOND, 130 * MINUTE];
  assert.deepEqual(
    durations.map(formatDuration),
    ["0.0 s", "9.9 s", "12 s", "59 s", "1 min 0 s", "3 min 5 s", "2 h 10 min"],
  );
});

Deno.test("times lose what nobody reads", () => {
  assert.equal(formatTime("2026-11-23T01:15:30.999Z"), "2026-11-23 01:15:30Z");
  assert.equal(formatTime("2026-11-23T01:15:30Z"), "2026-11-23 01:15:30Z");
});

Deno.test("a key cannot reach the terminal as a command, nor break its line", () => {
  assert.equal(printable("a\nb\tc\\d\x1b[2Je\u202ef"), "a\\nb\\tc\\\\d\\u{1b}[2Je\\u{202e}f");
  assert.equal(printable("café \u{1f40b} +%?"), "café \u{1f40b} +%?");
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      (key) => assert.match(printable(key), /^[^\p{Cc}\p{Cf}]*$/u),
    ),
    runs(500),
  );
});

Deno.test("a table's columns are as wide as they must be", () => {
  const columns = [{ title: "ID" }, { title: "SIZE", align: "right" }, { title: "X" }] as const;
  assert.equal(
    renderTable(columns, [["long-id", "7", "é\u{1f40b}"], ["i", "1000000", ""]]),
    "ID          SIZE  X\nlong-id        7  é\u{1f40b}\ni        1000000\n",
  );
});

Deno.test("of many failed keys the first twenty are told, and how many there are", () => {
  assert.equal(renderFailures([]), "");
  const failed = Array.from(
    { length: 23 },
    (_, i) => ({ key: `k\n${i}`, code: "X", message: "m" }),
  );
  const lines = renderFailures(failed).split("\n");
  assert.equal(lines.length, 23);
  assert.deepEqual(lines.slice(0, 2), ["23 keys failed:", "  k\\n0: X: m"]);
  assert.equal(lines.at(-2), "  and 3 more; --json tells them all");
  const many = renderFailures(failed, 12_345).split("\n");
  assert.equal(many[0], "12,345 keys failed:");
  assert.equal(many.at(-2), "  and 12,325 more; --json tells the first 23");
});
