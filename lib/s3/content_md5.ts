import { createHash } from "node:crypto";

/**
 * A body's Content-MD5. Where Object Lock has a default retention, AWS takes no upload without a
 * checksum, and this is the one that every server understands; any refuses a body that does not fit.
 */
export function contentMD5(body: Uint8Array | string): string {
  return createHash("md5").update(body).digest("base64");
}
