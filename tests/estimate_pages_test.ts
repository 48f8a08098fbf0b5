import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { compareKeys } from "../lib/model/key_order.ts";
import { estimatePages } from "../lib/s3/estimate_pages.ts";
import { KEY_SHAPES, keyAt } from "./emulator/synthetic_keys.ts";
import { runs } from "./seed.ts";

const KEYS = 1_000_000;
const PAGE = 1_000;

Deno.test("of numbered keys it is told how many pages are left", () => {
  fc.assert(
    fc.property(fc.nat(KEYS - 2 * PAGE), fc.nat(), (from, seed) => {
      const last = from + PAGE - 1, end = last + 1 + seed % (KEYS - last - 1);
      const pages = estimatePages(key(from), key(last), key(end));
      assert.ok(Math.abs(pages - (end - last) / (PAGE - 1)) < 0.01, `${pages} pages`);
    }),
    runs(1000),
  );
  function key(index: number): string {
    return keyAt("flat", index, KEYS);
  }
});

Deno.test("a long rest is never taken for a short one, in any shape of keys", () => {
  const range = fc.record({
    shape: fc.constantFrom(...KEY_SHAPES),
    from: fc.nat(),
    rest: fc.nat(),
  });
  fc.assert(
    fc.property(range, ({ shape, from, rest }) => {
      const key = (index: number) => keyAt(shape, index, KEYS);
      const first = from % (KEYS - 20 * PAGE), last = first + PAGE - 1;
      const end = last + 10 * PAGE + rest % (KEYS - last - 10 * PAGE);
      // A page that spans the end of one prefix and the beginning of another looks sparse.
      fc.pre(prefixOf(key(first)) === prefixOf(key(last)));
      const pages = estimatePages(key(first), key(last), key(end));
      assert.ok(
        pages >= (end - last) / PAGE / 2,
        `${pages} pages from ${key(first)} to ${key(end)}`,
      );
    }),
    runs(2000),
  );
  function prefixOf(key: string): string {
    return key.slice(0, key.indexOf("/"));
  }
});

Deno.test("any keys give a number that is not negative; no end, or a page of one key, no end of pages", () => {
  const anyKey = fc.string({ unit: "binary", minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.uniqueArray(anyKey, { minLength: 3, maxLength: 3 }), (keys) => {
      const [first, last, before] = keys.sort(compareKeys) as [string, string, string];
      assert.ok(estimatePages(first, last, before) >= 0);
      assert.equal(estimatePages(first, last, undefined), Infinity);
      assert.equal(estimatePages(last, last, before), Infinity);
    }),
    runs(2000),
  );
});
