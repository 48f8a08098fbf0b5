import { parseConfig } from "../lib/config/parse_config.ts";
import { swapRoles } from "../lib/config/swap_roles.ts";
import { InputError } from "../lib/model/errors.ts";
import { UsageError } from "./errors.ts";
import { findConfig } from "./find_config.ts";
import type { Run } from "./run.ts";

/** A configuration that is about to have its roles changed. */
export interface ConfigSwap {
  readonly path: string;
  /**
   * See that the file still names the two buckets as it did.
   *
   * @throws {InputError} when somebody has changed that
   */
  readonly assertUnchanged: () => Promise<void>;
  /**
   * Replace the file as a whole, with the permissions that it had. What somebody has written into it
   * since the roles were made out is kept, but for what is written in the milliseconds in between.
   *
   * @throws {InputError} when it names other buckets by now
   */
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
  const { path } = file, { set } = settings;
  swapRoles(path, file.text, set);
  const roles = rolesIn(path, file.text, set);
  for (const place of ["source", "replica"] as const) {
    if (settings[place] === roles[place]) continue;
    throw new UsageError(
      `failover takes the ${place} from ${path}, but ${settings[place]} is given: leave out ` +
        `--${place} and BACKUP_MY_BUCKET_${place.toUpperCase()}`,
    );
  }
  const textNow = async () => {
    const text = await readAgain(path);
    if (text !== file.text) assertSameRoles(path, set, roles, rolesIn(path, text, set));
    return text;
  };
  return {
    path,
    assertUnchanged: async () => void await textNow(),
    write: async () => await replaceFile(path, swapRoles(path, await textNow(), set)),
  };
}

interface Roles {
  readonly source: string | undefined;
  readonly replica: string | undefined;
}

function rolesIn(path: string, text: string, set: string): Roles {
  const { source, replica } = parseConfig(path, text).sets[set] ?? {};
  return { source, replica };
}

async function readAgain(path: string): Promise<string> {
  const file = await findConfig(path);
  if (file) return file.text;
  throw new InputError(`cannot read the configuration ${path}: there is no such file any more`);
}

function assertSameRoles(path: string, set: string, before: Roles, now: Roles): void {
  if (now.source === before.source && now.replica === before.replica) return;
  throw new InputError(
    `the set ${JSON.stringify(set)} of ${path} was changed meanwhile: its source is ` +
      `${now.source ?? "none"} now and its replica ${
        now.replica ?? "none"
      }, and both were left so. ` +
      `See who did that; failover was to make ${before.replica} the source, and ` +
      `${before.source} its replica`,
  );
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
