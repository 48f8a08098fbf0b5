import { join } from "node:path";
import type { ConfigFile } from "../lib/config.ts";
import { InputError } from "../lib/model/errors.ts";
import { mayReadFile, readVariable } from "./environment.ts";

const HERE = ["backup-my-bucket.jsonc", "backup-my-bucket.json", "backup-my-bucket.conf"];
const SYSTEM = "/etc/backup-my-bucket/config.jsonc";

/**
 * The configuration file that is named, or else the first that exists where one is looked for.
 *
 * @throws {InputError} when the one that is named is not there, or one cannot be read
 */
export async function findConfig(named: string | undefined): Promise<ConfigFile | undefined> {
  const path = named ?? readVariable("BACKUP_MY_BUCKET_CONFIG");
  if (path) {
    const text = await readIfThere(path);
    if (text !== undefined) return { path, text };
    throw new InputError(`cannot read the configuration ${path}: there is no such file`);
  }
  for (const candidate of candidates()) {
    const text = await mayReadFile(candidate) ? await readIfThere(candidate) : undefined;
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

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) return;
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`cannot read the configuration ${path}: ${reason}`, { cause });
  }
}
