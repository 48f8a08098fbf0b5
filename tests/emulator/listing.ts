/** Walks a bucket's keys the way that a listing shows them. */
import type { KeyVersions } from "./key_history.ts";
import { compareKeys } from "./key_order.ts";
import type { KeySource } from "./key_table.ts";
import type { ObjectVersion, StoredObject } from "./object_version.ts";

/** Which part of a bucket a listing shows. */
export interface Scope {
  /** How keys begin. */
  readonly prefix: string;
  /** Where keys are cut and rolled up; empty for no such thing. */
  readonly delimiter: string;
  /** Where the last page ended; empty for the first. */
  readonly keyMarker: string;
  /** The version where the last page ended, if that was inside a key. */
  readonly versionIdMarker?: string | undefined;
  /** True to begin at a lone `keyMarker` instead of after it. */
  readonly inclusive?: boolean;
}

/** A version in a listing. */
export interface ListedVersion {
  /** The version. */
  readonly version: ObjectVersion;
  /** True for the newest of its key. */
  readonly isLatest: boolean;
}

/** An entry of a listing: a version, or keys rolled up into one. */
export type ListedEntry = ListedVersion | { readonly commonPrefix: string };

/** A page and whether there is more. */
export interface Page {
  /** In order. */
  readonly entries: readonly ListedEntry[];
  /** True when something follows. */
  readonly isTruncated: boolean;
}

/** The least key after all those that begin with `prefix`; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  while (points.length > 0) {
    const last = points.pop()!;
    if (last === 0x10ffff) continue;
    // Surrogates are no characters: after U+D7FF comes U+E000.
    points.push(last === 0xd7ff ? 0xe000 : last + 1);
    return String.fromCodePoint(...points);
  }
  return undefined;
}

/** What a key is rolled up into: its beginning, up to the first delimiter after the prefix. */
export function commonPrefixOf(
  key: string,
  prefix: string,
  delimiter: string,
): string | undefined {
  if (delimiter === "") return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

function* versionsAfterMarker(found: KeyVersions, scope: Scope): Iterable<ListedVersion> {
  const { keyMarker, versionIdMarker } = scope;
  const isMarked = found.key === keyMarker && keyMarker !== "";
  if (isMarked && versionIdMarker === undefined && !scope.inclusive) return;
  const below = isMarked && versionIdMarker !== undefined
    ? found.orderOf(versionIdMarker) ?? -Infinity
    : Infinity;
  for (const [index, version] of found.versions.entries()) {
    if (version.order < below) yield { version, isLatest: index === 0 };
  }
}

/** The entries of a listing, one by one, from the marker on. */
export function* walk(table: KeySource, scope: Scope): Iterable<ListedEntry> {
  const { prefix, keyMarker } = scope;
  let start: string | undefined = compareKeys(keyMarker, prefix) > 0 ? keyMarker : prefix;
  while (start !== undefined) {
    const from: string = start;
    start = undefined;
    for (const found of table.keysFrom(from)) {
      if (!found.key.startsWith(prefix)) return;
      const rolled = commonPrefixOf(found.key, prefix, scope.delimiter);
      if (rolled === undefined) {
        yield* versionsAfterMarker(found, scope);
        continue;
      }
      if (compareKeys(rolled, keyMarker) > 0) yield { commonPrefix: rolled };
      start = afterPrefix(rolled);
      break;
    }
  }
}

/** The entries of a listing of current objects. */
export function* walkCurrent(table: KeySource, scope: Scope): Iterable<ListedEntry> {
  const current: KeySource = {
    get: (key) => table.get(key),
    *keysFrom(start) {
      for (const found of table.keysFrom(start)) {
        const [newest] = found.versions;
        if (newest?.kind === "object") {
          yield { key: found.key, versions: [newest], orderOf: () => undefined };
        }
      }
    },
  };
  yield* walk(current, scope);
}

/** The first `limit` entries; a limit of 0 is a page that says nothing of what follows. */
export function takePage(entries: Iterable<ListedEntry>, limit: number): Page {
  const taken: ListedEntry[] = [];
  if (limit === 0) return { entries: taken, isTruncated: false };
  for (const entry of entries) {
    if (taken.length === limit) return { entries: taken, isTruncated: true };
    taken.push(entry);
  }
  return { entries: taken, isTruncated: false };
}

/** The object of an entry that {@linkcode walkCurrent} made. */
export function listedObject(entry: ListedVersion): StoredObject {
  if (entry.version.kind === "object") return entry.version;
  throw new TypeError("a listing of current objects holds no delete marker");
}
