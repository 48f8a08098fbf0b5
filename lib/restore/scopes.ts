import { InputError } from "../model/errors.ts";
import { compareKeys } from "../model/key_order.ts";

/** What narrows a restore, each a beginning of keys; empty or left out means all of them. */
export interface ScopeLimits {
  /** Of the snapshot's bucket: the snapshot says nothing about other keys. */
  readonly snapshot?: string | undefined;
  /** Of the replica's URL. */
  readonly replica?: string | undefined;
  /** Of the target's URL, in the target's own keys. */
  readonly target?: string | undefined;
  /** Goes before each key in the target. */
  readonly toPrefix?: string | undefined;
  /** What the user asks for: one or more, or all. */
  readonly prefixes?: readonly string[] | undefined;
}

/**
 * The beginnings of keys to restore: each within every limit, disjoint and in key order.
 *
 * @throws {InputError} when something that was asked for lies outside the limits
 */
export function restoreScopes(limits: ScopeLimits): string[] {
  const { prefixes } = limits;
  const scopes = (prefixes?.length ? prefixes : [""]).map((asked) => limit(asked, limits));
  return withoutNested(scopes.sort(compareKeys));
}

function limit(asked: string, limits: ScopeLimits): string {
  const { snapshot = "", replica = "", target = "", toPrefix = "" } = limits;
  const inReplica = within(within(asked, snapshot, "the snapshot"), replica, "the replica");
  return within(toPrefix + inReplica, target, "the target").slice(toPrefix.length);
}

/** The keys that begin with both. */
function within(asked: string, bound: string, whose: string): string {
  if (asked.startsWith(bound)) return asked;
  if (bound.startsWith(asked)) return bound;
  throw new InputError(
    `cannot restore keys that begin with ${JSON.stringify(asked)}: ${whose} is limited to ` +
      `keys that begin with ${JSON.stringify(bound)}`,
  );
}

/** What begins with a prefix sorts right after it. */
function withoutNested(sorted: readonly string[]): string[] {
  const kept: string[] = [];
  for (const scope of sorted) {
    const last = kept.at(-1);
    if (last === undefined || !scope.startsWith(last)) kept.push(scope);
  }
  return kept;
}

/** The longest beginning that all of them share. */
export function commonPrefix(scopes: readonly string[]): string {
  const [first = "", ...others] = scopes;
  let length = first.length;
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length--;
  }
  // Half of a surrogate pair is no text that a server could be asked for.
  return first.slice(0, length).isWellFormed()
    ? first.slice(0, length)
    : first.slice(0, length - 1);
}
