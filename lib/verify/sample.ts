import type { ByteColumn, EntryBatch } from "../model/entry_batch.ts";

const FNV_OFFSET_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const HASHES = 2 ** 32;

/**
 * Which versions are read. Whether one is depends on the seed, its key and its id alone, so the
 * same seed chooses the same versions whatever else a bucket holds.
 */
export class Sample {
  readonly #basis: number;
  readonly #limit: number;

  /** `percent` is the share that is chosen, from 0 to 100; `seed` a whole number below 2^32. */
  constructor(percent: number, seed: number) {
    this.#basis = mix(FNV_OFFSET_BASIS ^ seed);
    this.#limit = percent / 100 * HASHES;
  }

  /** Whether the version in a row is chosen. */
  holds({ keys, versionIds }: EntryBatch, row: number): boolean {
    const hash = hashOf(versionIds, row, hashOf(keys, row, this.#basis));
    return mix(hash) >>> 0 < this.#limit;
  }
}

function hashOf({ bytes, offsets }: ByteColumn, row: number, basis: number): number {
  let hash = basis;
  const end = offsets[row + 1]!;
  for (let at = offsets[row]!; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, FNV_PRIME);
  return hash;
}

/** Spreads a change of any bit over all of them. */
function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
