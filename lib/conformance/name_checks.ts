import assert from "node:assert/strict";
import type { StoreCheck } from "./check.ts";
import { bodyOf, sampleBytes, trackedBody } from "./bodies.ts";
import { expectBytes, expectCode, expectNames } from "./expect.ts";

const BAD_NAMES: readonly string[] = [
  "",
  "/",
  "/a",
  "a/",
  "a//b",
  ".",
  "..",
  "../a",
  "a/../b",
  "a/.",
  ".hidden",
  "a/.hidden",
  "-a",
  "_a",
  "a b",
  "a\\b",
  "a%2Fb",
  "+a",
  "a:b",
  "ä",
  "a\n",
  "a\0",
  "a".repeat(256),
  "a/".repeat(256) + "a",
];

const GOOD_NAMES: readonly string[] = [
  "0",
  "20261123T011530Z-k3f9/manifest.json",
  "20261123T011530Z-k3f9/part-00000",
  "UPPER",
  "a+0000UTC",
  "a-",
  "a.",
  "a..b",
  "a_",
  "b/".repeat(60) + "b",
  "l".repeat(255),
  `m/${"m".repeat(255)}/${"m".repeat(254)}`,
  "upper",
  "z.-_9",
];

/** Which names there are. */
export const nameChecks: readonly StoreCheck[] = [
  {
    name: "refuses a name outside the alphabet before it touches the body",
    async run({ store }): Promise<void> {
      for (const name of BAD_NAMES) {
        const shown = JSON.stringify(name);
        const body = trackedBody([sampleBytes(1)]);
        await expectCode(store.put(name, body.stream), "InvalidName", `put of ${shown}`);
        assert.equal(body.pulls, 0, `put of ${shown} read from the body`);
        assert.ok(body.cancelled, `put of ${shown} did not cancel the body`);
        await expectCode(store.get(name), "InvalidName", `get of ${shown}`);
        await expectCode(store.delete(name), "InvalidName", `delete of ${shown}`);
      }
      await expectNames(store, []);
    },
  },
  {
    name: "keeps every kind of name that is allowed",
    async run({ store }): Promise<void> {
      for (const [i, name] of GOOD_NAMES.entries()) await store.put(name, bodyOf(sampleBytes(i)));
      await expectNames(store, GOOD_NAMES);
      for (const [i, name] of GOOD_NAMES.entries()) {
        await expectBytes(store, name, sampleBytes(i));
        await expectNames(store, GOOD_NAMES.filter((other) => other.startsWith(name)), name);
      }
      for (const name of GOOD_NAMES) await store.delete(name);
      await expectNames(store, []);
    },
  },
  {
    name: "keeps a name beside one that is its folder, or refuses the later with Unsupported",
    async run({ store }): Promise<void> {
      for (const [first, second] of [["a", "a/b"], ["c/d", "c"]] as const) {
        await store.put(first, bodyOf(sampleBytes(10)));
        const later = store.put(second, bodyOf(sampleBytes(20)));
        if ((await Promise.allSettled([later]))[0]!.status === "rejected") {
          await expectCode(later, "Unsupported", `put of ${second} beside ${first}`);
        } else await expectBytes(store, second, sampleBytes(20));
        await expectBytes(store, first, sampleBytes(10));
      }
    },
  },
];
