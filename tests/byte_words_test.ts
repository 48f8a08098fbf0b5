import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { copyWords, holdsByte, holdsLess, repeated, viewOf } from "../lib/s3/byte_words.ts";
import { runs } from "./seed.ts";

const fourBytes = fc.uint8Array({ minLength: 4, maxLength: 4 });

/** Bytes around the one in question are where borrowing could go wrong. */
function near(byte: number): fc.Arbitrary<Uint8Array> {
  const close = fc.constantFrom(0, 0x7f, 0x80, 0xff, byte - 1, byte, byte + 1, byte | 0x80);
  const four = fc.array(close, { minLength: 4, maxLength: 4 });
  return fc.oneof(fourBytes, four.map((bytes) => new Uint8Array(bytes)));
}

Deno.test("a word is asked what its bytes would be asked one by one", () => {
  const asked = fc.integer({ min: 1, max: 0x7f });
  fc.assert(
    fc.property(asked.chain((byte) => fc.tuple(fc.constant(byte), near(byte))), ([byte, bytes]) => {
      const word = viewOf(bytes).getInt32(0, true);
      assert.equal(holdsByte(word, repeated(byte)), bytes.includes(byte));
      assert.equal(holdsLess(word, repeated(byte)), bytes.some((each) => each < byte));
    }),
    runs(5000),
  );
});

Deno.test("words are copied up to the first with a byte below the limit, and nothing else changes", () => {
  const run = fc.record({
    source: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    at: fc.nat(8),
    to: fc.nat(8),
    limit: fc.constantFrom(1, 0x27, 0x2c, 0x7f),
  });
  fc.assert(
    fc.property(run, ({ source, at, to, limit }) => {
      fc.pre(at <= source.length);
      const target = new Uint8Array(64).fill(0xee);
      const count = copyWords(
        ...[viewOf(source), at, source.length, viewOf(target), to, repeated(limit)] as const,
      );
      const special = source.findIndex((byte, i) => i >= at && byte < limit);
      const plain = (special < 0 ? source.length : special) - at;
      assert.equal(count, plain - plain % 4);
      const expected = new Uint8Array(64).fill(0xee);
      expected.set(source.subarray(at, at + count), to);
      assert.deepEqual(target, expected);
    }),
    runs(2000),
  );
});
