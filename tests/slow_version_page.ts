/**
 * A parser of ListObjectVersions' answers that is easy to see through, and slow: what the scanner
 * must find, byte for byte. It reads bytes as characters, since a damaged page may be no UTF-8.
 */
import type { ObjectVersion } from "../lib/model/entry.ts";

/** What a page says. */
export interface SlowPage {
  readonly versions: readonly ObjectVersion[];
  readonly isTruncated: boolean;
  readonly nextKeyMarker: string;
  readonly nextVersionIdMarker: string;
}

interface Element {
  readonly name: string;
  readonly isEmpty: boolean;
  readonly children: readonly Element[];
  /** All of its own text. */
  readonly text: string;
}

class Invalid extends Error {}

/** Undefined for what is no whole and valid page. */
export function parseSlowly(bytes: Uint8Array): SlowPage | undefined {
  try {
    return readPage(parseDocument(Array.from(bytes, (b) => String.fromCharCode(b)).join("")));
  } catch (error) {
    if (error instanceof Invalid) return undefined;
    throw error;
  }
}

const START_TAG = /<([A-Za-z0-9_.:-]+)((?:[ \t\r\n/](?:[^<>"']|"[^<"]*"|'[^<']*')*)?)>/y;

function parseDocument(source: string): Element {
  let at = source.startsWith("\xef\xbb\xbf") ? 3 : 0;
  const declaration = /^<\?[^>]*>/.exec(source.slice(at))?.[0] ?? "";
  check(declaration === "" || declaration.endsWith("?>"));
  at += declaration.length;
  at += /^[ \t\r\n]*/.exec(source.slice(at))![0].length;
  const root = parseElement();
  check(/^[ \t\r\n]*$/.test(source.slice(at)));
  return root;

  function parseElement(): Element {
    START_TAG.lastIndex = at;
    const [tag, name, rest] = START_TAG.exec(source) ?? fail();
    at += tag.length;
    const children: Element[] = [];
    let text = "";
    const isEmpty = rest!.endsWith("/");
    while (!isEmpty) {
      const next = source.indexOf("<", at);
      check(next >= 0);
      text += source.slice(at, next);
      at = next;
      if (source.startsWith("</", at)) break;
      children.push(parseElement());
    }
    if (!isEmpty) readEndTag(name!);
    return { name: name!, isEmpty, children, text };
  }

  function readEndTag(name: string): void {
    check(source.startsWith(`</${name}`, at));
    at += 2 + name.length;
    const rest = /^[ \t\r\n]*>/.exec(source.slice(at, at + 100)) ?? fail();
    at += rest[0].length;
  }
}

function readPage(root: Element): SlowPage {
  check(root.name === "ListVersionsResult" && !root.isEmpty && isWhite(root.text));
  const head = (name: string) => {
    const found = root.children.filter((child) => child.name === name && !child.isEmpty);
    check(found.length <= 1);
    return found.length === 0 ? "" : toText(decodeEntities(leaf(found[0]!)));
  };
  const isEncoded = head("EncodingType") === "url";
  return {
    isTruncated: readBoolean(head("IsTruncated")),
    nextKeyMarker: head("NextKeyMarker"),
    nextVersionIdMarker: head("NextVersionIdMarker"),
    versions: root.children
      .filter(({ name }) => name === "Version" || name === "DeleteMarker")
      .map((entry) => readVersion(entry, isEncoded)),
  };
}

function readVersion(entry: Element, isEncoded: boolean): ObjectVersion {
  check(!entry.isEmpty && isWhite(entry.text));
  const isDeleteMarker = entry.name === "DeleteMarker";
  const field = (name: string) => {
    const found = entry.children.filter((child) => child.name === name && !child.isEmpty)
      .map(leaf).filter((text) => text !== "");
    check(found.length <= 1);
    return found[0];
  };
  const key = decodeEntities(field("Key") ?? fail());
  const size = isDeleteMarker ? "0" : field("Size") ?? fail();
  check(/^\d{1,16}$/.test(size) && Number(size) <= Number.MAX_SAFE_INTEGER);
  const storageClass = field("StorageClass") ?? "STANDARD";
  check(!storageClass.includes("&"));
  const etag = isDeleteMarker ? "" : decodeEntities(field("ETag") ?? "");
  return {
    key: toText(isEncoded ? decodePercent(key) : key),
    versionId: toText(decodeEntities(field("VersionId") ?? "null")),
    size: Number(size),
    etag: toText(etag.replace(/^"/, "").replace(/"$/, "")),
    lastModified: readTime(field("LastModified") ?? fail()),
    storageClass: toText(storageClass),
    isDeleteMarker,
    isLatest: readBoolean(field("IsLatest") ?? "false"),
  };
}

function leaf({ children, text }: Element): string {
  check(children.length === 0);
  return text;
}

function readBoolean(text: string): boolean {
  check(text === "true" || text === "false");
  return text === "true";
}

function readTime(text: string): number {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?Z$/.exec(text) ?? fail();
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  check(hour! < 24 && minute! < 60 && second! < 60 && year! >= 100);
  const date = new Date(Date.UTC(year!, month! - 1, day, hour, minute, second));
  check(date.getUTCDate() === day && date.getUTCMonth() === month! - 1);
  return date.getTime() + Number((match[7] ?? "").padEnd(3, "0").slice(0, 3));
}

/** To bytes as characters, as everything else here. */
function decodeEntities(text: string): string {
  let decoded = "";
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== "&") {
      decoded += text[at];
      continue;
    }
    const end = text.indexOf(";", at + 2);
    check(end > 0 && end < at + 12);
    decoded += decodeEntity(text.slice(at + 1, end));
    at = end;
  }
  return decoded;
}

function decodeEntity(name: string): string {
  const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  if (Object.hasOwn(named, name)) return named[name]!;
  const [, hexadecimal, decimal] = /^#(?:x([0-9a-f]+)|([0-9]+))$/i.exec(name) ?? fail();
  const code = parseInt(hexadecimal ?? decimal!, hexadecimal ? 16 : 10);
  check(code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000));
  return Array.from(
    new TextEncoder().encode(String.fromCodePoint(code)),
    (byte) => String.fromCharCode(byte),
  ).join("");
}

function decodePercent(text: string): string {
  check(!/%(?![0-9a-f]{2})/i.test(text));
  return text.replaceAll("+", " ").replace(
    /%(..)/g,
    (_, digits) => String.fromCharCode(parseInt(digits, 16)),
  );
}

function toText(bytes: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
  } catch {
    fail();
  }
}

function isWhite(text: string): boolean {
  return /^[ \t\r\n]*$/.test(text);
}

function check(condition: boolean): asserts condition {
  if (!condition) fail();
}

function fail(): never {
  throw new Invalid();
}
