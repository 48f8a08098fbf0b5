/**
 * ListObjectVersions' answer, from bytes to columns in one pass: no string and no object for each
 * entry. Versions and delete markers keep the order in which they stand in the document, newest
 * first; a deserialiser that sorts them into two lists loses it.
 */
import { DELETE_MARKER, type EntryBatch } from "../model/entry_batch.ts";
import { EntryRun } from "./entry_run.ts";
import { PageColumns, ScratchColumn } from "./page_columns.ts";
import { type PageMemory, placePage } from "./page_memory.ts";
import { refuse, unlessRefused } from "./refusal.ts";
import { EntryScanner } from "./scan_entry.ts";
import { decodeText } from "./utf8_column.ts";
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

const ROOT = encoder.encode("ListVersionsResult");
const VERSION = encoder.encode("Version");
const MARKER = encoder.encode("DeleteMarker");
/** Elements of the root that say something about the page. */
const HEAD_NAMES = ["IsTruncated", "EncodingType", "NextKeyMarker", "NextVersionIdMarker"] as const;
const HEAD = HEAD_NAMES.map((name) => ({ name, bytes: encoder.encode(name) }));
type Head = Partial<Record<typeof HEAD_NAMES[number], string>>;

/**
 * Scan an answer, which came in pieces.
 *
 * @returns Undefined for anything else than a whole and valid page.
 */
export function scanVersionPage(pieces: readonly Uint8Array[]): ScannedPage | undefined {
  const memory = placePage(pieces);
  // Whether keys are percent-encoded may be said after them.
  return unlessRefused(() => scanPage(memory, true)) ??
    unlessRefused(() => scanPage(memory, false));
}

function scanPage(memory: PageMemory, isEncoded: boolean): ScannedPage {
  const scanner = new XmlScanner(memory.page);
  if (!scanner.readStartTag() || scanner.isEmpty || !scanner.isNamed(ROOT)) refuse();
  const { nameStart, nameEnd } = scanner;
  const columns = new PageColumns(memory);
  const entries = new EntryScanner(columns, new EntryRun(memory, isEncoded), isEncoded);
  const head = scanChildren(scanner, entries);
  scanner.readEndTag(nameStart, nameEnd);
  scanner.skipWhite();
  if (scanner.at !== memory.page.length) refuse();
  if ((head.EncodingType === "url") !== isEncoded) refuse();
  return toPage(head, columns.copy());
}

function scanChildren(scanner: XmlScanner, entries: EntryScanner): Head {
  const head: Head = {};
  while (true) {
    entries.scanAlike(scanner);
    if (!scanner.readStartTag()) return head;
    if (scanner.isNamed(VERSION)) entries.scan(scanner, 0);
    else if (scanner.isNamed(MARKER)) entries.scan(scanner, DELETE_MARKER);
    else scanHead(scanner, head);
  }
}

function toPage(head: Head, batch: EntryBatch): ScannedPage {
  const isTruncated = encoder.encode(head.IsTruncated);
  return {
    batch,
    isTruncated: readBoolean(isTruncated, 0, isTruncated.length),
    nextKeyMarker: head.NextKeyMarker ?? "",
    nextVersionIdMarker: head.NextVersionIdMarker ?? "",
  };
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
  const text = { bytes: new Uint8Array(bytes.length), offsets: new Uint32Array(2) };
  const column = new ScratchColumn(text);
  writeText(column, bytes, 0, bytes.length);
  return decodeText(text.bytes.subarray(0, column.start));
}
