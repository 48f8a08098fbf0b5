import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { shortText } from "../lib/model/short_text.ts";
import { runs } from "./seed.ts";

const ascii = fc.string({ unit: "binary-ascii", maxLength: 70 });
const any = fc.string({ unit: "binary", maxLength: 70 });

Deno.test("bytes are a text where they are few and ASCII, wherever they stand", () => {
  fc.assert(
    fc.property(fc.oneof(ascii, any), fc.nat({ max: 5 }), (text, before) => {
      const own = new TextEncoder().encode(text);
      const bytes = new Uint8Array(before + own.length + 3).fill(0xff);
      bytes.set(own, before);
      const isShort = own.length <= 64 && own.every((byte) => byte < 0x80);
      assert.equal(shortText(bytes, before, before + own.length), isShort ? text : undefined);
    }),
    runs(300),
  );
});
