import { isAbsolute, join, resolve } from "node:path";
import { InputError } from "../../lib/model/errors.ts";
import { readVariable } from "../environment.ts";

const DEFAULT_CONFIG = "backup-my-bucket.jsonc";
/** What a URL begins with. */
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/**
 * Where the new configuration goes.
 *
 * @throws {InputError} when something is there
 */
export async function newConfigPath(named: string = DEFAULT_CONFIG): Promise<string> {
  const path = resolve(named);
  try {
    await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return path;
    throw error;
  }
  throw new InputError(
    `${path} exists: edit it, or have another one written with --config. init overwrites nothing`,
  );
}

/** Where the snapshots of a set may go, unless somebody knows better. */
export function defaultStore(set: string): string | undefined {
  const home = readVariable("HOME");
  return home && join(home, "backup-my-bucket", set);
}

/** A store as cron finds it, whatever directory it works in. */
export function absoluteStore(store: string): string {
  return SCHEME.test(store) || isAbsolute(store) ? store : resolve(store);
}
