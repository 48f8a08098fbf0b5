import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "npm:fast-check@4.10.2";
import { EntryBatchBuilder } from "../lib/model/entry_batch_builder.ts";
import { compareAt, compareAtToBytes, compareKeys, prefixEnd } from "../lib/model/key_order.ts";
import { runs } from "./seed.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const byBytes = (a: string, b: string) => Math.sign(Buffer.compare(utf8(a), utf8(b)));

/** Keys of few and telling characters, so that long common beginnings occur. */
const key = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom("a", "b", "/", "é", "\uffee", "\ue000", "😀", "\u0000"),
    maxLength: 12,
  }),
);

function column(...keys: string[]) {
  const builder = new EntryBatchBuilder(1);
  for (const key of keys) {
    builder.append({
      key,
      versionId: "v",
      size: 0,
      etag: "",
      lastModified: 0,
      storageClass: "STANDARD",
    });
  }
  return builder.take().keys;
}

Deno.test("keys compare as their UTF-8 bytes do", () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      assert.equal(Math.sign(compareKeys(a, b)), byBytes(a, b));
      assert.equal(Math.sign(compareAt(column("x", a), 1, column(b), 0)), byBytes(a, b));
      assert.equal(Math.sign(compareAtToBytes(column(a), 0, utf8(b))), byBytes(a, b));
    }),
    runs(500),
  );
});

Deno.test("a character above U+FFFF sorts after U+FFEE, unlike in JavaScript", () => {
  assert.ok("\uffee" > "😀");
  assert.ok(compareKeys("\uffee", "😀") < 0);
});

Deno.test("prefixEnd bounds exactly the keys that begin with the prefix", () => {
  fc.assert(
    fc.property(key, key, (prefix, other) => {
      const end = prefixEnd(utf8(prefix));
      const inside = compareKeys(other, prefix) >= 0 &&
        (end === undefined || compareAtToBytes(column(other), 0, end) < 0);
      assert.equal(inside, other.startsWith(prefix));
    }),
    runs(500),
  );
  assert.equal(prefixEnd(new Uint8Array()), undefined);
  assert.deepEqual(prefixEnd(new Uint8Array([97, 0xff])), new Uint8Array([98]));
});
