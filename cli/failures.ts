import { countOf, formatCount, printable } from "./format.ts";

/** A key that an operation could not deal with. */
export interface KeyFailure {
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly code: string;
  readonly message: string;
}

/** Failed keys that are told to people; scripts get all that a report holds. */
const MAX_SHOWN = 20;

/**
 * The failed keys in words: the first of them, and how many there are. Empty without any.
 *
 * @param count How many there are, where the report does not hold all. Default: it does.
 * @param toldByJson How many of them `--json` tells. Default: those that the report holds.
 */
export function renderFailures(
  failed: readonly KeyFailure[],
  count: number = failed.length,
  toldByJson: number = failed.length,
): string {
  if (count === 0) return "";
  const lines = failed.slice(0, MAX_SHOWN)
    .map(({ key, code, message }) => `  ${printable(key)}: ${code}: ${printable(message)}\n`);
  const more = count - lines.length;
  const told = count === toldByJson ? "them all" : `the first ${formatCount(toldByJson)}`;
  if (more > 0) lines.push(`  and ${countOf(more, "more", "more")}; --json tells ${told}\n`);
  return `${countOf(count, "key")} failed:\n${lines.join("")}`;
}
