/** ListObjectVersions. */
import { checkVersionId } from "../bucket.ts";
import type { Call, Operation } from "../call.ts";
import { isoTime } from "../clock.ts";
import { invalidArgument } from "../errors.ts";
import { HeldContent } from "../held_content.ts";
import { joinContents } from "../join_contents.ts";
import { compareKeys } from "../key_order.ts";
import {
  afterPrefix,
  type ListedEntry,
  type ListedVersion,
  type Page,
  type Scope,
  takePage,
  walk,
} from "../listing.ts";
import { ownerElement } from "../owner.ts";
import { type S3Response, xmlResponse } from "../response.ts";
import { PAGE_SIZE } from "../settings.ts";
import { element, xmlFrame, type XmlMarkup } from "../xml.ts";
import { keyWriter, objectElements, pageLimit, prefixElement } from "./listing_elements.ts";

const ROOT = "ListVersionsResult";

type Write = (text: string) => string;

function checkMarkers(keyMarker: string, versionIdMarker: string | undefined): void {
  if (versionIdMarker === undefined) return;
  if (versionIdMarker === "") {
    throw invalidArgument("version-id-marker", "", "A version-id marker cannot be empty.");
  }
  if (keyMarker === "") {
    throw invalidArgument(
      "version-id-marker",
      versionIdMarker,
      "A version-id marker cannot be specified without a key marker.",
    );
  }
  checkVersionId(versionIdMarker);
}

function versionElement({ version, isLatest }: ListedVersion, write: Write): XmlMarkup {
  const common = [
    element("Key", write(version.key)),
    element("VersionId", version.versionId),
    element("IsLatest", isLatest),
  ];
  if (version.kind === "marker") {
    return element("DeleteMarker", [
      ...common,
      element("LastModified", isoTime(version.lastModified)),
      ownerElement(),
    ]);
  }
  return element("Version", [
    ...common,
    ...objectElements(version),
    ownerElement(),
    element("StorageClass", version.storageClass),
  ]);
}

/** Where the next page goes on. */
interface Next {
  readonly key: string;
  readonly versionId?: string;
}

function nextOf({ entries, isTruncated }: Page): Next | undefined {
  const last: ListedEntry | undefined = entries.at(-1);
  if (!isTruncated || !last) return undefined;
  return "commonPrefix" in last ? { key: last.commonPrefix } : last.version;
}

interface Listing {
  readonly call: Call;
  readonly scope: Scope;
  readonly write: Write;
  readonly maxKeys: number;
}

/** The elements before the entries. */
function headElements(listing: Listing, next: Next | undefined): XmlMarkup[] {
  const { call, scope, write, maxKeys } = listing;
  return [
    element("Name", call.bucket.name),
    element("Prefix", write(scope.prefix)),
    element("KeyMarker", write(scope.keyMarker)),
    element("VersionIdMarker", scope.versionIdMarker ?? ""),
    element("NextKeyMarker", next && write(next.key)),
    element("NextVersionIdMarker", next?.versionId),
    element("MaxKeys", maxKeys),
    element("Delimiter", scope.delimiter === "" ? undefined : write(scope.delimiter)),
    element("EncodingType", call.urlEncoding ? "url" : undefined),
    element("IsTruncated", next !== undefined),
  ];
}

function asContent(text: string): HeldContent {
  return new HeldContent(new TextEncoder().encode(text));
}

/** The whole page from a source that can write one, unless a key on it was changed since. */
function writtenResponse(listing: Listing, limit: number): S3Response | undefined {
  const { call: { bucket }, scope } = listing;
  if (!bucket.source || scope.delimiter !== "") return undefined;
  const start = compareKeys(scope.keyMarker, scope.prefix) > 0 ? scope.keyMarker : scope.prefix;
  // Where much was changed, the first key says so, and no page is written in vain.
  const [first] = bucket.source.keysFrom(start);
  if (!bucket.keys.isUntouchedBetween(start, first?.key)) return undefined;
  const { elements, isTruncated, last } = bucket.source.writePage(scope, limit);
  const end = isTruncated ? last?.key : afterPrefix(scope.prefix);
  if (!bucket.keys.isUntouchedBetween(start, end)) return undefined;
  const head = headElements(listing, isTruncated ? last : undefined);
  const [before, after] = xmlFrame(ROOT, head);
  const pieces = [asContent(before), new HeldContent(elements), asContent(after)];
  return {
    status: 200,
    headers: { "content-type": "application/xml" },
    body: joinContents(pieces),
  };
}

function listObjectVersions(call: Call): S3Response {
  const { bucket, request: { query } } = call;
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const keyMarker = query.get("key-marker") ?? "";
  const versionIdMarker = query.get("version-id-marker");
  checkMarkers(keyMarker, versionIdMarker);
  const maxKeys = call.count("max-keys", PAGE_SIZE, PAGE_SIZE);
  const write = keyWriter(call);
  const inclusive = call.state.settings.inclusiveKeyMarker;
  const scope = { prefix, delimiter, keyMarker, versionIdMarker, inclusive };
  const listing = { call, scope, write, maxKeys };
  const limit = pageLimit(call, maxKeys);
  const written = writtenResponse(listing, limit);
  if (written) return written;
  const page = takePage(walk(bucket.keys, scope), limit);
  return xmlResponse(ROOT, [
    ...headElements(listing, nextOf(page)),
    ...page.entries.map((entry) =>
      "version" in entry ? versionElement(entry, write) : prefixElement(entry, write)
    ),
  ]);
}

/** Listing versions. */
export const LIST_VERSIONS_OPERATIONS: readonly Operation[] = [
  {
    name: "ListObjectVersions",
    method: "GET",
    level: "bucket",
    marks: ["versions"],
    parameters: [
      "prefix",
      "delimiter",
      "key-marker",
      "version-id-marker",
      "max-keys",
      "encoding-type",
    ],
    action: "s3:ListBucketVersions",
    handler: listObjectVersions,
  },
];
