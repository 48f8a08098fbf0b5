import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { keyOfPath, KeyPaths } from "../lib/download/key_path.ts";
import { compareKeys } from "../lib/model/key_order.ts";
import { AWKWARD_KEYS } from "./awkward_keys.ts";
import { runs } from "./seed.ts";

function pathsOf(keys: readonly string[], isFolding = false): string[] {
  const paths = new KeyPaths({ isFolding });
  return [...new Set(keys)].sort(compareKeys).map((key) => paths.next(key).join("/"));
}

for (
  const [key, path] of [
    ["photos/2026/a b.jpg", "photos/2026/a b.jpg"],
    ["ü/😀", "ü/😀"],
    ["/etc/passwd", "%-/etc/passwd"],
    ["../../etc/passwd", ".%2E/.%2E/etc/passwd"],
    ["a/./b/..", "a/%2E/b/.%2E"],
    ["a/", "a/%-"],
    ["a//b", "a/%-/b"],
    ["100%", "100%25"],
    ["C:\\x?*", "C%3A%5Cx%3F%2A"],
    ["nul\0\n", "nul%00%0A"],
    ["NUL.txt", "%4EUL.txt"],
    ["ends. ", "ends.%20"],
  ] as const
) {
  Deno.test(`the key ${JSON.stringify(key)} becomes the file ${path}`, () => {
    assert.deepEqual(pathsOf([key]), [path]);
    assert.equal(keyOfPath(path), key);
  });
}

Deno.test("a key that is also a folder of others keeps its name, the folder gets another", () => {
  assert.deepEqual(pathsOf(["a", "a!", "a/", "a/b", "a/b/c", "a0"]), [
    "a",
    "a!",
    "a%_/%-",
    "a%_/b",
    "a%_/b%_/c",
    "a0",
  ]);
});

Deno.test("a name that is too long for a file goes on below a folder", () => {
  const [path] = pathsOf(["z".repeat(1024)]);
  assert.deepEqual(path!.split("/").map(({ length }) => length), [242, 242, 242, 242, 64]);
  assert.equal(keyOfPath(path!), "z".repeat(1024));
});

Deno.test("where case does not count, what it would confuse is escaped", () => {
  assert.deepEqual(pathsOf(["A", "a", "é", "e\u0301"], true), ["%41", "a", "e%CC%81", "%C3%A9"]);
});

Deno.test("any keys get paths of their own that stay inside and tell the key", () => {
  const unit = fc.constantFrom("a", "A", "b", "/", "/", ".", "..", "%", "%_", "%-", " ", "é", "😀");
  const key = fc.oneof(
    fc.string({ unit, minLength: 1, maxLength: 8 }),
    fc.string({ unit: "binary", minLength: 1, maxLength: 6 }),
    fc.tuple(unit, fc.integer({ min: 70, max: 600 })).map(([text, n]) => text.repeat(n)),
    fc.constantFrom(...AWKWARD_KEYS, "con", "CON.x/aux"),
  ).filter((text) => text !== "");
  fc.assert(
    fc.property(fc.array(key, { maxLength: 20 }), fc.boolean(), (keys, isFolding) => {
      const sorted = [...new Set(keys)].sort(compareKeys);
      const paths = pathsOf(sorted, isFolding);
      assert.deepEqual(paths.map(keyOfPath), sorted);
      const known = new Set<string>();
      const files = new Set<string>();
      for (const path of paths) {
        const shown = isFolding ? path.normalize("NFC").toLowerCase() : path;
        assert(!files.has(shown), path);
        files.add(shown);
        const names = shown.split("/");
        for (let depth = 1; depth < names.length; depth++) {
          known.add(names.slice(0, depth).join("/"));
        }
        for (const name of path.split("/")) {
          assert(name !== "" && name !== "." && name !== ".." && !name.includes("\0"), path);
          assert(new TextEncoder().encode(name).length <= 255, path);
        }
      }
      for (const file of files) assert(!known.has(file), file);
    }),
    runs(500),
  );
});
