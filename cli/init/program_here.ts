import { fileURLToPath } from "node:url";
import type { Program } from "./schedule.ts";

/** What a command under a timer may do: no more than a binary of a release may. */
const PERMISSIONS = [
  "--allow-net",
  "--allow-env",
  "--allow-read",
  "--allow-write",
  "--allow-import",
  "--allow-run",
  "--allow-sys=osRelease",
];

/** How this program was started: as a binary of its own, or by Deno from a file or a URL. */
export function programHere(): Program {
  const executable = Deno.execPath();
  if (Deno.build.standalone) return [executable];
  const main = Deno.mainModule;
  const script = main.startsWith("file:") ? fileURLToPath(main) : main;
  return [executable, "run", "--quiet", "--no-prompt", ...PERMISSIONS, script];
}
