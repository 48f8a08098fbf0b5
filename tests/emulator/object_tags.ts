/** The tags of an object. */
import { S3Error } from "./errors.ts";
import type { Headers } from "./headers.ts";
import { parseQuery } from "./uri.ts";

/** Most tags of an object. */
const TAG_LIMIT = 10;

/**
 * Refuses tags that S3 would.
 *
 * @throws {S3Error} BadRequest for too many, InvalidTag for a wrong one.
 */
export function checkTags(tags: readonly (readonly [string, string])[]): void {
  if (tags.length > TAG_LIMIT) {
    throw new S3Error("BadRequest", {}, { message: "Object tags cannot be greater than 10" });
  }
  const names = new Set(tags.map(([name]) => name));
  const problem = names.size < tags.length
    ? "Cannot provide multiple Tags with the same key"
    : tags.some(([name]) => name === "" || name.length > 128)
    ? "The TagKey you have provided is invalid"
    : tags.some(([, value]) => value.length > 256)
    ? "The TagValue you have provided is invalid"
    : undefined;
  if (problem) throw new S3Error("InvalidTag", {}, { message: problem });
}

/** The tags of an `x-amz-tagging` header. */
export function readTags(headers: Headers): [string, string][] {
  const tags = parseQuery(headers["x-amz-tagging"] ?? "");
  checkTags(tags);
  return tags;
}
