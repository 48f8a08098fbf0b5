/**
 * The memory that entry_run.wasm works in: a page of versions, and the columns that are made of it.
 * Scanning does not wait for anything, so one memory serves every listing of the process.
 */
import { joinBytes, lengthOf } from "../model/join_bytes.ts";
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
/** As many as a {@linkcode PageMemory} has, and what their offsets take beyond a row's. */
const MAX_AREAS = 16;
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
  const length = lengthOf(pieces);
  const maxRows = Math.floor(length / MIN_ENTRY_BYTES);
  const areas = new Areas(4 * length + (3 * 4 + 2 * 8 + 2) * maxRows);
  const texts = () => ({
    bytes: areas.bytes(length),
    offsets: areas.words(maxRows + 1).fill(0, 0, 1),
  });
  return {
    page: withSentinel(pieces, areas.bytes(length + 1)),
    maxRows,
    keys: texts(),
    versionIds: texts(),
    etags: texts(),
    sizes: areas.numbers(maxRows),
    lastModified: areas.numbers(maxRows),
    storageClasses: areas.bytes(maxRows),
    flags: areas.bytes(maxRows),
  };
}

/** Gives out the memory from {@linkcode FIRST_AREA} on. */
class Areas {
  #end = FIRST_AREA;

  /** @param bytes Of all areas together. */
  constructor(bytes: number) {
    const room = FIRST_AREA + bytes + MAX_AREAS * (SLACK + ALIGNMENT);
    const missing = room - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / GROWTH));
  }

  bytes(length: number): Uint8Array {
    return new Uint8Array(memory.buffer, this.#reserve(length), length);
  }

  words(length: number): Uint32Array {
    return new Uint32Array(memory.buffer, this.#reserve(4 * length), length);
  }

  numbers(length: number): Float64Array {
    return new Float64Array(memory.buffer, this.#reserve(8 * length), length);
  }

  #reserve(bytes: number): number {
    const start = this.#end;
    this.#end = Math.ceil((start + bytes + SLACK) / ALIGNMENT) * ALIGNMENT;
    return start;
  }
}

/** The module looks for the next `<` without a glance at the page's end, and finds this one. */
function withSentinel(pieces: readonly Uint8Array[], area: Uint8Array): Uint8Array {
  const end = area.length - 1;
  joinBytes(pieces, area)[end] = LESS_THAN;
  return area.subarray(0, end);
}
