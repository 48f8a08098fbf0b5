import { fileURLToPath } from "node:url";
import { GRANTED_PERMISSIONS } from "../granted_permissions.ts";
import type { Program } from "./schedule.ts";

/** How this program was started: as a binary of its own, or by Deno from a file or a URL. */
export function programHere(): Program {
  const executable = Deno.execPath();
  if (Deno.build.standalone) return [executable];
  const main = Deno.mainModule;
  const script = main.startsWith("file:") ? fileURLToPath(main) : main;
  return [executable, "run", "--quiet", ...GRANTED_PERMISSIONS, script];
}
