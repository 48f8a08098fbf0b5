import { quoted } from "./quoted.ts";

const REFUSAL = /Requires (.+?) access(?: to (.+?))?, run again with the --allow-(\S+) flag/;

/** What Deno refused somewhere below an error, as the flag that would allow it. */
export function missingPermission(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    const flag = each instanceof Deno.errors.NotCapable && flagOf(each.message);
    if (flag) return flag;
  }
}

function flagOf(message: string): string | undefined {
  const match = REFUSAL.exec(message);
  if (!match) return;
  const [, , what, name] = match;
  const value = what?.replace(/^"(.*)"$/, "$1");
  // A path that Deno does not show stands there as <CWD>; devices can be allowed as all else only.
  return value === undefined || value.startsWith("<") || name === "all"
    ? `--allow-${name}`
    : `--allow-${name}=${quoted(value)}`;
}
