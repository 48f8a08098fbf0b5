/**
 * The memory that entry_run.wasm works in: a page of versions, and the columns that are made of it.
 * Scanning does not wait for anything, so one memory serves every listing of the process.
 */
import { memory } from "./entry_run.wasm";

/** A column of texts: row `i` is the bytes from `offsets[i]` up to `offsets[i + 1]`. */
export interface TextArea {
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
}

/** A page and its columns, each with room for all that such a page can hold. */
export interface PageMemory {
  /** The page itself. */
  readonly page: Uint8Array;
  /** Most rows. */
  readonly maxRows: number;
  readonly keys: TextArea;
  readonly versionIds: TextArea;
  readonly etags: TextArea;
  readonly sizes: Float64Array;
  readonly lastModified: Float64Array;
  readonly storageClasses: Uint8Array;
  readonly flags: Uint8Array;
}

/** A key, a time and their tags are longer, and every entry has both. */
const MIN_ENTRY_BYTES = 64;
/** The module reads and writes so many bytes at a time, some of them behind an area's end. */
const SLACK = 16;
/** Areas begin at its multiples, as the widest numbers must. */
const ALIGNMENT = 16;
/** What lies below is told to the module by entry_run.ts. */
const FIRST_AREA = 32 * 1024;
/** What a memory grows by, in bytes. */
const GROWTH = 64 * 1024;
const LESS_THAN = 0x3c;

/**
 * Put a page, which came in pieces, into the memory, next to room for its columns. What was there
 * before is void. The memory grows to about five times the longest page.
 */
export function placePage(pieces: readonly Uint8Array[]): PageMemory {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const rows = Math.floor(length / MIN_ENTRY_BYTES);
  let end = FIRST_AREA;
  const reserve = (bytes: number) => {
    const start = end;
    end = Math.ceil((start + bytes + SLACK) / ALIGNMENT) * ALIGNMENT;
    return start;
  };
  const page = reserve(length);
  const texts = Array.from(
    { length: 3 },
    () => [reserve(length), reserve(4 * (rows + 1))] as const,
  );
  const numbers = [reserve(8 * rows), reserve(8 * rows)] as const;
  const bytes = [reserve(rows), reserve(rows)] as const;
  growTo(end);
  const { buffer } = memory;
  const [keys, versionIds, etags] = texts.map(([bytes, offsets]) => ({
    bytes: new Uint8Array(buffer, bytes, length),
    offsets: new Uint32Array(buffer, offsets, rows + 1).fill(0, 0, 1),
  }));
  return {
    page: writePage(page, length, pieces),
    maxRows: rows,
    keys: keys!,
    versionIds: versionIds!,
    etags: etags!,
    sizes: new Float64Array(buffer, numbers[0], rows),
    lastModified: new Float64Array(buffer, numbers[1], rows),
    storageClasses: new Uint8Array(buffer, bytes[0], rows),
    flags: new Uint8Array(buffer, bytes[1], rows),
  };
}

function growTo(bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / GROWTH));
}

/** The module looks for the next `<` without a glance at the page's end, and finds this one. */
function writePage(start: number, length: number, pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(memory.buffer, start, length + 1);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  bytes[length] = LESS_THAN;
  return bytes.subarray(0, length);
}
