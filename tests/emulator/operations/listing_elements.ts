/** What the pages of both listings have in common. */
import type { Call } from "../call.ts";
import { isoTime } from "../clock.ts";
import type { ListedEntry } from "../listing.ts";
import type { StoredObject } from "../object_version.ts";
import { encodeListed } from "../uri.ts";
import { element, type XmlMarkup } from "../xml.ts";

/** Writes keys as the client asked for them. */
export function keyWriter(call: Call): (text: string) => string {
  return call.urlEncoding ? encodeListed : (text) => text;
}

/** How many entries the page may have: by request, by settings, and by chance if those say so. */
export function pageLimit(call: Call, maxKeys: number): number {
  const { pageSize, shortPages } = call.state.settings;
  const most = Math.min(maxKeys, pageSize);
  return shortPages && most > 1 ? 1 + Math.floor(call.state.pageRandom.next() * most) : most;
}

/** The elements that say what an object is like. */
export function objectElements(object: StoredObject): XmlMarkup[] {
  return [
    element("LastModified", isoTime(object.lastModified)),
    element("ETag", `"${object.etag}"`),
    element("ChecksumAlgorithm", object.checksum?.algorithm),
    element("ChecksumType", object.checksum?.type),
    element("Size", object.content.size),
  ];
}

/** `<CommonPrefixes>`, or nothing for another entry. */
export function prefixElement(entry: ListedEntry, write: (text: string) => string): XmlMarkup {
  return element(
    "CommonPrefixes",
    "commonPrefix" in entry ? element("Prefix", write(entry.commonPrefix)) : undefined,
  );
}
