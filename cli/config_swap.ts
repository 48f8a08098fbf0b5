import { parseConfig } from "../lib/config/parse_config.ts";
import { swapRoles } from "../lib/config/swap_roles.ts";
import { UsageError } from "./errors.ts";
import { findConfig } from "./find_config.ts";
import type { Run } from "./run.ts";

/** A configuration that is about to have its roles changed. */
export interface ConfigSwap {
  readonly path: string;
  /** Replace the file as a whole, with the permissions that it had. */
  readonly write: () => Promise<void>;
}

/**
 * Make out how the configuration of a run will be, before anything is changed.
 *
 * @throws {UsageError} when the buckets are not those of a configuration file
 * @throws {InputError} when it has no source and replica to change places
 */
export async function openConfigSwap({ options, settings }: Run): Promise<ConfigSwap> {
  const file = await findConfig(options.config);
  if (!file || settings.set === undefined) {
    throw new UsageError("failover changes a configuration file, and there is none: see init");
  }
  const swapped = swapRoles(file.path, file.text, settings.set);
  const named = parseConfig(file.path, file.text).sets[settings.set];
  for (const place of ["source", "replica"] as const) {
    if (settings[place] === named?.[place]) continue;
    throw new UsageError(
      `failover takes the ${place} from ${file.path}, but ${settings[place]} is given: leave out ` +
        `--${place} and BACKUP_MY_BUCKET_${place.toUpperCase()}`,
    );
  }
  return { path: file.path, write: () => replaceFile(file.path, swapped) };
}

async function replaceFile(path: string, text: string): Promise<void> {
  // A link keeps pointing where it did.
  const real = await Deno.realPath(path);
  const { mode } = await Deno.stat(real);
  const partial = `${real}.${crypto.randomUUID()}.tmp`;
  await Deno.writeTextFile(partial, text, {
    createNew: true,
    ...(mode !== null && { mode: mode & 0o777 }),
  });
  await Deno.rename(partial, real);
}
