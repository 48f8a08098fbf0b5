import { memory, readEntries } from "./entry_run.wasm";
import type { PageMemory, TextArea } from "./page_memory.ts";

/** What the texts of an entry say, as bits; wasm/entry_run.ts has the same. */
export const FIELDS = {
  KEY: 1,
  VERSION_ID: 2,
  IS_LATEST: 4,
  LAST_MODIFIED: 8,
  ETAG: 16,
  SIZE: 32,
  STORAGE_CLASS: 64,
} as const;

/** An entry that was understood. */
export interface KnownEntry {
  /** What it stands in. */
  readonly bytes: Uint8Array;
  /** Where its start tag begins. */
  readonly start: number;
  /** Behind its end tag. */
  readonly end: number;
  /** `DELETE_MARKER` of lib/model/entry_batch.ts, or 0. */
  readonly kind: number;
  /** In their order. */
  readonly texts: readonly KnownText[];
}

/** A text of an entry, from `at` up to `end`. */
export interface KnownText {
  readonly at: number;
  readonly end: number;
  /** One of {@linkcode FIELDS}; no other text of the entry has it. */
  readonly field: number;
}

/** Where `Page` of wasm/entry_run.ts is, and its numbers, of four bytes each, in their order. */
const PAGE = 1024;
const AT = 0, END = 1, ROWS = 2, MAX_ROWS = 3, IS_ENCODED = 4, LAYOUTS = 5, LAYOUT_COUNT = 6;
const CLASSES = 7, CLASS_COUNT = 8, DEFAULT_CLASS = 9, KEYS = 10, VERSION_IDS = 11, ETAGS = 12;
const SIZES = 13, LAST_MODIFIED = 14, STORAGE_CLASSES = 15, FLAGS = 16, NUMBERS = 17;
/** Of its text columns: an address of bytes, and one of offsets. */
const TEXT_COLUMNS = 2048, TEXT_COLUMN_SIZE = 8;
const LAYOUT_AREA = 4096, LAYOUT_SIZE = 4096;
const CLASS_AREA = 24 * 1024, CLASS_SIZE = 64;

/** Versions and delete markers, each with and without what some servers write of some objects only. */
const MAX_LAYOUTS = 4;
/** S3 knows about ten; entries of another class are read one by one. */
const MAX_CLASSES = 16;
/** Numbers before the pieces of a layout, and of a piece. */
const LAYOUT_NUMBERS = 2, PIECE_NUMBERS = 3;

/**
 * What is known of how a server writes entries, from one page to the next: those that are written
 * alike differ in their texts only. The last that were learned count.
 */
let learned = 0;
let layoutCount = 0;

/**
 * Reads entries of a page that are written like one that was understood before: by entry_run.wasm,
 * many times faster than one by one, and with the same result.
 */
export class EntryRun {
  readonly #page: Int32Array;
  readonly #start: number;

  /** @param isEncoded Whether keys are percent-encoded. */
  constructor(areas: PageMemory, isEncoded: boolean) {
    this.#page = new Int32Array(memory.buffer, PAGE, NUMBERS);
    this.#start = areas.page.byteOffset;
    const page = this.#page;
    page[END] = this.#start + areas.page.length;
    page[MAX_ROWS] = areas.maxRows;
    page[IS_ENCODED] = isEncoded ? 1 : 0;
    page[LAYOUTS] = LAYOUT_AREA;
    page[CLASSES] = CLASS_AREA;
    page[CLASS_COUNT] = 0;
    page[DEFAULT_CLASS] = -1;
    page[KEYS] = describeTexts(areas.keys, 0);
    page[VERSION_IDS] = describeTexts(areas.versionIds, 1);
    page[ETAGS] = describeTexts(areas.etags, 2);
    page[SIZES] = areas.sizes.byteOffset;
    page[LAST_MODIFIED] = areas.lastModified.byteOffset;
    page[STORAGE_CLASSES] = areas.storageClasses.byteOffset;
    page[FLAGS] = areas.flags.byteOffset;
  }

  /** Behind the entry that was read last, in the page. */
  get at(): number {
    return this.#page[AT]! - this.#start;
  }

  /** Rows that are written. */
  get rows(): number {
    return this.#page[ROWS]!;
  }

  /**
   * Read the entries from `at` on, as rows from `rows` on, up to the first that is not written like
   * one that is known or of which a text does not stand there as it is.
   *
   * @returns Whether it stopped where something is written otherwise.
   */
  read(at: number, rows: number): boolean {
    const page = this.#page;
    page[AT] = this.#start + at;
    page[ROWS] = rows;
    page[LAYOUT_COUNT] = layoutCount;
    return readEntries() === 1;
  }

  /** The storage class with the next index. Without one, an entry is of a class that `isDefault`. */
  learnClass(name: Uint8Array, index: number, isDefault: boolean): void {
    const page = this.#page;
    if (isDefault) page[DEFAULT_CLASS] = index;
    if (index !== page[CLASS_COUNT] || index >= MAX_CLASSES || name.length > CLASS_SIZE - 4) return;
    const at = CLASS_AREA + index * CLASS_SIZE;
    new Uint32Array(memory.buffer, at, 1)[0] = name.length;
    new Uint8Array(memory.buffer, at + 4, name.length).set(name);
    page[CLASS_COUNT] = index + 1;
  }
}

/** Entries that are written like this one can be read by an {@linkcode EntryRun} from now on. */
export function learnLayout(entry: KnownEntry): void {
  const { bytes, start, end, kind, texts } = entry;
  const at = LAYOUT_AREA + learned % MAX_LAYOUTS * LAYOUT_SIZE;
  const head = LAYOUT_NUMBERS + PIECE_NUMBERS * (texts.length + 1);
  const textLength = texts.reduce((sum, text) => sum + text.end - text.at, 0);
  if (4 * head + end - start - textLength > LAYOUT_SIZE) return;
  const numbers = new Uint32Array(memory.buffer, at, head);
  const markup = new Uint8Array(memory.buffer, at + 4 * head, LAYOUT_SIZE - 4 * head);
  numbers[0] = kind;
  numbers[1] = texts.reduce((sum, { field }) => sum + field, 0);
  let from = start, to = 0;
  [...texts, { at: end, end, field: 0 }].forEach((text, i) => {
    const piece = bytes.subarray(from, text.at);
    markup.set(piece, to);
    numbers.set(
      [markup.byteOffset + to, piece.length, text.field],
      LAYOUT_NUMBERS + i * PIECE_NUMBERS,
    );
    from = text.end;
    to += piece.length;
  });
  learned++;
  layoutCount = Math.min(learned, MAX_LAYOUTS);
}

function describeTexts({ bytes, offsets }: TextArea, i: number): number {
  const at = TEXT_COLUMNS + i * TEXT_COLUMN_SIZE;
  new Uint32Array(memory.buffer, at, 2).set([bytes.byteOffset, offsets.byteOffset]);
  return at;
}
