/** The ETag of an object that came in parts. */
import { createHash } from "node:crypto";

/** The MD5 of the parts' MD5s, and how many they are. */
export function multipartETag(etags: readonly string[]): string {
  const hash = createHash("md5");
  for (const etag of etags) hash.update(etag, "hex");
  return `${hash.digest("hex")}-${etags.length}`;
}
