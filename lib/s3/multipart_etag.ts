import { createHash } from "node:crypto";

const MULTIPART_ETAG = /^[0-9a-f]{32}-(\d+)$/i;
const MD5 = /^[0-9a-f]{32}$/i;

/** Whether an ETag has the form of the MD5 of an object's bytes. */
export function isMD5(etag: string): boolean {
  return MD5.test(etag);
}

/** How many parts an object was uploaded in, by its ETag; undefined when it was not in parts. */
export function partCountOf(etag: string): number | undefined {
  const count = Number(MULTIPART_ETAG.exec(etag)?.[1]);
  return count >= 1 ? count : undefined;
}

/**
 * The ETag S3 gives an object made of these parts: the MD5 of their MD5s, and their number.
 * Undefined where a part's ETag is no MD5, as under encryption with KMS keys.
 *
 * @param partETags Without quotes, in order.
 */
export function multipartETag(partETags: readonly string[]): string | undefined {
  if (!partETags.every(isMD5)) return undefined;
  const digest = createHash("md5").update(partETags.join(""), "hex").digest("hex");
  return `${digest}-${partETags.length}`;
}

/** An ETag as headers and XML carry it, without its quotes. */
export function unquoteETag(etag: string | undefined): string {
  return (etag ?? "").replace(/^"|"$/g, "");
}
