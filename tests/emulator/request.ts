/** A request as S3 sees it. */
import { S3Error } from "./errors.ts";
import { decodeUri, parseQuery } from "./uri.ts";

/** Most bytes of a key. */
const MAXIMUM_KEY_BYTES = 1_024;

/** What the network delivered. */
export interface RawRequest {
  /** `GET`, `PUT` and so on. */
  readonly method: string;
  /** Path and query, exactly as sent. */
  readonly target: string;
  /** Values by lower-case name; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as sent, chunk signatures and all. */
  readonly body: Uint8Array;
}

/** A request, taken apart. */
export interface S3Request extends RawRequest {
  /** Decoded path. */
  readonly path: string;
  /** Query parameters in order, decoded. */
  readonly queryPairs: readonly (readonly [name: string, value: string])[];
  /** Query parameters by name; the first of each name. */
  readonly query: ReadonlyMap<string, string>;
  /** Empty for a request to the service. */
  readonly bucket: string;
  /** Empty for a request to a bucket. */
  readonly key: string;
}

/**
 * Takes a request apart, in path style: `/bucket/key?query`.
 *
 * @throws {S3Error} InvalidURI or KeyTooLongError.
 */
export function parseRequest(raw: RawRequest): S3Request {
  const question = raw.target.indexOf("?");
  const rawPath = question < 0 ? raw.target : raw.target.slice(0, question);
  const path = decodeUri(rawPath);
  const queryPairs = parseQuery(question < 0 ? "" : raw.target.slice(question + 1));
  const slash = path.indexOf("/", 1);
  const bucket = slash < 0 ? path.slice(1) : path.slice(1, slash);
  const key = slash < 0 ? "" : path.slice(slash + 1);
  checkKey(key);
  return { ...raw, path, queryPairs, query: firstOfEach(queryPairs), bucket, key };
}

/**
 * Refuses a key that is too long.
 *
 * @throws {S3Error} KeyTooLongError.
 */
export function checkKey(key: string): void {
  const size = new TextEncoder().encode(key).length;
  if (size <= MAXIMUM_KEY_BYTES) return;
  throw new S3Error("KeyTooLongError", {
    Size: String(size),
    MaxSizeAllowed: String(MAXIMUM_KEY_BYTES),
  });
}

function firstOfEach(pairs: readonly (readonly [string, string])[]): Map<string, string> {
  const map = new Map<string, string>();
  for (const [name, value] of pairs) if (!map.has(name)) map.set(name, value);
  return map;
}
