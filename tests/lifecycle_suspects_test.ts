import assert from "node:assert/strict";
import type { LifecycleRule } from "../lib/s3/lifecycle.ts";
import { type MissingFacts, suspectsOf } from "../lib/verify/lifecycle_suspects.ts";

const DAY = 86_400_000;
const NOW = 1_000 * DAY;
const ALL = { id: "rule", prefix: "", tags: [], largerThan: -1, smallerThan: Infinity };

function missing(given: Partial<MissingFacts> = {}): MissingFacts {
  return {
    key: "logs/a",
    versionId: "v1",
    size: 10,
    lastModified: NOW - 90 * DAY,
    currentAt: NOW - 40 * DAY,
    ...given,
  };
}

function suspected(rule: Partial<LifecycleRule>, given?: Partial<MissingFacts>): string[] {
  return suspectsOf([{ ...ALL, ...rule }], missing(given), NOW).map(({ says }) => says);
}

Deno.test("a rule is suspected only where the version was noncurrent for long enough", () => {
  assert.deepEqual(suspected({ noncurrentDays: 30 }), [
    "deletes noncurrent versions after 30 days",
  ]);
  assert.deepEqual(suspected({ noncurrentDays: 1 }, { currentAt: NOW - DAY }), [
    "deletes noncurrent versions after 1 day",
  ]);
  assert.deepEqual(suspected({ noncurrentDays: 41 }), []);
  assert.deepEqual(suspected({ noncurrentDays: 30, newerNoncurrent: 3 }), [
    "deletes noncurrent versions after 30 days, but for the newest 3 of a key",
  ]);
});

Deno.test("a rule is suspected only where it is aimed at the version", () => {
  const noncurrentDays = 30;
  assert.deepEqual(suspected({ noncurrentDays, prefix: "logs/" }), [
    'deletes noncurrent versions below "logs/" after 30 days',
  ]);
  assert.deepEqual(suspected({ noncurrentDays, prefix: "other/" }), []);
  assert.deepEqual(suspected({ noncurrentDays, largerThan: 10 }), []);
  assert.deepEqual(suspected({ noncurrentDays, smallerThan: 10 }), []);
  assert.equal(suspected({ noncurrentDays, largerThan: 9, smallerThan: 11 }).length, 1);
  assert.deepEqual(suspected({ noncurrentDays, tags: [{ key: "kind", value: "log" }] }), [
    "deletes noncurrent versions tagged kind=log (the version's tags are gone with it) after 30 days",
  ]);
});

Deno.test("the expiry of current objects takes a version only where it has the id null", () => {
  assert.deepEqual(suspected({ currentDays: 10 }), []);
  const says = "for good where versioning is suspended";
  assert.deepEqual(suspected({ currentDays: 10 }, { versionId: "null" }), [
    `deletes current objects after 10 days, ${says}`,
  ]);
  assert.deepEqual(suspected({ currentDays: 91 }, { versionId: "null" }), []);
  const currentFrom = NOW - DAY;
  assert.deepEqual(suspected({ currentFrom }, { versionId: "null" }), [
    `deletes current objects from ${new Date(currentFrom).toISOString().slice(0, 10)} on, ${says}`,
  ]);
});
