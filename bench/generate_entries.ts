import type { EntryBatch } from "../lib/model/entry_batch.ts";
import { EntryBatchBuilder } from "../lib/model/entry_batch_builder.ts";
import { compareKeys } from "../lib/model/key_order.ts";

const LETTERS_AND_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const VERSION_ID_ALPHABET = `${LETTERS_AND_DIGITS}._`;
const HEX = "0123456789abcdef";
/** As many as a page of a listing. */
const BATCH_ENTRIES = 1000;
/** Keys are made and sorted this many at a time, below one prefix. */
const GROUP_KEYS = 20_000;
const YEAR = 365 * 24 * 3600;
const EPOCH = Date.UTC(2024, 0, 1) / 1000;

/** Same numbers every time, in [0, 1): xorshift. */
function makeRandom(): () => number {
  let state = 0x2545f491;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x100000000;
  };
}

/**
 * Entries as a bucket in use has them: version ids and ETags without any pattern, one multipart
 * upload in fifty, log-normal sizes, whole seconds over two years, and three kinds of keys in turn:
 * dated logs, numbered images, hashed names.
 */
export function* generateBatches(entries: number): Generator<EntryBatch> {
  const random = makeRandom();
  const builder = new EntryBatchBuilder(BATCH_ENTRIES);
  for (let made = 0, group = 0; made < entries; group++) {
    for (const key of groupOfKeys(group, Math.min(GROUP_KEYS, entries - made), random)) {
      builder.append({
        key,
        versionId: textOf(VERSION_ID_ALPHABET, 32, random),
        size: Math.floor(Math.exp(10 + 2.5 * normal(random))),
        etag: textOf(HEX, 32, random) +
          (random() < 0.02 ? `-${2 + Math.floor(random() * 50)}` : ""),
        lastModified: (EPOCH + Math.floor(random() * 2 * YEAR)) * 1000,
        storageClass: random() < 0.1 ? "STANDARD_IA" : "STANDARD",
      });
      made++;
      if (builder.length === BATCH_ENTRIES) yield builder.take();
    }
  }
  if (builder.length > 0) yield builder.take();
}

function groupOfKeys(group: number, count: number, random: () => number): string[] {
  const root = String(group).padStart(6, "0");
  const kinds = [
    (i: number) =>
      `${root}/logs/2026/${pad(1 + (i >> 10), 3)}/host-${pad(i % 64, 2)}/${pad(i, 8)}.log.gz`,
    (i: number) => `${root}/images/IMG_${pad(i, 7)}.jpg`,
    () => `${root}/objects/${textOf(HEX, 2, random)}/${textOf(HEX, 16, random)}`,
  ];
  const make = kinds[group % kinds.length]!;
  const keys = new Set(Array.from({ length: count }, (_, i) => make(i)));
  return [...keys].sort(compareKeys);
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}

function textOf(alphabet: string, length: number, random: () => number): string {
  let text = "";
  for (let i = 0; i < length; i++) text += alphabet[Math.floor(random() * alphabet.length)];
  return text;
}

/** Around 0, deviation 1. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
