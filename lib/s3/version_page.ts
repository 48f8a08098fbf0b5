import type { ListObjectVersionsCommandOutput } from "npm:@aws-sdk/client-s3@3.1169.0";
import type { ObjectVersion } from "../model/entry.ts";
import type { EntryBatch } from "../model/entry_batch.ts";
import { EntryBatchBuilder } from "../model/entry_batch_builder.ts";
import { compareKeys } from "../model/key_order.ts";
import type { Bucket } from "./bucket.ts";

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

/** Ask for the page of versions after `marker`. */
export function fetchVersionPage(
  bucket: Bucket,
  prefix: string,
  marker: VersionMarker | undefined,
  options: { readonly signal?: AbortSignal } = {},
): Promise<VersionPage> {
  return bucket.request(
    { operation: "ListObjectVersions", ...options },
    async (client, sdk, http) => {
      const command = new sdk.ListObjectVersionsCommand({
        Bucket: bucket.name,
        // Keys may hold characters that XML cannot.
        EncodingType: "url",
        MaxKeys: MAX_VERSIONS_PER_PAGE,
        ...(prefix !== "" && { Prefix: prefix }),
        ...(marker !== undefined && { KeyMarker: marker.key }),
        ...(marker?.versionId !== undefined && { VersionIdMarker: marker.versionId }),
      });
      return readPage(await client.send(command, http));
    },
  );
}

function readPage(output: ListObjectVersionsCommandOutput): VersionPage {
  const { Versions = [], DeleteMarkers = [], NextKeyMarker, NextVersionIdMarker } = output;
  const versions = [
    ...Versions.map((version) => readVersion(version, false)),
    ...DeleteMarkers.map((marker) => readVersion(marker, true)),
  ].sort(compareVersions);
  const builder = new EntryBatchBuilder(versions.length);
  for (const version of versions) builder.append(version);
  return {
    batch: builder.take(),
    isTruncated: output.IsTruncated ?? false,
    next: NextKeyMarker === undefined ? undefined : {
      key: decode(NextKeyMarker),
      ...(NextVersionIdMarker !== undefined && { versionId: NextVersionIdMarker }),
    },
  };
}

interface SdkVersion {
  readonly Key?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly Size?: number | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly StorageClass?: string | undefined;
  readonly IsLatest?: boolean | undefined;
}

function readVersion(version: SdkVersion, isDeleteMarker: boolean): ObjectVersion {
  return {
    key: decode(version.Key ?? ""),
    versionId: version.VersionId ?? "null",
    size: version.Size ?? 0,
    etag: (version.ETag ?? "").replace(/^"|"$/g, ""),
    lastModified: version.LastModified?.getTime() ?? 0,
    storageClass: version.StorageClass ?? "STANDARD",
    isDeleteMarker,
    isLatest: version.IsLatest ?? false,
  };
}

/** By key, then newest first; the SDK tells versions and delete markers apart, and their order is lost. */
function compareVersions(a: ObjectVersion, b: ObjectVersion): number {
  return compareKeys(a.key, b.key) || Number(b.isLatest) - Number(a.isLatest) ||
    b.lastModified - a.lastModified;
}

/** Some servers send a form's "+" for a space, and encode a real plus. */
function decode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", "%20"));
}
