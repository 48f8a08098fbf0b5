/**
 * A section of a block: its length, the length it is stored in, and the bytes, deflated where
 * the two differ.
 *
 * node:zlib and not CompressionStream: one call a block, level and output limit are ours to set,
 * and it took two thirds of the time when measured on columns of 60 KB.
 */
import type { Buffer } from "node:buffer";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { Damage } from "./damage.ts";
import { MAX_SECTION_BYTES } from "./limits.ts";

/** Two lengths, each a 32-bit number, lowest byte first. */
export const SECTION_HEADER_BYTES = 8;

/** A section that is ready to be written. */
export interface Section {
  /** Bytes before they were deflated. */
  readonly length: number;
  readonly stored: Uint8Array;
}

/** Keep `bytes` as they are. They are not copied. */
export function plainSection(bytes: Uint8Array): Section {
  return { length: bytes.length, stored: bytes };
}

/** zlib's level. */
const LEVEL = 6;

/** Deflate `bytes`, or keep them where that makes nothing smaller. */
export function deflatedSection(bytes: Uint8Array): Section {
  const stored = deflateRawSync(bytes, { level: LEVEL });
  return stored.length < bytes.length ? { length: bytes.length, stored } : plainSection(bytes);
}

/** Bytes that are tried: some hundred values, as far as gzip would look back in lines of text. */
const SAMPLE_BYTES = 4096;
/** Of the sample must go, for deflating to be worth the time that reading takes. */
const MIN_GAIN = 1 / 8;

/**
 * Keep `bytes`, which should be random, as they are, unless a sample shows that they are not:
 * counted-up version ids, or the same ETag again and again.
 */
export function sampledSection(bytes: Uint8Array): Section {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const { stored } = deflatedSection(sample);
  return stored.length > sample.length * (1 - MIN_GAIN)
    ? plainSection(bytes)
    : deflatedSection(bytes);
}

/** Write a section at `at`. @returns Where it ends */
export function writeSection(block: DataView<ArrayBuffer>, at: number, section: Section): number {
  block.setUint32(at, section.length, true);
  block.setUint32(at + 4, section.stored.length, true);
  new Uint8Array(block.buffer).set(section.stored, at + SECTION_HEADER_BYTES);
  return at + SECTION_HEADER_BYTES + section.stored.length;
}

/** Read the section at `at`. @returns Its bytes, and where it ends. @throws {Damage} */
export function readSection(block: Uint8Array, at: number): { bytes: Uint8Array; end: number } {
  if (block.length - at < SECTION_HEADER_BYTES) throw new Damage("a block ends inside a section");
  const view = new DataView(block.buffer, block.byteOffset + at, SECTION_HEADER_BYTES);
  const length = view.getUint32(0, true), storedLength = view.getUint32(4, true);
  const start = at + SECTION_HEADER_BYTES, end = start + storedLength;
  if (end > block.length) throw new Damage("a section runs past the end of its block");
  if (length > MAX_SECTION_BYTES || storedLength > length) {
    throw new Damage("a section's lengths are wrong");
  }
  const stored = block.subarray(start, end);
  return { bytes: storedLength === length ? stored : inflate(stored, length), end };
}

/** zlib refuses to hand out less at a time. All in one piece need not be put together. */
const MIN_CHUNK_BYTES = 64;

function inflate(stored: Uint8Array, length: number): Uint8Array {
  let bytes: Buffer;
  try {
    const chunkSize = Math.max(length, MIN_CHUNK_BYTES);
    bytes = inflateRawSync(stored, { maxOutputLength: length, chunkSize });
  } catch (error) {
    throw new Damage(`a section cannot be inflated (${(error as Error).message})`);
  }
  if (bytes.length !== length) throw new Damage("a section inflates to another length");
  return bytes;
}
