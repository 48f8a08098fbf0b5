import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { compareKeys } from "../lib/model/key_order.ts";
import { commonPrefix, restoreScopes } from "../lib/restore/scopes.ts";
import { runs } from "./seed.ts";

Deno.test("without limits all keys are restored", () => {
  assert.deepEqual(restoreScopes({}), [""]);
  assert.deepEqual(restoreScopes({ prefixes: [] }), [""]);
});

Deno.test("the narrowest limit holds", () => {
  assert.deepEqual(restoreScopes({ snapshot: "2026/", replica: "2026/11/" }), ["2026/11/"]);
  assert.deepEqual(restoreScopes({ target: "2026/", prefixes: ["2026/1", "20"] }), ["2026/"]);
});

Deno.test("the target's limit is in its own keys, after toPrefix", () => {
  assert.deepEqual(restoreScopes({ toPrefix: "back/", target: "back/a/" }), ["a/"]);
  assert.deepEqual(restoreScopes({ toPrefix: "back/", target: "back" }), [""]);
  assert.throws(() => restoreScopes({ toPrefix: "back/", target: "a/" }), /target is limited/);
});

Deno.test("a prefix outside a limit is refused by name", () => {
  assert.throws(
    () => restoreScopes({ snapshot: "2026/", prefixes: ["2025/"] }),
    { code: "InvalidInput", message: /"2025\/": the snapshot is limited to .*"2026\/"/ },
  );
});

Deno.test("scopes cover exactly what was asked for, once, in order", () => {
  const prefixes = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "\uffff", "😀") }), {
    minLength: 1,
  });
  const keys = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "\uffff", "😀") }));
  fc.assert(
    fc.property(prefixes, keys, (asked, all) => {
      const scopes = restoreScopes({ prefixes: asked });
      assert.deepEqual(scopes, scopes.toSorted(compareKeys));
      for (const key of all) {
        const hits = scopes.filter((scope) => key.startsWith(scope)).length;
        assert.equal(hits, asked.some((prefix) => key.startsWith(prefix)) ? 1 : 0);
      }
    }),
    runs(200),
  );
});

Deno.test("the common prefix is the longest one, and whole characters", () => {
  assert.equal(commonPrefix(["ab", "abc", "abd"]), "ab");
  assert.equal(commonPrefix(["a", "b"]), "");
  assert.equal(commonPrefix(["x"]), "x");
  assert.equal(commonPrefix(["a\u{1f600}", "a\u{1f601}"]), "a");
});
