import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { columnOf } from "../lib/model/column_of.ts";
import { bytesAt } from "../lib/model/entry_batch.ts";
import { runs } from "./seed.ts";

Deno.test("a column of texts holds the bytes of each, ASCII or not", () => {
  const texts = fc.oneof(
    fc.array(fc.string({ unit: "binary-ascii" })),
    fc.array(fc.string({ unit: "binary" })),
  );
  fc.assert(
    fc.property(texts, (texts) => {
      const column = columnOf(texts);
      assert.equal(column.offsets.length, texts.length + 1);
      for (const [i, text] of texts.entries()) {
        assert.deepEqual(bytesAt(column, i), new TextEncoder().encode(text));
      }
    }),
    runs(200),
  );
});
