import { InputError } from "../model/errors.ts";
import { compareKeys } from "../model/key_order.ts";

/** A range of keys in the order of their UTF-8 bytes. */
export interface KeyRange {
  /** Keys begin with it; empty for any. */
  readonly prefix: string;
  /** Keys sort after it; left out, from the first. */
  readonly after?: string;
  /** Keys sort before it; left out, to the last. */
  readonly before?: string;
}

/** Whether no key can be in the range. */
export function isEmptyRange({ prefix, after, before }: KeyRange): boolean {
  if (before !== undefined && compareKeys(before, prefix) <= 0) return true;
  if (after === undefined) return false;
  if (before !== undefined && compareKeys(before, after) <= 0) return true;
  return !after.startsWith(prefix) && compareKeys(after, prefix) > 0;
}

/**
 * Refuse a bound that no key could be.
 *
 * @throws {InputError} when a text holds half of a surrogate pair, which UTF-8 cannot say
 */
export function assertKeyRange(range: KeyRange): void {
  for (const text of [range.prefix, range.after, range.before]) {
    if (text === undefined || text.isWellFormed()) continue;
    throw new InputError(`${JSON.stringify(text)} holds half of a surrogate pair: no key does`);
  }
}
