import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { compareKeys } from "../lib/model/key_order.ts";
import { parseKeyGlob } from "../lib/restore/key_glob.ts";
import { SelectorHits } from "../lib/restore/selector_hits.ts";
import { batchOf, entry } from "./entry_batches.ts";
import { runs } from "./seed.ts";

Deno.test("a prefix is unmatched when no key of any batch begins with it", async () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "é", "\u{1F600}"), maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(text.filter((key) => key !== ""), { maxLength: 12 }),
      fc.array(text, { maxLength: 6 }),
      fc.integer({ min: 1, max: 5 }),
      async (some, prefixes, length) => {
        const keys = [...new Set(some)].sort(compareKeys);
        const hits = new SelectorHits(prefixes, []);
        const batches = Array.from(
          { length: Math.ceil(keys.length / length) },
          (_, i) => batchOf(keys.slice(i * length, (i + 1) * length).map((key) => entry({ key }))),
        );
        const passed = await Array.fromAsync(hits.seen(ReadableStream.from(batches), ""));
        assert.deepEqual(passed, batches);
        assert.deepEqual(
          hits.unmatched.prefixes,
          [...new Set(prefixes)].filter((one) => !keys.some((key) => key.startsWith(one))),
        );
      },
    ),
    runs(200),
  );
});

Deno.test("a pattern is unmatched when no key matches it, though another pattern does", () => {
  const include = ["*.jpg", "a*", "*.png"].map((pattern) => ({
    pattern,
    ...parseKeyGlob(pattern),
  }));
  const hits = new SelectorHits([], include);
  assert(hits.isIncluded("b.jpg"));
  assert.deepEqual(hits.unmatched.include, ["a*", "*.png"]);
  assert(hits.isIncluded("a.jpg"));
  assert.deepEqual(hits.unmatched.include, ["*.png"]);
  assert(!hits.isIncluded("b"));
  assert(new SelectorHits([], []).isIncluded("b"));
});
