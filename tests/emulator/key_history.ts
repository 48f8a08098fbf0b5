/** All versions of one key, newest first, and where the removed ones stood. */
import { NULL_VERSION_ID, type ObjectVersion } from "./object_version.ts";

/** The versions of a key. Reading needs no more than this. */
export interface KeyVersions {
  /** The key. */
  readonly key: string;
  /** Newest first; never empty in a listing. */
  readonly versions: readonly ObjectVersion[];
  /** Where a version stands or stood, so that a listing can go on after a removed one. */
  orderOf(versionId: string): number | undefined;
}

/** The versions of a key, which can change. */
export class KeyHistory implements KeyVersions {
  /** The key. */
  readonly key: string;
  #versions: ObjectVersion[];
  readonly #removed = new Map<string, number>();

  /** A history that begins with `versions`, newest first. */
  constructor(key: string, versions: readonly ObjectVersion[] = []) {
    this.key = key;
    this.#versions = [...versions];
  }

  /** Newest first. */
  get versions(): readonly ObjectVersion[] {
    return this.#versions;
  }

  /** Where a version stands or stood. */
  orderOf(versionId: string): number | undefined {
    return this.find(versionId)?.order ?? this.#removed.get(versionId);
  }

  /** The version with that id. */
  find(versionId: string): ObjectVersion | undefined {
    return this.#versions.find((version) => version.versionId === versionId);
  }

  /** Adds a version at the place that its `order` gives; another `null` version goes away. */
  add(version: ObjectVersion): void {
    if (version.versionId === NULL_VERSION_ID) this.remove(NULL_VERSION_ID);
    const at = this.#versions.findIndex((other) => other.order < version.order);
    this.#versions.splice(at < 0 ? this.#versions.length : at, 0, version);
  }

  /** Puts `version` in the place of the one with the same id. */
  replace(version: ObjectVersion): void {
    this.#versions = this.#versions.map((old) =>
      old.versionId === version.versionId ? version : old
    );
  }

  /** Removes a version for good; undefined when there is none. */
  remove(versionId: string): ObjectVersion | undefined {
    const version = this.find(versionId);
    if (!version) return undefined;
    this.#versions = this.#versions.filter((other) => other !== version);
    this.#removed.set(versionId, version.order);
    return version;
  }
}
