/** What a synthetic bucket's versions are like: all decided by a seed and two numbers. */
import { toWholeSecond } from "./clock.ts";
import { digestWords, GeneratedContent } from "./generated_content.ts";
import { toHex } from "./content.ts";
import type { ObjectVersion } from "./object_version.ts";
import { mix32 } from "./random.ts";
import { spellVersionId } from "./version_writer.ts";
import { keyAt, type KeyShape } from "./synthetic_keys.ts";

/** A synthetic bucket. */
export interface SyntheticSpec {
  /** How many keys. */
  readonly keys: number;
  /** How they look; default `flat`. */
  readonly shape?: KeyShape;
  /** Versions of each key, the current one included; default 1. */
  readonly versionsPerKey?: number;
  /** Share of the keys whose newest version is a delete marker, 0 to 1; default 0. */
  readonly deleted?: number;
  /** Decides version ids, ETags, sizes and times; default 1. */
  readonly seed?: number;
  /** The oldest LastModified, in milliseconds; default 2024-01-01. */
  readonly since?: number;
  /** How long after `since` the youngest version is, in milliseconds; default 500 days. */
  readonly span?: number;
  /** Largest object, in bytes; default 1 MiB. */
  readonly maximumSize?: number;
}

/** A specification with its defaults in place. */
export type ResolvedSpec = Required<SyntheticSpec>;

const DAY = 86_400_000;
const WORD = 2 ** 32;

// What the numbers drawn for one version are for.
const SALT_ID = 0x1d;
const SALT_SIZE = 0x512e;
const SALT_TIME = 0x717e;
const SALT_DELETED = 0xde1e;

/** Fills in the defaults. */
export function resolveSpec(spec: SyntheticSpec): ResolvedSpec {
  const resolved = {
    shape: "flat" as KeyShape,
    versionsPerKey: 1,
    deleted: 0,
    seed: 1,
    since: Date.UTC(2024, 0, 1),
    span: 500 * DAY,
    maximumSize: 1024 ** 2,
    ...spec,
  };
  const valid = Number.isInteger(resolved.keys) && resolved.keys >= 0 &&
    Number.isInteger(resolved.versionsPerKey) && resolved.versionsPerKey >= 1 &&
    resolved.keys * resolved.versionsPerKey <= WORD;
  if (!valid) throw new RangeError("a synthetic bucket holds 0 to 2 ** 32 versions");
  return resolved;
}

/** Numbers that decide about single versions, without making an object for each. */
export class SyntheticVersions {
  /** The specification. */
  readonly spec: ResolvedSpec;
  readonly #salts: Readonly<Record<"id" | "size" | "time" | "deleted", number>>;

  /** Versions as `spec` has them. */
  constructor(spec: ResolvedSpec) {
    this.spec = spec;
    const salt = (use: number): number => mix32(mix32(spec.seed) + use);
    this.#salts = {
      id: salt(SALT_ID),
      size: salt(SALT_SIZE),
      time: salt(SALT_TIME),
      deleted: salt(SALT_DELETED),
    };
  }

  /** Counts all versions; the newest of a key has the lowest number. */
  ordinal(index: number, age: number): number {
    return index * this.spec.versionsPerKey + age;
  }

  /** True for a delete marker; only the newest version may be one. */
  isMarker(index: number, age: number): boolean {
    return age === 0 && this.spec.deleted > 0 &&
      mix32(this.#salts.deleted + index) < this.spec.deleted * WORD;
  }

  /** Bytes. */
  size(ordinal: number): number {
    return mix32(this.#salts.size + ordinal) % (this.spec.maximumSize + 1);
  }

  /** Milliseconds, a whole second; each version of a key is older than the one before it. */
  lastModified(index: number, age: number): number {
    const { since, span, versionsPerKey } = this.spec;
    const step = span / versionsPerKey;
    const within = mix32(this.#salts.time + index) / WORD;
    return toWholeSecond(since + (versionsPerKey - 1 - age + within) * step);
  }

  /** Seed of the content. */
  contentSeed(ordinal: number): number {
    return (this.spec.seed % 2 ** 20) * WORD + ordinal;
  }

  /** The six words, 192 bits, that 32 characters of a version id spell. */
  idWords(ordinal: number, words: Uint32Array): void {
    // The first word is another one for each ordinal, so that no two version ids are equal.
    let word = mix32(this.#salts.id + ordinal);
    for (let i = 0; i < 6; i++) {
      words[i] = word;
      word = mix32(word + i + this.#salts.id);
    }
  }
}

/** A version as the rest of the server sees it. */
export function syntheticVersion(
  versions: SyntheticVersions,
  index: number,
  age: number,
): ObjectVersion {
  const { spec } = versions;
  const ordinal = versions.ordinal(index, age);
  const id = new Uint8Array(32);
  const words = new Uint32Array(6);
  versions.idWords(ordinal, words);
  spellVersionId(words, id, 0);
  const common = {
    key: keyAt(spec.shape, index, spec.keys),
    versionId: new TextDecoder().decode(id),
    // Below 1, where the versions that are written later begin.
    order: -age,
    lastModified: versions.lastModified(index, age),
  };
  if (versions.isMarker(index, age)) return { ...common, kind: "marker" };
  const content = new GeneratedContent(versions.contentSeed(ordinal), 0, versions.size(ordinal));
  return {
    ...common,
    kind: "object",
    etag: toHex(content.md5()),
    content,
    contentHeaders: { "content-type": "binary/octet-stream" },
    metadata: {},
    tags: [],
    storageClass: "STANDARD",
    encryption: { "x-amz-server-side-encryption": "AES256" },
  };
}

/** The digest words of a version's content; see {@linkcode GeneratedContent}. */
export function etagWords(
  versions: SyntheticVersions,
  ordinal: number,
  size: number,
  words: Uint32Array,
): void {
  digestWords(versions.contentSeed(ordinal), 0, size, words);
}
