/**
 * ListObjectVersions' answer, from bytes to columns in one pass: no string and no object for each
 * entry. Versions and delete markers keep the order in which they stand in the document, newest
 * first; a deserialiser that sorts them into two lists loses it.
 */
import { DELETE_MARKER, type EntryBatch } from "../model/entry_batch.ts";
import { viewOf } from "./byte_words.ts";
import { PageColumns, ScratchColumn } from "./page_columns.ts";
import { refuse, unlessRefused } from "./refusal.ts";
import { EntryScanner } from "./scan_entry.ts";
import { assertTexts } from "./utf8_column.ts";
import { XmlScanner } from "./xml_scanner.ts";
import { writeText } from "./xml_text.ts";
import { readBoolean } from "./xml_values.ts";

/** What a page says. */
export interface ScannedPage {
  /** In the server's order. */
  readonly batch: EntryBatch;
  /** Whether there is more after it. */
  readonly isTruncated: boolean;
  /** As sent: percent-encoded by most servers, and by some not. Empty where there is none. */
  readonly nextKeyMarker: string;
  /** Empty where there is none. */
  readonly nextVersionIdMarker: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const ROOT = encoder.encode("ListVersionsResult");
const VERSION = encoder.encode("Version");
const MARKER = encoder.encode("DeleteMarker");
/** Elements of the root that say something about the page. */
const HEAD_NAMES = ["IsTruncated", "EncodingType", "NextKeyMarker", "NextVersionIdMarker"] as const;
const HEAD = HEAD_NAMES.map((name) => ({ name, bytes: encoder.encode(name) }));
type Head = Partial<Record<typeof HEAD_NAMES[number], string>>;

/** Scans page after page in the same memory; its results have their own. */
export class VersionPageScanner {
  readonly #columns = new PageColumns();
  readonly #entries = new EntryScanner(this.#columns);

  /** Undefined for anything else than a whole and valid page. */
  scan(bytes: Uint8Array): ScannedPage | undefined {
    // Whether keys are percent-encoded may be said after them.
    return unlessRefused(() => this.#scan(bytes, true)) ??
      unlessRefused(() => this.#scan(bytes, false));
  }

  #scan(bytes: Uint8Array, isEncoded: boolean): ScannedPage {
    this.#columns.clear(bytes.length);
    this.#entries.clear();
    const scanner = new XmlScanner(bytes);
    if (!scanner.readStartTag() || scanner.isEmpty || !scanner.isNamed(ROOT)) refuse();
    const { nameStart, nameEnd } = scanner;
    const head = this.#scanChildren(scanner, isEncoded);
    scanner.readEndTag(nameStart, nameEnd);
    scanner.skipWhite();
    if (scanner.at !== bytes.length) refuse();
    return this.#finish(head, isEncoded);
  }

  #scanChildren(scanner: XmlScanner, isEncoded: boolean): Head {
    const head: Head = {};
    while (scanner.readStartTag()) {
      if (scanner.isNamed(VERSION)) this.#entries.scan(scanner, 0, isEncoded);
      else if (scanner.isNamed(MARKER)) this.#entries.scan(scanner, DELETE_MARKER, isEncoded);
      else scanHead(scanner, head);
    }
    return head;
  }

  #finish(head: Head, isEncoded: boolean): ScannedPage {
    if ((head.EncodingType === "url") !== isEncoded) refuse();
    const isTruncated = encoder.encode(head.IsTruncated);
    const batch = this.#columns.copy();
    assertTexts(batch.keys);
    assertTexts(batch.versionIds);
    assertTexts(batch.etags);
    return {
      batch,
      isTruncated: readBoolean(isTruncated, 0, isTruncated.length),
      nextKeyMarker: head.NextKeyMarker ?? "",
      nextVersionIdMarker: head.NextVersionIdMarker ?? "",
    };
  }
}

function scanHead(scanner: XmlScanner, head: Head): void {
  const element = HEAD.find(({ bytes }) => scanner.isNamed(bytes));
  if (!element || scanner.isEmpty) return scanner.skipElement();
  if (head[element.name] !== undefined) refuse();
  const { bytes, at, nameStart, nameEnd } = scanner;
  scanner.at = scanner.findTextEnd();
  head[element.name] = readText(bytes.subarray(at, scanner.at));
  scanner.readEndTag(nameStart, nameEnd);
}

function readText(bytes: Uint8Array): string {
  const column = new ScratchColumn();
  column.clear(bytes.length);
  writeText(column, { bytes, view: viewOf(bytes) }, 0, bytes.length);
  const text = column.copy();
  assertTexts(text);
  return decoder.decode(text.bytes);
}
