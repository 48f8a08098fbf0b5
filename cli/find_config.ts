import { join } from "node:path";
import type { ConfigFile } from "../lib/config.ts";
import { InputError } from "../lib/model/errors.ts";
import { readFileIfThere, readVariable } from "./environment.ts";

const HERE = ["backup-my-bucket.jsonc", "backup-my-bucket.json", "backup-my-bucket.conf"];
const SYSTEM = "/etc/backup-my-bucket/config.jsonc";

/**
 * The configuration file that is named, or else the first that exists where one is looked for.
 *
 * @throws {InputError} when the one that is named is not there
 */
export async function findConfig(named: string | undefined): Promise<ConfigFile | undefined> {
  const path = named ?? readVariable("BACKUP_MY_BUCKET_CONFIG");
  if (path) return { path, text: await readNamed(path) };
  for (const candidate of candidates()) {
    const text = await readFileIfThere(candidate);
    if (text !== undefined) return { path: candidate, text };
  }
}

/** Where a configuration file is looked for, in this order. */
function candidates(): string[] {
  const home = readVariable("HOME");
  const base = readVariable("XDG_CONFIG_HOME") || (home && join(home, ".config"));
  const user = base ? [join(base, "backup-my-bucket", "config.jsonc")] : [];
  return [...HERE, ...user, SYSTEM];
}

async function readNamed(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const reason = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new InputError(`cannot read the configuration ${path}: ${reason}`, { cause });
  }
}
