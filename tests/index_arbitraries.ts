import fc from "npm:fast-check@4.10.2";
import type { Entry } from "../lib/model/entry.ts";
import { compareKeys } from "../lib/model/key_order.ts";

const HEX = "0123456789abcdef";
const LETTERS_AND_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function of(alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength, size: "max" });
}

const anyText = fc.string({ unit: "binary", maxLength: 60, size: "max" });

/** Keys as people use them, and as they should not. */
export const key: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(fc.constantFrom("logs/", "logs/2026/", "a", "é/"), of("abc019", 1, 6)).map((parts) =>
    parts.join("")
  ),
  fc.string({ unit: "binary", minLength: 1, maxLength: 40, size: "max" }),
  fc.constantFrom(
    "\0",
    "\n",
    "",
    "\u{ff5e}",
    "\u{1f600}",
    "x".repeat(1024),
    "\u{10ffff}".repeat(256),
  ),
);

/** Version ids of AWS, Ceph, MinIO, before versioning, and of servers nobody has met. */
export const versionId: fc.Arbitrary<string> = fc.oneof(
  of(`${LETTERS_AND_DIGITS}._`, 32, 32),
  of(`${LETTERS_AND_DIGITS}.-`, 31, 32),
  of(`${LETTERS_AND_DIGITS}.-_~`, 14, 66),
  fc.uuid(),
  fc.constant("null"),
  fc.nat().map(String),
  anyText,
);

/** ETags: MD5 sums, multipart ones, and what only looks like one. */
export const etag: fc.Arbitrary<string> = fc.oneof(
  of(HEX, 32, 32),
  fc.tuple(of(HEX, 32, 32), fc.nat({ max: 10_000 })).map(([md5, parts]) => `${md5}-${parts}`),
  fc.tuple(of(HEX, 32, 32), fc.constantFrom("-", "-007", "-1234567", "-x", "1", "_1")).map((
    parts,
  ) => parts.join("")),
  of(`${HEX}ABCDEF`, 32, 32),
  anyText,
);

/** Whatever a snapshot can hold. */
export const anyEntry: fc.Arbitrary<Entry> = fc.record({
  key,
  versionId,
  size: fc.oneof(
    fc.nat({ max: 200 }),
    fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    fc.constantFrom(0, 2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER),
  ),
  etag,
  lastModified: fc.oneof(
    fc.integer({ min: -3_000, max: 3_000 }).map((seconds) => seconds * 1000),
    fc.integer({ min: -(2 ** 50), max: 2 ** 50 }),
    fc.constantFrom(-(2 ** 50), 2 ** 50, 0, -1),
  ),
  storageClass: fc.oneof(fc.constantFrom("STANDARD", "GLACIER", ""), anyText),
}, { noNullPrototype: true });

/** Entries with ascending keys. */
export function entries(maxLength: number): fc.Arbitrary<Entry[]> {
  return fc.uniqueArray(anyEntry, { maxLength, size: "max", selector: ({ key }) => key })
    .map((list) => list.sort((a, b) => compareKeys(a.key, b.key)));
}
