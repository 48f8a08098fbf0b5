import type { Entry } from "../model/entry.ts";
import { parseGoTime } from "./go_time.ts";

/** What a file of 2015 does not say. */
const UNKNOWN_ETAG = "";
const ASSUMED_STORAGE_CLASS = "STANDARD";

/**
 * One element of a file's Contents. Names of members match whatever their case, as Go's decoder
 * has it; members that we do not know are ignored.
 *
 * @throws {SyntaxError} which says what is wrong
 */
export function parseLegacyEntry(text: string): Entry {
  const members = lowerCased(JSON.parse(text));
  const key = textOf(members.get("key"), "Key");
  return {
    key,
    versionId: textOf(members.get("versionid"), `VersionId of ${JSON.stringify(key)}`),
    size: sizeOf(members.get("size"), key),
    etag: UNKNOWN_ETAG,
    lastModified: timeOf(members.get("lastmodified"), `LastModified of ${JSON.stringify(key)}`),
    storageClass: ASSUMED_STORAGE_CLASS,
  };
}

/** @throws {SyntaxError} when `value` is no time as Go writes them */
export function timeOf(value: unknown, what: string): number {
  const time = typeof value === "string" ? parseGoTime(value) : undefined;
  return time ?? fail(what, value, "a time such as 2015-06-05T15:21:58-05:00");
}

function lowerCased(value: unknown): Map<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    fail("an element of Contents", value, "an object");
  }
  return new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member]));
}

function textOf(value: unknown, what: string): string {
  if (typeof value === "string" && value !== "" && value.isWellFormed()) return value;
  return fail(what, value, "text that is not empty");
}

function sizeOf(value: unknown, key: string): number {
  if (Number.isSafeInteger(value) && value as number >= 0) return value as number;
  return fail(`Size of ${JSON.stringify(key)}`, value, "a number of bytes");
}

function fail(what: string, found: unknown, expected: string): never {
  const shown = found === undefined ? "missing" : JSON.stringify(found);
  throw new SyntaxError(`${what} is ${shown}; it should be ${expected}`);
}
