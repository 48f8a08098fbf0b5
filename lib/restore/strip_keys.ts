import type { EntryBatch } from "../model/entry_batch.ts";

/**
 * The same rows with the first bytes of each key left out.
 *
 * @param length Bytes; every key has as many.
 */
export function stripKeys(batch: EntryBatch, length: number): EntryBatch {
  const { bytes, offsets } = batch.keys;
  const first = offsets[0]!, last = offsets[batch.length]!;
  const stripped = {
    bytes: new Uint8Array(last - first - batch.length * length),
    offsets: new Uint32Array(batch.length + 1),
  };
  let end = 0;
  for (let row = 0; row < batch.length; row++) {
    const rest = bytes.subarray(offsets[row]! + length, offsets[row + 1]!);
    stripped.bytes.set(rest, end);
    end += rest.length;
    stripped.offsets[row + 1] = end;
  }
  return { ...batch, keys: stripped };
}
