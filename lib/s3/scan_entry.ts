import { DELETE_MARKER, LATEST } from "../model/entry_batch.ts";
import type { Bytes } from "./byte_words.ts";
import { readIsoTime } from "./iso_time.ts";
import { Markup } from "./markup.ts";
import type { PageColumns } from "./page_columns.ts";
import { refuse } from "./refusal.ts";
import { findLessThan, type XmlScanner } from "./xml_scanner.ts";
import { isAt, readBoolean, readPlainText, readWholeNumber } from "./xml_values.ts";
import { writeEncodedText, writeText } from "./xml_text.ts";

/** Elements of an entry, as bits of what was seen. */
const KEY = 1, VERSION_ID = 2, IS_LATEST = 4, LAST_MODIFIED = 8, ETAG = 16, SIZE = 32;
const STORAGE_CLASS = 64;
const REQUIRED = KEY | LAST_MODIFIED;
/** A marker has neither; a server that sends them means nothing by it. */
const NOT_OF_MARKERS = ETAG | SIZE;

const encoder = new TextEncoder();

const KEY_NAME = encoder.encode("Key");
const SIZE_NAME = encoder.encode("Size");
const ETAG_NAME = encoder.encode("ETag");
const IS_LATEST_NAME = encoder.encode("IsLatest");
const VERSION_ID_NAME = encoder.encode("VersionId");
const LAST_MODIFIED_NAME = encoder.encode("LastModified");
const STORAGE_CLASS_NAME = encoder.encode("StorageClass");

const NULL_VERSION = encoder.encode("null");
const DEFAULT_CLASS = "STANDARD";
/** Their index is one byte; S3 knows about ten. */
const MAX_STORAGE_CLASSES = 256;
const QUOTE_ENTITY = encoder.encode("&quot;");
const QUOTE = 0x22;

/** How an entry was written. */
interface Layout {
  /** The markup before each text, and after the last. */
  readonly between: readonly Markup[];
  /** What each text is. */
  readonly fields: readonly number[];
  /** All of them together. */
  readonly seen: number;
}

/** Reads `Version` and `DeleteMarker` elements into the columns of a page. */
export class EntryScanner {
  readonly #columns: PageColumns;
  #flags = 0;
  #size = 0;
  #lastModified = 0;
  #storageClass = 0;
  /** As the last one stood in the page: most entries have the class of the one before. */
  #classBytes: Uint8Array = new Uint8Array();
  #classIndex = -1;
  /** Of the last entry that was no delete marker, and of the last that was one. */
  #layouts: (Layout | undefined)[] = [];

  /** Entries become rows of `columns`. */
  constructor(columns: PageColumns) {
    this.#columns = columns;
  }

  /** Begin a page. */
  clear(): void {
    this.#classIndex = -1;
    this.#layouts = [undefined, undefined];
  }

  /**
   * Read one entry, whose start tag was read last.
   *
   * @param kind {@linkcode DELETE_MARKER} or 0.
   * @param isEncoded Whether keys are percent-encoded.
   */
  scan(scanner: XmlScanner, kind: number, isEncoded: boolean): void {
    if (scanner.isEmpty) refuse();
    this.#flags = kind;
    this.#size = 0;
    const layout = this.#layouts[kind];
    if (layout && this.#scanLike(layout, scanner, isEncoded)) {
      this.#closeRow(layout.seen, kind);
    } else {
      this.#flags = kind;
      this.#scanFreely(scanner, kind, isEncoded);
    }
  }

