import { countOf, printable } from "./format.ts";

/** A key that an operation could not deal with. */
export interface KeyFailure {
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly code: string;
  readonly message: string;
}

/** Failed keys that are told to people; scripts get all of them. */
const MAX_SHOWN = 20;

/** The failed keys in words: the first of them, and how many there are. Empty without any. */
export function renderFailures(failed: readonly KeyFailure[]): string {
  if (failed.length === 0) return "";
  const lines = failed.slice(0, MAX_SHOWN)
    .map(({ key, code, message }) => `  ${printable(key)}: ${code}: ${printable(message)}\n`);
  const more = failed.length - MAX_SHOWN;
  if (more > 0) lines.push(`  and ${countOf(more, "more", "more")}; --json tells them all\n`);
  return `${countOf(failed.length, "key")} failed:\n${lines.join("")}`;
}
