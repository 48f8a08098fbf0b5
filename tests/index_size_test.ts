import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { BlockEncoder } from "../lib/index/block_encoder.ts";
import { batchOf, entry } from "./entry_batches.ts";
import { oddFields } from "./odd_entries.ts";
import { SEED, seededRandom } from "./seed.ts";

const ENTRIES = 4096;

for (const [name, make] of Object.entries(oddFields(seededRandom(SEED)))) {
  Deno.test(`a block is never larger than JSON lines with gzip: ${name}`, () => {
    const list = Array.from(
      { length: ENTRIES },
      (_, i) => entry({ key: `key/${String(i).padStart(8, "0")}`, ...make(i) }),
    );
    const encoder = new BlockEncoder();
    const batch = batchOf(list);
    for (let i = 0; i < batch.length; i++) assert.ok(encoder.append(batch, i));
    const size = encoder.finish().length;
    const lines = gzipSync(list.map((each) => JSON.stringify(each)).join("\n")).length;
    assert.ok(size < lines, `${size} bytes, and ${lines} as lines`);
  });
}
