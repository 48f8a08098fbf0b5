import type { EntryBatch } from "../model/entry_batch.ts";
import { joinBytes } from "../model/join_bytes.ts";
import type { Bucket } from "./bucket.ts";
import type { Sdk } from "./connect.ts";
import { readBody } from "./read_body.ts";
import { type ScannedPage, scanVersionPage } from "./scan_version_page.ts";

/** Where a page of a listing starts: after that version, or after all of `key`'s without one. */
export interface VersionMarker {
  readonly key: string;
  readonly versionId?: string;
}

/** One answer to ListObjectVersions. */
export interface VersionPage {
  /** In the server's order. */
  readonly batch: EntryBatch;
  /** Whether there is more after it. */
  readonly isTruncated: boolean;
  /** Where the server says to go on, decoded; it counts only for a page that holds nothing. */
  readonly next: VersionMarker | undefined;
}

/** Most versions S3 puts on a page. */
export const MAX_VERSIONS_PER_PAGE = 1000;
/**
 * Three times 1,000 versions with keys and version ids of 1,024 bytes, the keys percent-encoded: an
 * answer that is longer is no listing. Memory for five times as much is kept once it was needed.
 */
const MAX_PAGE_BYTES = 16 * 1024 * 1024;

/** What the SDK gets to read in place of a page that was scanned. */
const EMPTY_DOCUMENT = new TextEncoder().encode("<ListVersionsResult/>");

/**
 * Ask for the page of versions after `marker`.
 *
 * @throws {S3Error} what the server refused; `UnreadableAnswer` for a page that is no listing
 */
export function fetchVersionPage(
  bucket: Bucket,
  prefix: string,
  marker: VersionMarker | undefined,
  options: { readonly signal?: AbortSignal } = {},
): Promise<VersionPage> {
  const call = { operation: "ListObjectVersions", ...options };
  return bucket.request(call, async (client, sdk, http) => {
    const command = new sdk.ListObjectVersionsCommand({
      Bucket: bucket.name,
      // Keys may hold characters that XML cannot.
      EncodingType: "url",
      MaxKeys: MAX_VERSIONS_PER_PAGE,
      ...(prefix !== "" && { Prefix: prefix }),
      ...(marker !== undefined && { KeyMarker: marker.key }),
      ...(marker?.versionId !== undefined && { VersionIdMarker: marker.versionId }),
    });
    const scanned = scanAnswer(command);
    await client.send(command, http);
    return toPage(scanned.page!);
  });
}

/**
 * Scan the answer below the SDK's deserialiser, which then has nothing to do; signing, retries,
 * endpoints and credentials stay the SDK's. What cannot be scanned goes to the SDK as it came: S3
 * reports errors in answers of status 200, too. If the SDK finds nothing wrong with it, it is an
 * error all the same, and one that the SDK may retry.
 */
function scanAnswer(
  command: InstanceType<Sdk["ListObjectVersionsCommand"]>,
): { readonly page: ScannedPage | undefined } {
  const scanned: { page: ScannedPage | undefined } = { page: undefined };
  const stack = command.middlewareStack;
  stack.add((next) => async (args) => {
    scanned.page = undefined;
    const result = await next(args);
    if (scanned.page === undefined) throw unreadable();
    return result;
  }, { step: "deserialize", priority: "high", name: "requireVersionPage" });
  stack.add((next) => async (args) => {
    const result = await next(args);
    const response = result.response as { statusCode: number; body: AsyncIterable<Uint8Array> };
    if (response.statusCode !== 200) return result;
    const body = await readBody(response.body, MAX_PAGE_BYTES);
    scanned.page = scanVersionPage(body);
    const rest = scanned.page ? EMPTY_DOCUMENT : joinBytes(body);
    return { ...result, response: withBody(response, rest) };
  }, { step: "deserialize", priority: "low", name: "scanVersionPage" });
  return scanned;
}

function unreadable(): Error {
  return Object.assign(new Error("the answer is no whole listing of versions"), {
    name: "UnreadableAnswer",
    $retryable: {},
  });
}

/** The SDK knows an answer by its class. */
function withBody<Response extends object>(response: Response, body: Uint8Array): Response {
  return Object.assign(Object.create(Object.getPrototypeOf(response)), response, { body });
}

function toPage(page: ScannedPage): VersionPage {
  const { batch, isTruncated, nextKeyMarker, nextVersionIdMarker } = page;
  const versionId = nextVersionIdMarker === "" ? {} : { versionId: nextVersionIdMarker };
  const next = nextKeyMarker === "" ? undefined : { key: decode(nextKeyMarker), ...versionId };
  return { batch, isTruncated, next };
}

/** Some servers encode it, as they should, and others do not. */
function decode(marker: string): string {
  try {
    return decodeURIComponent(marker.replaceAll("+", "%20"));
  } catch (error) {
    if (error instanceof URIError) return marker;
    throw error;
  }
}
