import { InputError } from "../model/errors.ts";
import { compareKeys } from "../model/key_order.ts";
import { type KeyGlob, parseKeyGlob } from "./key_glob.ts";
import { SelectorHits } from "./selector_hits.ts";
import { commonPrefix, restoreScopes, type ScopeLimits } from "./scopes.ts";

/** What a user asks for, in the snapshot's keys. */
export interface SelectOptions {
  /** Only keys that begin with one of these. Default, and if there are none: all. */
  readonly prefixes?: readonly string[] | undefined;
  /** Only these keys. Default: all. Of none, nothing. */
  readonly keys?: readonly string[] | undefined;
  /** Only keys that match one of these patterns. Default, and if there are none: all. */
  readonly include?: readonly string[] | undefined;
  /** No key that matches one of these patterns. Default: none. */
  readonly exclude?: readonly string[] | undefined;
}

/** The keys that a restore is about: what is not selected is neither restored nor deleted. */
export interface Selection {
  /** Beginnings of all of them, disjoint and in key order. */
  readonly scopes: readonly string[];
  /**
   * What all of them begin with, and no longer than what all prefixes asked for begin with: of a
   * snapshot that is limited to it, the same can be asked for again.
   */
  readonly prefix: string;
  /** These keys and no others, ascending, each once; undefined where keys were not named. */
  readonly names: readonly string[] | undefined;
  /** Whether a key that begins like a scope is selected; undefined when each is. */
  readonly matches: ((key: string) => boolean) | undefined;
  /** What of the selection has met a key. */
  readonly hits: SelectorHits;
}

/**
 * The keys that fulfil every condition at once: within the limits, and as the user asks.
 *
 * @throws {InputError} when a prefix or a named key lies outside the limits, or a pattern is wrong
 */
export function selectKeys(asked: SelectOptions, limits: ScopeLimits): Selection {
  const include = (asked.include ?? []).map((pattern) => ({ pattern, ...parseKeyGlob(pattern) }));
  const exclude = (asked.exclude ?? []).map(parseKeyGlob);
  const { prefixes = [], keys } = asked;
  const hits = new SelectorHits(prefixes, include);
  const matches = matcherOf(hits, include, exclude);
  const whole = restoreScopes({ ...limits, prefixes });
  const scopes = withinBoth(whole, include);
  const isSelected = (name: string) => beginsLike(name, scopes) && (matches?.(name) ?? true);
  const names = keys && sortedNames(keys, prefixes, limits).filter(isSelected);
  const narrowed = names ? scopesOf(names, scopes) : scopes;
  const prefix = commonPrefix(prefixes.length > 0 ? whole : narrowed);
  return { scopes: narrowed, prefix, names, matches: names ? undefined : matches, hits };
}

function beginsLike(key: string, beginnings: readonly string[]): boolean {
  return beginnings.some((beginning) => key.startsWith(beginning));
}

/** The names that begin with a scope: they stand together. */
export function namesWithin(names: readonly string[], scope: string): readonly string[] {
  const first = names.findIndex((name) => name.startsWith(scope));
  if (first < 0) return [];
  const last = names.findLastIndex((name) => name.startsWith(scope));
  return names.slice(first, last + 1);
}

function matcherOf(
  hits: SelectorHits,
  include: readonly KeyGlob[],
  exclude: readonly KeyGlob[],
): ((key: string) => boolean) | undefined {
  if (include.length === 0 && exclude.length === 0) return undefined;
  return (key) => hits.isIncluded(key) && !exclude.some((glob) => glob.matches(key));
}

/** Patterns that are tied to the beginning say what has to be listed, and what has not. */
function withinBoth(scopes: readonly string[], include: readonly KeyGlob[]): readonly string[] {
  if (include.length === 0) return scopes;
  const narrower = scopes.flatMap((scope) =>
    include.flatMap(({ prefix }) =>
      prefix.startsWith(scope) ? [prefix] : scope.startsWith(prefix) ? [scope] : []
    )
  );
  return narrower.length === 0 ? [] : restoreScopes({ prefixes: narrower });
}

/** The names with one of the prefixes, once each and in order. */
function sortedNames(
  keys: readonly string[],
  prefixes: readonly string[],
  limits: ScopeLimits,
): readonly string[] {
  const names = new Set(
    prefixes.length > 0 ? keys.filter((key) => beginsLike(key, prefixes)) : keys,
  );
  for (const name of names) assertName(name, limits);
  // UTF-16 order, which is nearly the right one, comes much faster.
  return [...names].sort().sort(compareKeys);
}

function assertName(key: string, limits: ScopeLimits): void {
  if (key === "" || !key.isWellFormed()) throw new InputError(`${JSON.stringify(key)} is no key`);
  const { snapshot = "", replica = "", target = "", toPrefix = "" } = limits;
  assertWithin(key, key, snapshot, "the snapshot");
  assertWithin(key, key, replica, "the replica");
  assertWithin(key, toPrefix + key, target, "the target");
}

function assertWithin(key: string, there: string, bound: string, whose: string): void {
  if (there.startsWith(bound)) return;
  throw new InputError(
    `cannot restore ${JSON.stringify(key)}: ${whose} is limited to keys that begin with ` +
      JSON.stringify(bound),
  );
}

/** Of each scope as much as its names need. */
function scopesOf(names: readonly string[], scopes: readonly string[]): readonly string[] {
  return scopes.map((scope) => namesWithin(names, scope))
    .filter((within) => within.length > 0)
    .map((within) => commonPrefix([within[0]!, within.at(-1)!]));
}
