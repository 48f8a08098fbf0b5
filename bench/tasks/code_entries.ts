import { gunzipSync, gzipSync } from "node:zlib";
import { BlockEncoder } from "../../lib/index/block_encoder.ts";
import { decodeBlock } from "../../lib/index/block_decoder.ts";
import { BLOCK_HEADER_BYTES } from "../../lib/index/frame.ts";
import type { Entry } from "../../lib/model/entry.ts";
import { entryAt, type EntryBatch } from "../../lib/model/entry_batch.ts";
import { generateBatches } from "../generate_entries.ts";

/** What a format came to. */
export interface FormatTimes {
  readonly format: string;
  readonly bytes: number;
  /** Of the fastest round: the least disturbed. */
  readonly encodeSeconds: number;
  readonly decodeSeconds: number;
}

interface Format {
  readonly name: string;
  encode(batches: readonly EntryBatch[]): Uint8Array[];
  /** @returns The number of entries, so that nothing can be left out. */
  decode(chunks: readonly Uint8Array[]): number;
}

const ROUNDS = 3;

/** Blocks of the index next to JSON lines with gzip, on the same entries. */
export function codeEntries({ entries }: { readonly entries: number }): FormatTimes[] {
  const batches = [...generateBatches(entries)];
  return [blocks("index", true), blocks("index, compress: false", false), jsonLines]
    .map((format) => measure(format, batches, entries));
}

function blocks(name: string, compress: boolean): Format {
  return {
    name,
    encode(batches) {
      const encoder = new BlockEncoder({ compress });
      const chunks: Uint8Array[] = [];
      for (const batch of batches) {
        for (let row = 0; row < batch.length;) {
          if (encoder.append(batch, row)) row++;
          else chunks.push(encoder.finish());
        }
      }
      chunks.push(encoder.finish());
      return chunks;
    },
    decode(chunks) {
      let entries = 0;
      for (const chunk of chunks) entries += decodeBlock(chunk.subarray(BLOCK_HEADER_BYTES)).length;
      return entries;
    },
  };
}

const jsonLines: Format = {
  name: "JSON lines, gzip",
  encode(batches) {
    const encoder = new TextEncoder();
    return batches.map((batch) => {
      let lines = "";
      for (let i = 0; i < batch.length; i++) lines += JSON.stringify(entryAt(batch, i)) + "\n";
      return gzipSync(encoder.encode(lines));
    });
  },
  decode(chunks) {
    const decoder = new TextDecoder();
    let entries = 0;
    for (const chunk of chunks) {
      for (const line of decoder.decode(gunzipSync(chunk)).split("\n")) {
        if (line !== "" && (JSON.parse(line) as Entry).key !== "") entries++;
      }
    }
    return entries;
  },
};

function measure(format: Format, batches: readonly EntryBatch[], entries: number): FormatTimes {
  const encoded = fastest(() => format.encode(batches));
  const decoded = fastest(() => format.decode(encoded.result));
  if (decoded.result !== entries) throw new Error(`${format.name} lost entries`);
  return {
    format: format.name,
    bytes: encoded.result.reduce((sum, chunk) => sum + chunk.length, 0),
    encodeSeconds: encoded.seconds,
    decodeSeconds: decoded.seconds,
  };
}

/** Seconds that the fastest of some rounds took, and what it gave. */
function fastest<Result>(work: () => Result): { seconds: number; result: Result } {
  let seconds = Infinity;
  let result: Result;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    result = work();
    seconds = Math.min(seconds, (performance.now() - start) / 1000);
  }
  return { seconds, result: result! };
}
