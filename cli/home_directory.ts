import { mayReadVariable, readVariable } from "./environment.ts";

/** Where the SDK takes the home directory from. Without any it asks the operating system. */
const VARIABLES = ["HOME", "USERPROFILE", "HOMEPATH"];
/** What the SDK asks then, as Deno calls it. */
const CALLS = ["uid", "homedir"] as const;
/** Has no profiles. */
const NOWHERE = "/nonexistent";

/**
 * The SDK wants a home directory for its profiles even when it has keys, and systemd's services and
 * bare environments have no HOME. Where the operating system may not be asked for it either, there
 * is none to look in, which is no reason to fail.
 */
export function settleHome(): void {
  if (!VARIABLES.every(mayReadVariable) || VARIABLES.some(readVariable)) return;
  if (!CALLS.every(mayAsk)) Deno.env.set("HOME", NOWHERE);
}

function mayAsk(kind: (typeof CALLS)[number]): boolean {
  return Deno.permissions.querySync({ name: "sys", kind }).state === "granted";
}
