import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import type { ObjectVersion } from "../lib/model/entry.ts";
import { entryAt, versionAt } from "../lib/model/entry_batch.ts";
import { EntryBatchBuilder } from "../lib/model/entry_batch_builder.ts";
import { runs } from "./seed.ts";

const text = fc.string({ unit: "binary", maxLength: 1024 });
const version: fc.Arbitrary<ObjectVersion> = fc.record({
  key: text,
  versionId: text,
  size: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  etag: text,
  lastModified: fc.integer({ min: -1e12, max: 1e13 }),
  storageClass: fc.constantFrom("STANDARD", "GLACIER", "EXPRESS_ONEZONE", ""),
  isDeleteMarker: fc.boolean(),
  isLatest: fc.boolean(),
}, { noNullPrototype: true });

Deno.test("what goes into a batch comes out of it, through copies too", () => {
  fc.assert(
    fc.property(fc.array(version, { maxLength: 40 }), fc.integer({ min: 1, max: 50 }), (
      versions,
      capacity,
    ) => {
      const builder = new EntryBatchBuilder(capacity);
      for (const each of versions) builder.append(each);
      const batch = builder.take();
      assert.deepEqual(versions.map((_, i) => versionAt(batch, i)), versions);

      for (let i = batch.length; i-- > 0;) builder.appendFrom(batch, i);
      const reversed = builder.take();
      assert.deepEqual(versions.map((_, i) => versionAt(reversed, i)), versions.toReversed());
      assert.equal(builder.length, 0);
    }),
    runs(100),
  );
});

Deno.test("a batch that was taken is not touched by what its builder does next", () => {
  const builder = new EntryBatchBuilder(2);
  const entry = {
    key: "first",
    versionId: "null",
    size: 1,
    etag: "e",
    lastModified: 2,
    storageClass: "STANDARD",
  };
  builder.append(entry);
  const batch = builder.take();
  for (let i = 0; i < 10; i++) builder.append({ ...entry, key: `other ${i}`, size: 9 });
  assert.deepEqual(entryAt(batch, 0), entry);
});

Deno.test("half of a surrogate pair is refused, never replaced", () => {
  const builder = new EntryBatchBuilder();
  assert.throws(() =>
    builder.append({
      key: "\ud83d",
      versionId: "",
      size: 0,
      etag: "",
      lastModified: 0,
      storageClass: "",
    }), RangeError);
});
