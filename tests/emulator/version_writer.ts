/** Writes the entries of a ListObjectVersions page straight into bytes. */
import { OWNER_ID } from "./owner.ts";
import { VERSION_ALPHABET } from "./random.ts";

const DAY = 86_400_000;
/** Room for one entry: the fixed text is some 340 bytes, a generated key at most 40. */
const ENTRY_ROOM = 480;

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Text with gaps of fixed width, so that one copy and a few writes make an entry of it. */
interface Template {
  readonly bytes: Uint8Array;
  readonly versionId: number;
  readonly time: number;
  readonly etag: number;
}

function template(text: string): Template {
  return {
    bytes: ascii(text.replaceAll(/[@#$]/g, "0")),
    versionId: text.indexOf("@"),
    time: text.indexOf("#"),
    etag: text.indexOf("$"),
  };
}

function objectTemplate(isLatest: boolean): Template {
  return template(
    `</Key><VersionId>${"@".repeat(32)}</VersionId><IsLatest>${isLatest}</IsLatest>` +
      `<LastModified>${"#".repeat(24)}</LastModified>` +
      `<ETag>&quot;${"$".repeat(32)}&quot;</ETag><Size>`,
  );
}

function markerTemplate(isLatest: boolean): Template {
  return template(
    `</Key><VersionId>${"@".repeat(32)}</VersionId><IsLatest>${isLatest}</IsLatest>` +
      `<LastModified>${"#".repeat(24)}</LastModified>` +
      `<Owner><ID>${OWNER_ID}</ID></Owner></DeleteMarker>`,
  );
}

const OBJECT_BEGIN = ascii("<Version><Key>");
const MARKER_BEGIN = ascii("<DeleteMarker><Key>");
const OBJECT_LATEST = objectTemplate(true);
const OBJECT_OLD = objectTemplate(false);
const MARKER_LATEST = markerTemplate(true);
const MARKER_OLD = markerTemplate(false);
const OBJECT_END = ascii(
  `</Size><Owner><ID>${OWNER_ID}</ID></Owner><StorageClass>STANDARD</StorageClass></Version>`,
);
const HEX = ascii("0123456789abcdef");
const ALPHABET = ascii(VERSION_ALPHABET);
const MILLISECONDS = ascii(".000Z");
const COLON = 58;
const ZERO = 48;

/** Spells six words, 192 bits, as the 32 characters of a version id. */
export function spellVersionId(words: Uint32Array, target: Uint8Array, at: number): void {
  let rest = 0;
  for (let i = 0; i < 6; i++) {
    const word = words[i]!;
    for (let shift = 0; shift < 30; shift += 6) target[at++] = ALPHABET[(word >>> shift) & 63]!;
    rest = (rest << 2) | (word >>> 30);
  }
  target[at++] = ALPHABET[rest & 63]!;
  target[at] = ALPHABET[(rest >>> 6) & 63]!;
}

/** Writes entries one after another. Keys must be ASCII that needs no escape. */
export class VersionWriter {
  #bytes = new Uint8Array();
  readonly #days = new Map<number, Uint8Array>();
  #at = 0;

  /** Starts a page of at most `limit` entries. */
  begin(limit: number): void {
    if (this.#bytes.length < limit * ENTRY_ROOM) this.#bytes = new Uint8Array(limit * ENTRY_ROOM);
    this.#at = 0;
  }

  /** A copy of what was written since {@linkcode begin}. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  /** Writes a `Version` element. */
  putObject(
    key: string,
    versionId: Uint32Array,
    isLatest: boolean,
    lastModified: number,
    etag: Uint32Array,
    size: number,
  ): void {
    this.#put(OBJECT_BEGIN);
    this.#putAscii(key);
    const from = this.#at;
    const middle = isLatest ? OBJECT_LATEST : OBJECT_OLD;
    this.#put(middle.bytes);
    spellVersionId(versionId, this.#bytes, from + middle.versionId);
    this.#writeTime(lastModified, from + middle.time);
    for (let i = 0; i < 4; i++) this.#writeHex(etag[i]!, from + middle.etag + i * 8);
    this.#putAscii(String(size));
    this.#put(OBJECT_END);
  }

  /** Writes a `DeleteMarker` element. */
  putMarker(key: string, versionId: Uint32Array, isLatest: boolean, lastModified: number): void {
    this.#put(MARKER_BEGIN);
    this.#putAscii(key);
    const from = this.#at;
    const rest = isLatest ? MARKER_LATEST : MARKER_OLD;
    this.#put(rest.bytes);
    spellVersionId(versionId, this.#bytes, from + rest.versionId);
    this.#writeTime(lastModified, from + rest.time);
  }

  #put(text: Uint8Array): void {
    this.#bytes.set(text, this.#at);
    this.#at += text.length;
  }

  #putAscii(text: string): void {
    for (let i = 0; i < text.length; i++) this.#bytes[this.#at++] = text.charCodeAt(i);
  }

  #writeHex(word: number, at: number): void {
    for (let shift = 28; shift >= 0; shift -= 4) this.#bytes[at++] = HEX[(word >>> shift) & 15]!;
  }

  #writeTwoDigits(value: number, at: number): void {
    this.#bytes[at] = ZERO + ((value / 10) | 0);
    this.#bytes[at + 1] = ZERO + value % 10;
  }

  /** `2026-11-23T01:15:30.000Z`; versions fall on some hundred days, whose text is kept. */
  #writeTime(time: number, at: number): void {
    const day = Math.floor(time / DAY);
    const second = Math.floor((time - day * DAY) / 1_000);
    this.#bytes.set(this.#dateText(day), at);
    this.#writeTwoDigits((second / 3_600) | 0, at + 11);
    this.#bytes[at + 13] = COLON;
    this.#writeTwoDigits(((second / 60) | 0) % 60, at + 14);
    this.#bytes[at + 16] = COLON;
    this.#writeTwoDigits(second % 60, at + 17);
    this.#bytes.set(MILLISECONDS, at + 19);
  }

  #dateText(day: number): Uint8Array {
    let text = this.#days.get(day);
    if (!text) {
      text = ascii(new Date(day * DAY).toISOString().slice(0, "2026-11-23T".length));
      this.#days.set(day, text);
    }
    return text;
  }
}
