import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { parseKeyGlob } from "../lib/restore/key_glob.ts";
import { AWKWARD_KEYS } from "./awkward_keys.ts";
import { runs } from "./seed.ts";

function matching(pattern: string, keys: readonly string[]): string[] {
  return keys.filter(parseKeyGlob(pattern).matches);
}

const KEYS = ["1.jpg", "a/1.jpg", "a/b/2.jpg", "x/a/3.jpg", "a/b/c.txt", "a.jpg/x"];

for (
  const [pattern, expected] of [
    ["*.jpg", ["1.jpg", "a/1.jpg", "a/b/2.jpg", "x/a/3.jpg"]],
    ["/*.jpg", ["1.jpg"]],
    ["a/*.jpg", ["a/1.jpg", "x/a/3.jpg"]],
    ["/a/*.jpg", ["a/1.jpg"]],
    ["/a/**.jpg", ["a/1.jpg", "a/b/2.jpg"]],
    ["/a/**/?.jpg", ["a/1.jpg", "a/b/2.jpg"]],
    ["/a/", ["a/1.jpg", "a/b/2.jpg", "a/b/c.txt"]],
    ["b/", ["a/b/2.jpg", "a/b/c.txt"]],
    ["**", KEYS],
    ["/**/a/*.jpg", ["a/1.jpg", "x/a/3.jpg"]],
    ["*.{jpg,txt}", ["1.jpg", "a/1.jpg", "a/b/2.jpg", "x/a/3.jpg", "a/b/c.txt"]],
    ["[12].jpg", ["1.jpg", "a/1.jpg", "a/b/2.jpg"]],
    ["[!1-2].jpg", ["x/a/3.jpg"]],
    ["a?1.jpg", []],
    ["a[/]1.jpg", []],
    ["*.JPG", []],
  ] as const
) {
  Deno.test(`the pattern ${pattern} matches whole keys as documented`, () => {
    assert.deepEqual(matching(pattern, KEYS), expected);
  });
}

Deno.test("an escaped pattern matches that key alone, whatever characters it holds", () => {
  for (const key of AWKWARD_KEYS) {
    const escaped = "/" + key.replace(/[\\*?[\]{},/]/g, (special) => `\\${special}`);
    assert.deepEqual(matching(escaped, AWKWARD_KEYS), [key], JSON.stringify(escaped));
  }
});

Deno.test("wildcards take line ends, control characters and characters above U+FFFF", () => {
  assert(parseKeyGlob("a*c?").matches("a\r\n\u0001c\u{1f600}"));
  assert(parseKeyGlob("/a**").matches("a\n/\n"));
  assert(parseKeyGlob("[\u{1f5ff}-\u{1f601}]").matches("\u{1f600}"));
  assert(!parseKeyGlob("/a").matches("a\n"));
});

Deno.test("a tied pattern tells what its keys begin with", () => {
  const prefixOf = (pattern: string) => parseKeyGlob(pattern).prefix;
  assert.equal(prefixOf("/photos/2026/**"), "photos/2026/");
  assert.equal(prefixOf("/photos/**/x"), "photos/");
  assert.equal(prefixOf("/a\\*b/"), "a*b/");
  assert.equal(prefixOf("/a{b,c}"), "a");
  assert.equal(prefixOf("/a/"), "a/");
  assert.equal(prefixOf("photos/*"), "");
});

for (const pattern of ["", "/", "[a", "{a,b", "a\\", "[z-a]"]) {
  Deno.test(`${JSON.stringify(pattern)} is refused as a pattern`, () => {
    assert.throws(() => parseKeyGlob(pattern), { code: "InvalidInput", message: /no pattern/ });
  });
}

/** The same by trying everything, without braces and sets. */
function slowlyMatches(pattern: string, key: string): boolean {
  if (pattern === "") return key === "";
  const folders = /^\/\*\*+\//.exec(pattern)?.[0];
  if (folders !== undefined) {
    const rest = pattern.slice(folders.length);
    if (!key.startsWith("/")) return false;
    return Array.from(key).some((character, i) =>
      character === "/" && slowlyMatches(rest, key.slice(i + 1))
    );
  }
  const stars = /^\*+/.exec(pattern)?.[0].length ?? 0;
  if (stars > 0) {
    for (let taken = 0; taken <= key.length; taken++) {
      if (slowlyMatches(pattern.slice(stars), key.slice(taken))) return true;
      if (stars === 1 && key[taken] === "/") return false;
    }
    return false;
  }
  if (key === "") return false;
  const isSame = pattern[0] === "?" ? key[0] !== "/" : pattern[0] === key[0];
  return isSame && slowlyMatches(pattern.slice(1), key.slice(1));
}

function isMatch(pattern: string, key: string): boolean {
  const leading = /^\*\*+\//.exec(pattern)?.[0].length ?? 0;
  return slowlyMatches(pattern, key) ||
    leading > 0 && slowlyMatches(pattern.slice(leading), key);
}

Deno.test("patterns match what a slow matcher that tries everything says", () => {
  const text = (units: string[]) => fc.string({ unit: fc.constantFrom(...units), maxLength: 7 });
  fc.assert(
    fc.property(text(["a", "b", "/", "*", "**", "?"]), text(["a", "b", "/", "\n"]), (glob, key) => {
      const pattern = glob.replace(/^\/+/, "");
      if (pattern === "") return;
      const whole = pattern.endsWith("/") ? `${pattern}**` : pattern;
      const expected = isMatch(whole, key);
      assert.equal(parseKeyGlob(`/${pattern}`).matches(key), expected);
      const starts = [0, ...Array.from(key, (_, i) => i + 1).filter((i) => key[i - 1] === "/")];
      assert.equal(
        parseKeyGlob(pattern).matches(key),
        starts.some((start) => isMatch(whole, key.slice(start))),
      );
      if (parseKeyGlob(`/${pattern}`).matches(key)) {
        assert(key.startsWith(parseKeyGlob(`/${pattern}`).prefix));
      }
    }),
    runs(2000),
  );
});
