/** The keys of a synthetic bucket, and pages of its listing written at full speed. */
import type { KeyVersions } from "./key_history.ts";
import type { Scope } from "./listing.ts";
import type { ObjectVersion } from "./object_version.ts";
import type { PageSource, WrittenPage } from "./page_source.ts";
import { indexOfKey, keyAt } from "./synthetic_keys.ts";
import {
  etagWords,
  resolveSpec,
  type SyntheticSpec,
  syntheticVersion,
  SyntheticVersions,
} from "./synthetic_versions.ts";
import { VersionWriter } from "./version_writer.ts";

/** A key whose versions are made when somebody looks: a listing passes over those that were changed. */
class SyntheticKey implements KeyVersions {
  readonly key: string;
  readonly #source: SyntheticVersions;
  readonly #index: number;
  #versions: readonly ObjectVersion[] | undefined;

  constructor(source: SyntheticVersions, index: number) {
    const { shape, keys } = source.spec;
    this.key = keyAt(shape, index, keys);
    this.#source = source;
    this.#index = index;
  }

  get versions(): readonly ObjectVersion[] {
    return this.#versions ??= Array.from(
      { length: this.#source.spec.versionsPerKey },
      (_, age) => syntheticVersion(this.#source, this.#index, age),
    );
  }

  orderOf(versionId: string): number | undefined {
    return this.versions.find((version) => version.versionId === versionId)?.order;
  }
}

/** Keys and versions by arithmetic; none is held. */
export class SyntheticSource implements PageSource {
  readonly #versions: SyntheticVersions;
  readonly #writer = new VersionWriter();
  readonly #id = new Uint32Array(6);
  readonly #etag = new Uint32Array(4);

  /** The source that `spec` describes. */
  constructor(spec: SyntheticSpec) {
    this.#versions = new SyntheticVersions(resolveSpec(spec));
  }

  /** The versions of a key, if it is one of ours. */
  get(key: string): KeyVersions | undefined {
    const { shape, keys } = this.#versions.spec;
    const index = indexOfKey(shape, key, keys);
    return index < keys && keyAt(shape, index, keys) === key ? this.#at(index) : undefined;
  }

  /** The keys from `start` on, in order. */
  *keysFrom(start: string): Iterable<KeyVersions> {
    const { shape, keys } = this.#versions.spec;
    for (let index = indexOfKey(shape, start, keys); index < keys; index++) yield this.#at(index);
  }

  #at(index: number): KeyVersions {
    return new SyntheticKey(this.#versions, index);
  }

  /** Where a listing begins: the index of a key and the age of one of its versions. */
  #begin(scope: Scope): { index: number; age: number } {
    const { shape, keys, versionsPerKey } = this.#versions.spec;
    const start = scope.keyMarker > scope.prefix ? scope.keyMarker : scope.prefix;
    const index = indexOfKey(shape, start, keys);
    const isMarked = scope.keyMarker !== "" && index < keys &&
      keyAt(shape, index, keys) === scope.keyMarker;
    if (!isMarked) return { index, age: 0 };
    if (scope.versionIdMarker === undefined) {
      return { index: index + (scope.inclusive ? 0 : 1), age: 0 };
    }
    const order = this.#at(index).orderOf(scope.versionIdMarker);
    // A version of which nothing is known: as if all of the key had been listed.
    const age = order === undefined ? versionsPerKey : 1 - order;
    return age < versionsPerKey ? { index, age } : { index: index + 1, age: 0 };
  }

  /** Writes a page; what {@linkcode keysFrom} would give, byte for byte. */
  writePage(scope: Scope, limit: number): WrittenPage {
    const { shape, keys, versionsPerKey } = this.#versions.spec;
    this.#writer.begin(limit);
    let { index, age } = this.#begin(scope);
    let last: { index: number; age: number } | undefined;
    let isTruncated = false;
    let written = 0;
    for (; index < keys && limit > 0 && !isTruncated; index++, age = 0) {
      const key = keyAt(shape, index, keys);
      if (!key.startsWith(scope.prefix)) break;
      for (; age < versionsPerKey; age++) {
        isTruncated = written === limit;
        if (isTruncated) break;
        this.#writeEntry(key, index, age);
        last = { index, age };
        written++;
      }
    }
    return {
      elements: this.#writer.finish(),
      isTruncated,
      last: last && syntheticVersion(this.#versions, last.index, last.age),
    };
  }

  #writeEntry(key: string, index: number, age: number): void {
    const versions = this.#versions;
    const ordinal = versions.ordinal(index, age);
    const time = versions.lastModified(index, age);
    versions.idWords(ordinal, this.#id);
    if (versions.isMarker(index, age)) {
      this.#writer.putMarker(key, this.#id, age === 0, time);
      return;
    }
    const size = versions.size(ordinal);
    etagWords(versions, ordinal, size, this.#etag);
    this.#writer.putObject(key, this.#id, age === 0, time, this.#etag, size);
  }
}