  /**
   * Read an entry that is like the one before but for its texts, which is how servers write them:
   * everything between the texts is compared as it stands. False, with nothing read, where it
   * differs. What is equal to what was understood before means the same, so this is only faster.
   */
  #scanLike({ between, fields }: Layout, scanner: XmlScanner, isEncoded: boolean): boolean {
    const { view } = scanner;
    let at = scanner.at;
    for (let i = 0; i < fields.length; i++) {
      const markup = between[i]!;
      const start = at + markup.length;
      if (!markup.isAt(view, at)) return this.#takeBack();
      at = findLessThan(scanner, start);
      if (at === start) return this.#takeBack();
      this.#readText(scanner, start, at, fields[i]!, isEncoded);
    }
    const end = between[fields.length]!;
    if (!end.isAt(view, at)) return this.#takeBack();
    scanner.at = at + end.length;
    return true;
  }

  #takeBack(): false {
    this.#columns.takeBackRow();
    return false;
  }

  #scanFreely(scanner: XmlScanner, kind: number, isEncoded: boolean): void {
    const { nameStart, nameEnd, at: start } = scanner;
    const texts: number[] = [];
    const fields: number[] = [];
    let seen = 0;
    while (scanner.readStartTag()) {
      const field = fieldOf(scanner);
      if (field === 0 || kind === DELETE_MARKER && (field & NOT_OF_MARKERS) !== 0) {
        scanner.skipElement();
        continue;
      }
      if ((seen & field) !== 0) refuse();
      if (!this.#readField(scanner, field, isEncoded, texts)) continue;
      seen |= field;
      fields.push(field);
    }
    scanner.readEndTag(nameStart, nameEnd);
    this.#closeRow(seen, kind);
    const between = cutOut(scanner.bytes, start, scanner.at, texts);
    this.#layouts[kind] = { between, fields, seen };
  }

  /** False for an element without text, which is like none. Adds where the text is to `texts`. */
  #readField(scanner: XmlScanner, field: number, isEncoded: boolean, texts: number[]): boolean {
    if (scanner.isEmpty) return false;
    const { at, nameStart, nameEnd } = scanner;
    const end = scanner.findTextEnd();
    if (end > at) {
      this.#readText(scanner, at, end, field, isEncoded);
      texts.push(at, end);
    }
    scanner.at = end;
    scanner.readEndTag(nameStart, nameEnd);
    return end > at;
  }

  #readText(page: Bytes, at: number, end: number, field: number, isEncoded: boolean): void {
    const { bytes } = page;
    switch (field) {
      case KEY:
        if (isEncoded) writeEncodedText(this.#columns.keys, page, at, end);
        else writeText(this.#columns.keys, page, at, end);
        return;
      case VERSION_ID:
        return writeText(this.#columns.versionIds, page, at, end);
      case ETAG:
        return this.#readETag(page, at, end);
      case SIZE:
        this.#size = readWholeNumber(bytes, at, end);
        return;
      case LAST_MODIFIED:
        this.#lastModified = readIsoTime(bytes, at, end);
        return;
      case IS_LATEST:
        if (readBoolean(bytes, at, end)) this.#flags |= LATEST;
        return;
      case STORAGE_CLASS:
        this.#storageClass = this.#readStorageClass(bytes, at, end);
    }
  }

  /** Without the quotes around it, which are part of the text: mostly as entities. */
  #readETag(page: Bytes, at: number, end: number): void {
    const { bytes } = page;
    const { etags } = this.#columns;
    const entity = QUOTE_ENTITY.length;
    const from = isAt(bytes, at, end, QUOTE_ENTITY) ? at + entity : at;
    const to = end - entity >= from && isAt(bytes, end - entity, end, QUOTE_ENTITY)
      ? end - entity
      : end;
    const first = etags.start;
    writeText(etags, page, from, to);
    if (from === at) etags.dropFirst(first, QUOTE);
    if (to === end) etags.dropLast(first, QUOTE);
  }

  #readStorageClass(bytes: Uint8Array, at: number, end: number): number {
    const known = this.#classBytes;
    if (this.#classIndex >= 0 && end - at === known.length && isAt(bytes, at, end, known)) {
      return this.#classIndex;
    }
    this.#classBytes = new Uint8Array(bytes.subarray(at, end));
    return this.#classIndex = this.#indexOfClass(readPlainText(bytes, at, end));
  }

  #indexOfClass(name: string): number {
    const index = this.#columns.storageClass(name);
    return index < MAX_STORAGE_CLASSES ? index : refuse();
  }

  #closeRow(seen: number, kind: number): void {
    if ((seen & REQUIRED) !== REQUIRED) refuse();
    if (kind !== DELETE_MARKER && (seen & SIZE) === 0) refuse();
    const columns = this.#columns;
    if ((seen & VERSION_ID) === 0) {
      columns.versionIds.write(NULL_VERSION);
    }
    if ((seen & ETAG) === 0) columns.etags.close(columns.etags.start);
    if ((seen & STORAGE_CLASS) === 0) this.#storageClass = this.#indexOfClass(DEFAULT_CLASS);
    columns.closeRow(this.#size, this.#lastModified, this.#storageClass, this.#flags);
  }
}

/** What is left of the bytes from `start` to `end` without the texts: pairs of start and end. */
function cutOut(
  bytes: Uint8Array,
  start: number,
  end: number,
  texts: readonly number[],
): Markup[] {
  const left: Markup[] = [];
  let at = start;
  for (let i = 0; i < texts.length; i += 2) {
    left.push(new Markup(bytes.subarray(at, texts[i])));
    at = texts[i + 1]!;
  }
  return [...left, new Markup(bytes.subarray(at, end))];
}

/** The field that the start tag read last begins; 0 for another element. */
function fieldOf(scanner: XmlScanner): number {
  switch (scanner.nameEnd - scanner.nameStart) {
    case 3:
      return scanner.isNamed(KEY_NAME) ? KEY : 0;
    case 4:
      return scanner.isNamed(ETAG_NAME) ? ETAG : scanner.isNamed(SIZE_NAME) ? SIZE : 0;
    case 8:
      return scanner.isNamed(IS_LATEST_NAME) ? IS_LATEST : 0;
    case 9:
      return scanner.isNamed(VERSION_ID_NAME) ? VERSION_ID : 0;
    case 12:
      if (scanner.isNamed(LAST_MODIFIED_NAME)) return LAST_MODIFIED;
      return scanner.isNamed(STORAGE_CLASS_NAME) ? STORAGE_CLASS : 0;
    default:
      return 0;
  }
}
