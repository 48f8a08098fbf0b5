/** The little XML that S3 speaks: elements and text, attributes read over. */
import { S3Error } from "./errors.ts";

/** An element read from a request. */
export interface XmlElement {
  /** Local name, without a namespace prefix. */
  readonly name: string;
  /** Child elements, in order. */
  readonly children: readonly XmlElement[];
  /** The element's own text, entities resolved. */
  readonly text: string;
}

/** What {@linkcode element} takes as content: nested markup, or text to be escaped. */
export type XmlContent = string | number | boolean | XmlMarkup | readonly XmlContent[] | undefined;

/** Finished markup that must not be escaped again. */
export class XmlMarkup {
  /** The markup itself. */
  readonly markup: string;

  /** Marks `markup` as finished. */
  constructor(markup: string) {
    this.markup = markup;
  }
}

const XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/";
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** What is mostly not there. */
const TO_ESCAPE = /[&<>"]|\p{Cc}/u;

/** Escapes text. Control characters become character references, as AWS writes them. */
export function escapeXml(text: string): string {
  if (!TO_ESCAPE.test(text)) return text;
  return text.replace(
    /[&<>"]|\p{Cc}/gu,
    (c) => ENTITIES[c] ?? `&#x${c.charCodeAt(0).toString(16)};`,
  );
}

function render(content: XmlContent): string {
  if (content === undefined) return "";
  if (content instanceof XmlMarkup) return content.markup;
  if (typeof content === "object") return content.map(render).join("");
  return escapeXml(String(content));
}

/**
 * `<name>content</name>`; an undefined content leaves the element out. `attributes` stand as they
 * are behind the name.
 */
export function element(name: string, content: XmlContent, attributes = ""): XmlMarkup {
  if (content === undefined) return new XmlMarkup("");
  return new XmlMarkup(`<${name}${attributes}>${render(content)}</${name}>`);
}

/** Where the content of a document stands, when it is put in afterwards. */
const CONTENT_MARK = "\u0000";

/** What stands before and after the content of a document, for content that is bytes already. */
export function xmlFrame(root: string, head: XmlContent): [before: string, after: string] {
  const markup = xmlDocument(root, [head, new XmlMarkup(CONTENT_MARK)]);
  const [before = "", after = ""] = markup.split(CONTENT_MARK);
  return [before, after];
}

/** A whole document whose root stands in the S3 namespace. */
export function xmlDocument(root: string, content: XmlContent): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${XMLNS}">${
    render(content)
  }</${root}>`;
}

/** Any character but those that XML 1.0 can express, be it as a reference. */
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

function readText(markup: string): string {
  const text = unescapeXml(markup);
  if (NOT_XML.test(text)) throw new S3Error("MalformedXML");
  return text;
}

function unescapeXml(text: string): string {
  return text.replace(/&(#x[0-9a-fA-F]+|#\d+|\w+);/g, (_, name: string) => {
    if (name.startsWith("#x")) return String.fromCodePoint(parseInt(name.slice(2), 16));
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    const known = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }[name];
    if (known === undefined) throw new S3Error("MalformedXML");
    return known;
  });
}

const TOKEN =
  /<\?[^]*?\?>|<!--[^]*?-->|<(\/?)(?:[\w.-]+:)?([\w.-]+)((?:\s[^<>]*?)?)(\/?)>|([^<]+)/y;

/**
 * Reads a request's document.
 *
 * @throws {S3Error} MalformedXML, when it is not one well-formed element.
 */
export function parseXml(body: Uint8Array): XmlElement {
  let source: string;
  try {
    source = new TextDecoder("utf-8", { fatal: true }).decode(body).trim();
  } catch (cause) {
    throw new S3Error("MalformedXML", {}, { cause });
  }
  interface Open {
    name: string;
    children: XmlElement[];
    text: string;
  }
  const root: Open = { name: "", children: [], text: "" };
  const open: Open[] = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const token = TOKEN.exec(source);
    if (!token) throw new S3Error("MalformedXML");
    const [, closing, name, , empty, text] = token;
    const top = open.at(-1)!;
    if (text !== undefined) top.text += readText(text);
    else if (name === undefined) continue;
    else if (closing) {
      if (open.length === 1 || top.name !== name) throw new S3Error("MalformedXML");
      open.pop();
    } else {
      const child: Open = { name, children: [], text: "" };
      top.children.push(child);
      if (!empty) open.push(child);
    }
  }
  const [document] = root.children;
  if (open.length > 1 || root.children.length !== 1 || root.text.trim() !== "") {
    throw new S3Error("MalformedXML");
  }
  return document!;
}

/** The first child named `name`. */
export function child(parent: XmlElement | undefined, name: string): XmlElement | undefined {
  return parent?.children.find((candidate) => candidate.name === name);
}

/** The text of the first child named `name`. */
export function childText(parent: XmlElement | undefined, name: string): string | undefined {
  return child(parent, name)?.text;
}

/** Every child named `name`. */
export function childrenNamed(parent: XmlElement, name: string): readonly XmlElement[] {
  return parent.children.filter((candidate) => candidate.name === name);
}
