import { gzipSync } from "node:zlib";
import { BlockEncoder } from "../../lib/index/block_encoder.ts";
import { batchOf, entry } from "../../tests/entry_batches.ts";
import { oddFields } from "../../tests/odd_entries.ts";
import { seededRandom } from "../../tests/seed.ts";

/** Bytes of one kind of odd entries. */
export interface OddWeight {
  readonly kind: string;
  readonly block: number;
  readonly lines: number;
}

/** The same entries in every run. */
const SEED = 1;

/** A block of each kind of odd entries, and the same as JSON lines with gzip. */
export function weighOddEntries({ entries }: { readonly entries: number }): OddWeight[] {
  return Object.entries(oddFields(seededRandom(SEED))).map(([kind, make]) => {
    const list = Array.from(
      { length: entries },
      (_, i) => entry({ key: `key/${String(i).padStart(8, "0")}`, ...make(i) }),
    );
    const encoder = new BlockEncoder();
    const batch = batchOf(list);
    for (let i = 0; i < entries; i++) {
      if (!encoder.append(batch, i)) throw new RangeError(`${entries} entries are not one block`);
    }
    const lines = list.map((each) => JSON.stringify(each)).join("\n");
    return { kind, block: encoder.finish().length, lines: gzipSync(lines).length };
  });
}
