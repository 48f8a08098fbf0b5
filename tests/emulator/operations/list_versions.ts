/** ListObjectVersions. */
import { checkVersionId } from "../bucket.ts";
import type { Call, Operation } from "../call.ts";
import { isoTime } from "../clock.ts";
import { invalidArgument } from "../errors.ts";
import { type ListedEntry, type ListedVersion, type Page, takePage, walk } from "../listing.ts";
import { ownerElement } from "../owner.ts";
import { type S3Response, xmlResponse } from "../response.ts";
import { PAGE_SIZE } from "../settings.ts";
import { element, type XmlMarkup } from "../xml.ts";
import { keyWriter, objectElements, pageLimit, prefixElement } from "./listing_elements.ts";

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

function nextMarkers({ entries, isTruncated }: Page, write: Write): XmlMarkup[] {
  const last: ListedEntry | undefined = entries.at(-1);
  if (!isTruncated || !last) return [];
  if ("commonPrefix" in last) return [element("NextKeyMarker", write(last.commonPrefix))];
  return [
    element("NextKeyMarker", write(last.version.key)),
    element("NextVersionIdMarker", last.version.versionId),
  ];
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
  const page = takePage(walk(bucket.keys, scope), pageLimit(call, maxKeys));
  return xmlResponse("ListVersionsResult", [
    element("Name", bucket.name),
    element("Prefix", write(prefix)),
    element("KeyMarker", write(keyMarker)),
    element("VersionIdMarker", versionIdMarker ?? ""),
    ...nextMarkers(page, write),
    element("MaxKeys", maxKeys),
    element("Delimiter", delimiter === "" ? undefined : write(delimiter)),
    element("EncodingType", call.urlEncoding ? "url" : undefined),
    element("IsTruncated", page.isTruncated),
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
