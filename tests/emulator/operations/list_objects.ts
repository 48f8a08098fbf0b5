/** ListObjectsV2. */
import { Buffer } from "node:buffer";
import type { Call, Operation } from "../call.ts";
import { invalidArgument } from "../errors.ts";
import { listedObject, type ListedVersion, takePage, walkCurrent } from "../listing.ts";
import { ownerElement } from "../owner.ts";
import { type S3Response, xmlResponse } from "../response.ts";
import { PAGE_SIZE } from "../settings.ts";
import { element, type XmlMarkup } from "../xml.ts";
import { keyWriter, objectElements, pageLimit, prefixElement } from "./listing_elements.ts";

/** Tokens are opaque to clients; this beginning tells them from anything else. */
const TOKEN_BEGINNING = "1:";

function writeToken(key: string): string {
  return Buffer.from(TOKEN_BEGINNING + key).toString("base64");
}

function readToken(token: string): string {
  const text = Buffer.from(token, "base64").toString();
  if (text.startsWith(TOKEN_BEGINNING)) return text.slice(TOKEN_BEGINNING.length);
  throw invalidArgument(
    "continuation-token",
    token,
    "The continuation token provided is incorrect",
  );
}

function contentElement(
  entry: ListedVersion,
  write: (text: string) => string,
  withOwner: boolean,
): XmlMarkup {
  const object = listedObject(entry);
  return element("Contents", [
    element("Key", write(object.key)),
    ...objectElements(object),
    withOwner ? ownerElement() : undefined,
    element("StorageClass", object.storageClass),
  ]);
}

function listObjects(call: Call): S3Response {
  const { bucket, request: { query } } = call;
  if (query.get("list-type") !== "2") {
    throw invalidArgument("list-type", query.get("list-type") ?? "", "Invalid List Type");
  }
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const startAfter = query.get("start-after");
  const token = query.get("continuation-token");
  const keyMarker = token === undefined ? startAfter ?? "" : readToken(token);
  const maxKeys = call.count("max-keys", PAGE_SIZE, PAGE_SIZE);
  const write = keyWriter(call);
  const entries = walkCurrent(bucket.keys, { prefix, delimiter, keyMarker });
  const page = takePage(entries, pageLimit(call, maxKeys));
  const last = page.entries.at(-1);
  const end = last && ("version" in last ? last.version.key : last.commonPrefix);
  return xmlResponse("ListBucketResult", [
    element("Name", bucket.name),
    element("Prefix", write(prefix)),
    element("StartAfter", startAfter === undefined ? undefined : write(startAfter)),
    element("ContinuationToken", token),
    element("NextContinuationToken", page.isTruncated ? writeToken(end ?? "") : undefined),
    element("KeyCount", page.entries.length),
    element("MaxKeys", maxKeys),
    element("Delimiter", delimiter === "" ? undefined : write(delimiter)),
    element("EncodingType", call.urlEncoding ? "url" : undefined),
    element("IsTruncated", page.isTruncated),
    ...page.entries.map((entry) =>
      "version" in entry
        ? contentElement(entry, write, query.get("fetch-owner") === "true")
        : prefixElement(entry, write)
    ),
  ]);
}

/** Listing current objects. */
export const LIST_OBJECTS_OPERATIONS: readonly Operation[] = [
  {
    name: "ListObjectsV2",
    method: "GET",
    level: "bucket",
    marks: ["list-type"],
    parameters: [
      "prefix",
      "delimiter",
      "start-after",
      "continuation-token",
      "max-keys",
      "encoding-type",
      "fetch-owner",
    ],
    action: "s3:ListBucket",
    handler: listObjects,
  },
];
