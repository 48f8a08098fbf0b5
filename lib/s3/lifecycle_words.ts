import type { LifecycleRule } from "./lifecycle.ts";

/**
 * What a rule does to versions that are not current any more; undefined for nothing.
 *
 * @param ofTags What is to be said of the tags that it asks for, where it does.
 */
export function sayNoncurrent(rule: LifecycleRule, ofTags = ""): string | undefined {
  const { noncurrentDays, newerNoncurrent } = rule;
  if (noncurrentDays === undefined) return;
  const kept = newerNoncurrent === undefined
    ? ""
    : `, but for the newest ${newerNoncurrent} of a key`;
  return `deletes noncurrent versions${scopeOf(rule, ofTags)} after ${days(noncurrentDays)}${kept}`;
}

/** The same for objects that are current. */
export function sayCurrent(rule: LifecycleRule, ofTags = ""): string | undefined {
  const { currentDays, currentFrom } = rule;
  if (currentDays === undefined && currentFrom === undefined) return;
  const when = currentDays === undefined
    ? `from ${new Date(currentFrom!).toISOString().slice(0, 10)} on`
    : `after ${days(currentDays)}`;
  return `deletes current objects${scopeOf(rule, ofTags)} ${when}`;
}

function scopeOf({ prefix, tags }: LifecycleRule, ofTags: string): string {
  const below = prefix === "" ? "" : ` below ${JSON.stringify(prefix)}`;
  const tagged = tags.map(({ key, value }) => `${key}=${value}`).join(" and ");
  return below + (tagged === "" ? "" : ` tagged ${tagged}${ofTags}`);
}

function days(count: number): string {
  return `${count} ${count === 1 ? "day" : "days"}`;
}
