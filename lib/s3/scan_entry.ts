import { DELETE_MARKER, LATEST } from "../model/entry_batch.ts";
import { type EntryRun, FIELDS, type KnownText, learnLayout } from "./entry_run.ts";
import { readIsoTime } from "./iso_time.ts";
import type { PageColumns } from "./page_columns.ts";
import { refuse } from "./refusal.ts";
import type { XmlScanner } from "./xml_scanner.ts";
import { isAt, readBoolean, readPlainText, readWholeNumber } from "./xml_values.ts";
import { writeEncodedText, writeText } from "./xml_text.ts";

const { KEY, VERSION_ID, IS_LATEST, LAST_MODIFIED, ETAG, SIZE, STORAGE_CLASS } = FIELDS;
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

/** Reads `Version` and `DeleteMarker` elements into the columns of a page. */
export class EntryScanner {
  readonly #columns: PageColumns;
  readonly #run: EntryRun;
  readonly #isEncoded: boolean;
  #flags = 0;
  #size = 0;
  #lastModified = 0;
  #storageClass = 0;
  /** Whether the entry to be read is written unlike those before it. */
  #isUnlike = true;

  /** @param isEncoded Whether keys are percent-encoded. */
  constructor(columns: PageColumns, run: EntryRun, isEncoded: boolean) {
    this.#columns = columns;
    this.#run = run;
    this.#isEncoded = isEncoded;
  }

  /** Read the entries that follow for as long as they are written like those before them. */
  scanAlike(scanner: XmlScanner): void {
    const columns = this.#columns, run = this.#run;
    this.#isUnlike = run.read(scanner.at, columns.rows);
    scanner.at = run.at;
    columns.setRows(run.rows);
  }

  /**
   * Read one entry, whose start tag was read last, in whatever order and form it is written.
   *
   * @param kind {@linkcode DELETE_MARKER} or 0.
   */
  scan(scanner: XmlScanner, kind: number): void {
    if (scanner.isEmpty) refuse();
    this.#flags = kind;
    this.#size = 0;
    const { bytes, nameStart, nameEnd } = scanner;
    const texts: KnownText[] = [];
    let seen = 0;
    while (scanner.readStartTag()) {
      const field = fieldOf(scanner);
      if (field === 0 || kind === DELETE_MARKER && (field & NOT_OF_MARKERS) !== 0) {
        scanner.skipElement();
        continue;
      }
      if ((seen & field) !== 0) refuse();
      const text = this.#readField(scanner, field);
      if (!text) continue;
      seen |= field;
      texts.push(text);
    }
    scanner.readEndTag(nameStart, nameEnd);
    this.#closeRow(seen, kind);
    const start = nameStart - 1, end = scanner.at;
    if (this.#isUnlike) learnLayout({ bytes, start, end, kind, texts });
  }

  /** Undefined for an element without text, which is like none. */
  #readField(scanner: XmlScanner, field: number): KnownText | undefined {
    if (scanner.isEmpty) return undefined;
    const { bytes, at, nameStart, nameEnd } = scanner;
    const end = scanner.findTextEnd();
    if (end > at) this.#readText(bytes, at, end, field);
    scanner.at = end;
    scanner.readEndTag(nameStart, nameEnd);
    return end > at ? { at, end, field } : undefined;
  }

  #readText(bytes: Uint8Array, at: number, end: number, field: number): void {
    switch (field) {
      case KEY:
        if (this.#isEncoded) writeEncodedText(this.#columns.keys, bytes, at, end);
        else writeText(this.#columns.keys, bytes, at, end);
        return;
      case VERSION_ID:
        return writeText(this.#columns.versionIds, bytes, at, end);
      case ETAG:
        return this.#readETag(bytes, at, end);
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
        this.#storageClass = this.#indexOfClass(readPlainText(bytes, at, end));
    }
  }

  /** Without the quotes around it, which are part of the text: mostly as entities. */
  #readETag(bytes: Uint8Array, at: number, end: number): void {
    const { etags } = this.#columns;
    const entity = QUOTE_ENTITY.length;
    const from = isAt(bytes, at, end, QUOTE_ENTITY) ? at + entity : at;
    const to = end - entity >= from && isAt(bytes, end - entity, end, QUOTE_ENTITY)
      ? end - entity
      : end;
    const first = etags.start;
    writeText(etags, bytes, from, to);
    if (from === at) etags.dropFirst(first, QUOTE);
    if (to === end) etags.dropLast(first, QUOTE);
  }

  #indexOfClass(name: string): number {
    const index = this.#columns.storageClass(name);
    if (index >= MAX_STORAGE_CLASSES) refuse();
    this.#run.learnClass(encoder.encode(name), index, name === DEFAULT_CLASS);
    return index;
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
