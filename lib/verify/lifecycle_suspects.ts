/**
 * Which lifecycle rule may have deleted a version that is missing. Nothing of the version is left,
 * so that this is an inference: from its key, its size, and when it was last known to be current.
 */
import type { LifecycleRule } from "../s3/lifecycle.ts";
import { sayCurrent, sayNoncurrent } from "../s3/lifecycle_words.ts";

/** A rule that may have deleted a version. */
export interface RuleSuspicion {
  /** The rule's own id; empty where it has none. */
  readonly id: string;
  /** What the rule says, for humans. */
  readonly says: string;
}

/** What a point says of a version that is missing. */
export interface MissingFacts {
  readonly key: string;
  readonly versionId: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
  /** The newest moment at which a point shows it as current: milliseconds since 1970. */
  readonly currentAt: number;
}

const DAY = 86_400_000;
const OF_TAGS = " (the version's tags are gone with it)";

/** The rules that may have deleted a version by `now`, in milliseconds since 1970. */
export function suspectsOf(
  rules: readonly LifecycleRule[],
  missing: MissingFacts,
  now: number,
): RuleSuspicion[] {
  return rules.filter((rule) => isAimedAt(rule, missing)).flatMap((rule) => [
    ...noncurrentExpiry(rule, missing, now),
    ...currentExpiry(rule, missing, now),
  ]);
}

function isAimedAt(
  { prefix, largerThan, smallerThan }: LifecycleRule,
  { key, size }: MissingFacts,
): boolean {
  return key.startsWith(prefix) && size > largerThan && size < smallerThan;
}

/** A version was noncurrent for so long only if that began after it was last seen current. */
function noncurrentExpiry(
  rule: LifecycleRule,
  { currentAt }: MissingFacts,
  now: number,
): RuleSuspicion[] {
  const { id, noncurrentDays } = rule;
  if (noncurrentDays === undefined || now < currentAt + noncurrentDays * DAY) return [];
  return [{ id, says: sayNoncurrent(rule, OF_TAGS)! }];
}

/**
 * Where versions are kept, this puts a delete marker on top and takes nothing. The version `null`
 * it replaces while versioning is suspended.
 */
function currentExpiry(
  rule: LifecycleRule,
  { versionId, lastModified }: MissingFacts,
  now: number,
): RuleSuspicion[] {
  const { id, currentDays, currentFrom } = rule;
  if (versionId !== "null") return [];
  const isDue = currentDays !== undefined && now >= lastModified + currentDays * DAY ||
    currentFrom !== undefined && now >= currentFrom;
  if (!isDue) return [];
  return [{ id, says: `${sayCurrent(rule, OF_TAGS)}, for good where versioning is suspended` }];
}
