/** Percent-encoding as Signature V4 and the listings want it. */
import { S3Error } from "./errors.ts";

function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Encodes all but unreserved characters (RFC 3986), as in a canonical query. */
export function encodeUri(text: string): string {
  return encodeStrictly(text.toWellFormed());
}

/** As {@linkcode encodeUri}, but keeps `/`. */
export function encodePath(path: string): string {
  return encodeUri(path).replaceAll("%2F", "/");
}

/** Most keys are, and stay as they are. */
const PLAIN = /^[0-9A-Za-z/*._-]*$/;

/**
 * Encodes a key for a listing with `encoding-type=url`, as AWS does: a form encoding, with a
 * space as `+` and `~` as `%7E`, that leaves `/` and `*` as they are.
 */
export function encodeListed(text: string): string {
  if (PLAIN.test(text)) return text;
  return encodePath(text).replaceAll("%20", "+").replaceAll("~", "%7E").replaceAll("%2A", "*");
}

/**
 * Resolves percent-encoding to text.
 *
 * @throws {S3Error} InvalidURI, when the encoding is broken or does not spell UTF-8.
 */
export function decodeUri(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new S3Error("InvalidURI", { URI: text }, { cause });
  }
}

/** Resolves a query or form component, where `+` means a space. */
export function decodeForm(text: string): string {
  return decodeUri(text.replaceAll("+", " "));
}

/** The name and value pairs of a query string, in order; a name alone has an empty value. */
export function parseQuery(query: string): [string, string][] {
  if (query === "") return [];
  return query.split("&").filter((pair) => pair !== "").map((pair) => {
    const equals = pair.indexOf("=");
    return equals < 0
      ? [decodeForm(pair), ""]
      : [decodeForm(pair.slice(0, equals)), decodeForm(pair.slice(equals + 1))];
  });
}
