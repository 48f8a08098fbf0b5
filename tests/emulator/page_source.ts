/** Keys that come with a faster way to list them. */
import type { KeySource } from "./key_table.ts";
import type { Scope } from "./listing.ts";

/** A page of ListObjectVersions, written. */
export interface WrittenPage {
  /** The `Version` and `DeleteMarker` elements. */
  readonly elements: Uint8Array;
  /** True when more follows. */
  readonly isTruncated: boolean;
  /** The last entry, where the next page goes on; undefined on an empty page. */
  readonly last: { readonly key: string; readonly versionId: string } | undefined;
}

/** A source that can write whole pages. */
export interface PageSource extends KeySource {
  /** Writes a page of a listing without a delimiter. */
  writePage(scope: Scope, limit: number): WrittenPage;
}
