import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { BlockEncoder } from "../lib/index/block_encoder.ts";
import { decodeBlock } from "../lib/index/block_decoder.ts";
import { BLOCK_HEADER_BYTES } from "../lib/index/frame.ts";
import type { Entry } from "../lib/model/entry.ts";
import { DELETE_MARKER, entryAt, type EntryBatch } from "../lib/model/entry_batch.ts";
import { batchOf, entry } from "./entry_batches.ts";
import { entries } from "./index_arbitraries.ts";
import { runs } from "./seed.ts";

function rows(batch: EntryBatch): Entry[] {
  return Array.from({ length: batch.length }, (_, i) => entryAt(batch, i));
}

function encode(list: readonly Entry[], compress: boolean): Uint8Array {
  const encoder = new BlockEncoder({ compress });
  const batch = batchOf(list);
  for (let i = 0; i < batch.length; i++) assert.equal(encoder.append(batch, i), true);
  return encoder.finish();
}

Deno.test("a block gives back every entry that went in, whatever it holds", () => {
  fc.assert(
    fc.property(
      entries(60).filter((list) => list.length > 0),
      fc.boolean(),
      (list, compress) => {
        const block = encode(list, compress);
        assert.deepEqual(rows(decodeBlock(block.subarray(BLOCK_HEADER_BYTES))), list);
      },
    ),
    runs(300),
  );
});

Deno.test("a block's own characters are its own, whatever block was read before", () => {
  const lists = [".abcdefghi_", "-abcdefghi.", "0abcdefghi1", ".abcdefghi_"]
    .map((versionId) => [entry({ key: "k", versionId: versionId.padEnd(32, "x") })]);
  for (const list of lists) {
    const block = encode(list, true);
    assert.deepEqual(rows(decodeBlock(block.subarray(BLOCK_HEADER_BYTES))), list);
  }
});

Deno.test("one encoder's blocks do not depend on the blocks before them", () => {
  fc.assert(
    fc.property(entries(40), fc.nat(), (list, at) => {
      const cut = list.length === 0 ? 0 : at % list.length;
      if (cut === 0) return;
      const encoder = new BlockEncoder({ compress: false });
      const batch = batchOf(list);
      for (let i = 0; i < cut; i++) encoder.append(batch, i);
      encoder.finish();
      for (let i = cut; i < list.length; i++) encoder.append(batch, i);
      assert.deepEqual(encoder.finish(), encode(list.slice(cut), false));
    }),
    runs(100),
  );
});

Deno.test("version ids of one length, whatever it is, come back", () => {
  for (let length = 0; length <= 70; length++) {
    const ids = ["0aZ._".repeat(14), "z.Y_1".repeat(14)].map((id) => id.slice(0, length));
    const list = ids.map((versionId, i) => entry({ key: String(i), versionId }));
    assert.deepEqual(rows(decodeBlock(encode(list, false).subarray(BLOCK_HEADER_BYTES))), list);
  }
});

Deno.test("an entry takes 24 bytes for its version id and 16 for its ETag", () => {
  const id = "k3f9._ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const list = (length: number) =>
    Array.from({ length }, (_, i) => entry({ key: String(i).padStart(4, "0"), versionId: id }));
  const grown = encode(list(1000), false).length - encode(list(999), false).length;
  // Two lengths, one byte of key, a size and a time step.
  assert.equal(grown, 24 + 16 + 2 + 1 + 1 + 1);
});

Deno.test("keys that do not ascend are refused, across blocks too", () => {
  for (const [first, second] of [["b", "a"], ["a", "a"], ["ab", "a"], ["\u{1f600}", "\uffff"]]) {
    const encoder = new BlockEncoder();
    const batch = batchOf([entry({ key: first! }), entry({ key: second! })]);
    encoder.append(batch, 0);
    encoder.finish();
    assert.throws(() => encoder.append(batch, 1), {
      name: "RangeError",
      message: /ascending order of their keys/,
    });
  }
});

Deno.test("what a snapshot cannot hold is refused", () => {
  const bad: Partial<Entry>[] = [
    { size: -1 },
    { size: 0.5 },
    { size: 2 ** 53 },
    { size: NaN },
    { lastModified: NaN },
    { lastModified: 0.5 },
    { lastModified: 2 ** 50 + 1 },
    { etag: "x".repeat(65_536) },
    { storageClass: "x".repeat(65_536) },
  ];
  for (const members of bad) {
    const batch = batchOf([entry({ key: "k", ...members })]);
    assert.throws(() => new BlockEncoder().append(batch, 0), RangeError, JSON.stringify(members));
  }
  const marker = batchOf([entry({ key: "k" })]);
  marker.flags[0] = DELETE_MARKER;
  assert.throws(() => new BlockEncoder().append(marker, 0), /no delete markers/);
});

Deno.test("a block is full at 4,096 entries, at a mebibyte of text, at 256 storage classes", () => {
  const fill = (make: (i: number) => Partial<Entry>) => {
    const encoder = new BlockEncoder();
    const keys = Array.from({ length: 5000 }, (_, i) => String(i).padStart(4, "0"));
    for (const [i, key] of keys.entries()) {
      const batch = batchOf([entry({ key, ...make(i) })]);
      if (!encoder.append(batch, 0)) {
        const decoded = decodeBlock(encoder.finish().subarray(BLOCK_HEADER_BYTES));
        assert.equal(decoded.length, i);
        assert.equal(encoder.append(batch, 0), true);
        return i;
      }
    }
  };
  assert.equal(fill(() => ({})), 4096);
  assert.equal(fill((i) => ({ storageClass: `class ${i}` })), 256);
  const row = 4 + 65_535 + 32 + 2;
  assert.equal(
    fill(() => ({ versionId: "x".repeat(65_535) })),
    Math.floor((2 ** 20 - "STANDARD".length) / row),
  );
});
