/** The keys of a bucket in listing order. */
import { KeyHistory, type KeyVersions } from "./key_history.ts";
import { compareKeys, lowerBound } from "./key_order.ts";

/** Keys that a table starts from and that it never changes, such as generated ones. */
export interface KeySource {
  /** The versions of a key. */
  get(key: string): KeyVersions | undefined;
  /** The keys from `start` on, itself included, in order. */
  keysFrom(start: string): Iterable<KeyVersions>;
}

/** A splice for each new key costs less than sorting anew up to about this many. */
const SPLICE_LIMIT = 64;

/** Keys in memory, over an optional source whose keys they replace. */
export class KeyTable implements KeySource {
  readonly #source: KeySource | undefined;
  readonly #histories = new Map<string, KeyHistory>();
  #sorted: string[] = [];
  #unsorted: string[] = [];

  /** An empty table, or one that begins as `source`. */
  constructor(source?: KeySource) {
    this.#source = source;
  }

  /** True when no key from `start` to `end`, or to the last, differs from the source's. */
  isUntouchedBetween(start: string, end: string | undefined): boolean {
    const sorted = this.#sort();
    const next = sorted[lowerBound(sorted, start)];
    return next === undefined || (end !== undefined && compareKeys(next, end) > 0);
  }

  /** The versions of a key. */
  get(key: string): KeyVersions | undefined {
    return this.#histories.get(key) ?? this.#source?.get(key);
  }

  /** The versions of a key, to be changed. */
  history(key: string): KeyHistory {
    const known = this.#histories.get(key);
    if (known) return known;
    const history = new KeyHistory(key, this.#source?.get(key)?.versions);
    this.#histories.set(key, history);
    this.#unsorted.push(key);
    return history;
  }

  #sort(): readonly string[] {
    if (this.#unsorted.length > SPLICE_LIMIT) {
      this.#sorted = this.#sorted.concat(this.#unsorted).sort(compareKeys);
    } else {
      for (const key of this.#unsorted) {
        this.#sorted.splice(lowerBound(this.#sorted, key), 0, key);
      }
    }
    this.#unsorted = [];
    return this.#sorted;
  }

  *#ownKeysFrom(start: string): Iterable<KeyVersions> {
    const sorted = this.#sort();
    for (let i = lowerBound(sorted, start); i < sorted.length; i++) {
      yield this.#histories.get(sorted[i]!)!;
    }
  }

  /** The keys from `start` on that have versions, in order. */
  *keysFrom(start: string): Iterable<KeyVersions> {
    const merged = this.#source
      ? mergeKeys(this.#ownKeysFrom(start), this.#source.keysFrom(start))
      : this.#ownKeysFrom(start);
    for (const history of merged) if (history.versions.length > 0) yield history;
  }

  /** True when no key has a version. */
  get isEmpty(): boolean {
    for (const _ of this.keysFrom("")) return false;
    return true;
  }
}

/** Merges two ascending sequences; where both have a key, the first one's stands. */
function* mergeKeys(
  first: Iterable<KeyVersions>,
  second: Iterable<KeyVersions>,
): Iterable<KeyVersions> {
  const others = second[Symbol.iterator]();
  let other = others.next();
  for (const one of first) {
    let order = -1;
    while (!other.done && (order = compareKeys(other.value.key, one.key)) < 0) {
      yield other.value;
      other = others.next();
    }
    if (!other.done && order === 0) other = others.next();
    yield one;
  }
  for (; !other.done; other = others.next()) yield other.value;
}
