import { refuse } from "./refusal.ts";

const LESS_THAN = 0x3c, GREATER_THAN = 0x3e, SLASH = 0x2f;
const DOUBLE_QUOTE = 0x22, SINGLE_QUOTE = 0x27;
/** Elements that are skipped may hold others; no server nests them deeper than three. */
const MAX_DEPTH = 16;

/** Bytes that an element's name may be made of; `:` parts a namespace's prefix. */
const NAME_BYTES = new Uint8Array(256);
for (const byte of new TextEncoder().encode("abcdefghijklmnopqrstuvwxyz0123456789_-.:")) {
  NAME_BYTES[byte] = 1;
  NAME_BYTES[String.fromCharCode(byte).toUpperCase().charCodeAt(0)] = 1;
}
const WHITE = new Uint8Array(256);
for (const byte of [0x20, 0x09, 0x0a, 0x0d]) WHITE[byte] = 1;

/**
 * Steps through the tags of a small XML document: elements, attributes and texts, with every end
 * tag checked against its start. Declarations other than the first, comments and CDATA are refused.
 * Where there is no byte left to read, every method refuses: none can loop or read on.
 */
export class XmlScanner {
  readonly bytes: Uint8Array;
  /** The next byte to read. */
  at = 0;
  /** Where the name of the start tag that was read last begins. */
  nameStart = 0;
  nameEnd = 0;
  /** Whether that tag was `<Name/>`: no text and no end tag follow. */
  isEmpty = false;

  /** Begins after the XML declaration, if there is one. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.at = 3;
    if (bytes[this.at] === LESS_THAN && bytes[this.at + 1] === 0x3f) this.#skipDeclaration();
  }

  /**
   * Go to the next start tag and read it.
   *
   * @returns False, with nothing read, when an end tag comes first.
   */
  readStartTag(): boolean {
    const { bytes } = this;
    if (bytes[this.at] !== LESS_THAN) this.#skipToTag();
    let at = this.at + 1;
    if (bytes[at] === SLASH) return false;
    const start = this.nameStart = at;
    while (NAME_BYTES[bytes[at]!] === 1) at++;
    this.nameEnd = at;
    if (at === start) refuse();
    if (bytes[at] === GREATER_THAN) {
      this.isEmpty = false;
      this.at = at + 1;
    } else {
      this.#endStartTag(at);
    }
    return true;
  }

  /** Read the end tag of the element whose name stands there; nothing may come before it. */
  readEndTag(nameStart: number, nameEnd: number): void {
    const { bytes } = this;
    let at = this.at;
    if (bytes[at++] !== LESS_THAN || bytes[at++] !== SLASH) refuse();
    for (let from = nameStart; from < nameEnd; from++) if (bytes[at++] !== bytes[from]) refuse();
    while (WHITE[bytes[at]!] === 1) at++;
    if (bytes[at++] !== GREATER_THAN) refuse();
    this.at = at;
  }

  /** Where the text that begins here ends: at the next `<`. */
  findTextEnd(): number {
    const end = this.bytes.indexOf(LESS_THAN, this.at);
    return end < 0 ? refuse() : end;
  }

  /** Skip the rest of the element whose start tag was read last, whatever it holds. */
  skipElement(depth = 0): void {
    if (this.isEmpty) return;
    if (depth > MAX_DEPTH) refuse();
    const { nameStart, nameEnd } = this;
    this.at = this.findTextEnd();
    while (this.readStartTag()) {
      this.skipElement(depth + 1);
      this.at = this.findTextEnd();
    }
    this.readEndTag(nameStart, nameEnd);
  }

  /** Skip spaces and line ends. */
  skipWhite(): void {
    const { bytes } = this;
    while (WHITE[bytes[this.at]!] === 1) this.at++;
  }

  /** Whether the name of the start tag that was read last is this one. */
  isNamed(name: Uint8Array): boolean {
    const { bytes, nameStart } = this;
    if (this.nameEnd - nameStart !== name.length) return false;
    for (let i = 0; i < name.length; i++) if (bytes[nameStart + i] !== name[i]) return false;
    return true;
  }

  #skipToTag(): void {
    this.skipWhite();
    if (this.bytes[this.at] !== LESS_THAN) refuse();
  }

  /** Attributes, which mean nothing here, and a slash. */
  #endStartTag(at: number): void {
    const { bytes } = this;
    if (bytes[at] !== SLASH && WHITE[bytes[at]!] !== 1) refuse();
    let quote = 0;
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === LESS_THAN) refuse();
      if (quote !== 0) {
        if (byte === quote) quote = 0;
      } else if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) {
        quote = byte;
      } else if (byte === GREATER_THAN) {
        this.isEmpty = bytes[at - 1] === SLASH;
        this.at = at + 1;
        return;
      }
    }
    refuse();
  }

  #skipDeclaration(): void {
    const { bytes } = this;
    const end = bytes.indexOf(GREATER_THAN, this.at);
    if (end < 0 || bytes[end - 1] !== 0x3f) refuse();
    this.at = end + 1;
  }
}
