/** How blocks stand in a part: header, blocks with length and checksum, footer. */
import { crc32 } from "node:zlib";
import { Damage } from "./damage.ts";
import { MAX_BLOCK_ENTRIES, MAX_SECTION_BYTES } from "./limits.ts";
import { type Section, SECTION_HEADER_BYTES, writeSection } from "./section.ts";

/**
 * What a part begins with: not text, the format's name, line ends that a transfer in text mode
 * would change, then the version.
 */
const MAGIC = Uint8Array.of(0x89, 0x42, 0x4d, 0x42, 0x0d, 0x0a, 0x1a);

/** Bytes before the first block. */
export const PART_HEADER_BYTES: number = MAGIC.length + 1;
/** Bytes before each block's own: their number, and their CRC-32. */
export const BLOCK_HEADER_BYTES = 8;
/** A footer begins like a block of no bytes; its checksum covers the counts that follow. */
export const FOOTER_BYTES = 8;

const ENTRY_COUNT_BYTES = 4;
/** The columns to be compressed, sextets, UUIDs, MD5 sums. */
const SECTIONS = 4;
/** No block is longer. */
const MAX_BLOCK_BYTES = ENTRY_COUNT_BYTES + SECTIONS * (SECTION_HEADER_BYTES + MAX_SECTION_BYTES);

/** The first bytes of every file of that format. */
export function partHeader(format: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(PART_HEADER_BYTES);
  header.set(MAGIC);
  header[MAGIC.length] = format;
  return header;
}

/** Refuse what is no file of that format. @throws {Damage} */
export function checkPartHeader(header: Uint8Array, format: number): void {
  if (!MAGIC.every((byte, i) => header[i] === byte)) {
    throw new Damage("it does not begin like a snapshot's part");
  }
  if (header[MAGIC.length] !== format) {
    throw new Damage(`its format is ${header[MAGIC.length]}, though the manifest says ${format}`);
  }
}

/** A block with its header: the number of entries, then the sections. */
export function frameBlock(entries: number, sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  let size = BLOCK_HEADER_BYTES + ENTRY_COUNT_BYTES;
  for (const section of sections) size += SECTION_HEADER_BYTES + section.stored.length;
  const frame = new Uint8Array(size);
  const view = new DataView(frame.buffer);
  let at = BLOCK_HEADER_BYTES;
  view.setUint32(at, entries, true);
  at += ENTRY_COUNT_BYTES;
  for (const section of sections) at = writeSection(view, at, section);
  seal(view, size - BLOCK_HEADER_BYTES);
  return frame;
}

/** What a part ends with. */
export function partFooter(entries: number, blocks: number): Uint8Array<ArrayBuffer> {
  const footer = new Uint8Array(BLOCK_HEADER_BYTES + FOOTER_BYTES);
  const view = new DataView(footer.buffer);
  view.setUint32(BLOCK_HEADER_BYTES, entries, true);
  view.setUint32(BLOCK_HEADER_BYTES + 4, blocks, true);
  seal(view, 0);
  return footer;
}

function seal(frame: DataView<ArrayBuffer>, length: number): void {
  frame.setUint32(0, length, true);
  frame.setUint32(4, crc32(new Uint8Array(frame.buffer, BLOCK_HEADER_BYTES)), true);
}

/** What a block's header says. Length 0 stands for the footer. @throws {Damage} */
export function readBlockHeader(header: Uint8Array): { length: number; checksum: number } {
  const view = new DataView(header.buffer, header.byteOffset, BLOCK_HEADER_BYTES);
  const length = view.getUint32(0, true);
  if (length > MAX_BLOCK_BYTES) throw new Damage(`a block of ${length} bytes is too long`);
  return { length, checksum: view.getUint32(4, true) };
}

/** Refuse bytes that their checksum does not fit. @throws {Damage} */
export function checkChecksum(bytes: Uint8Array, checksum: number): void {
  if (crc32(bytes) !== checksum) throw new Damage("the checksum of a block does not match");
}

/** What a footer says. */
export function readFooter(footer: Uint8Array): { entries: number; blocks: number } {
  const view = new DataView(footer.buffer, footer.byteOffset, FOOTER_BYTES);
  return { entries: view.getUint32(0, true), blocks: view.getUint32(4, true) };
}

/** How many entries a block says it has, and where its sections begin. @throws {Damage} */
export function readEntryCount(block: Uint8Array): { entries: number; end: number } {
  if (block.length < ENTRY_COUNT_BYTES) throw new Damage("a block ends before its entries");
  const entries = new DataView(block.buffer, block.byteOffset).getUint32(0, true);
  if (entries === 0 || entries > MAX_BLOCK_ENTRIES) {
    throw new Damage(`a block of ${entries} entries is none`);
  }
  return { entries, end: ENTRY_COUNT_BYTES };
}
