import type { CommandUnknownOpts } from "npm:@commander-js/extra-typings@15.1.0";
import type { SelectOptions } from "../lib/restore/selection.ts";
import { UsageError } from "./errors.ts";
import { collect } from "./global_options.ts";
import { readKeys } from "./key_source.ts";
import { quoted } from "./quoted.ts";

/** Which keys a command is about. */
export interface SelectionFlags {
  readonly prefix?: string[] | undefined;
  readonly key?: string[] | undefined;
  readonly keysFrom?: string | undefined;
  readonly null?: true | undefined;
  readonly include?: string[] | undefined;
  readonly exclude?: string[] | undefined;
}

/** Below the options of a command that takes a selection. */
export const SELECTION_HELP = `
A key is selected when it fulfils each kind of option that is given: it begins with one of the
--prefix, is one of the --key and --keys-from, matches one of the --include, and none of the
--exclude. A restore changes and deletes nothing else.

A pattern is compared with whole keys: * is any text without /, ** any text, ? one character but /,
[a-z] one of these, [!a-z] one of the others, {a,b} either, \\ takes the meaning from what follows.
It may begin behind any / of a key, unless it begins with / itself; at its end, / is all below.
`;

/** Give a command these options,. */
export function addSelectionFlags(command: CommandUnknownOpts): void {
  command
    .option("--prefix <prefix>", "only keys that begin with it; may be repeated", collect)
    .option("--key <key>", "only this key; may be repeated", collect)
    .option("--keys-from <file>", "only the keys in a file, one a line; - is standard input")
    .option("-0, --null", "a NUL ends each key of --keys-from, so that keys may hold line ends")
    .option("--include <pattern>", "only keys that match; may be repeated", collect)
    .option("--exclude <pattern>", "no key that matches; may be repeated", collect)
    .addHelpText("after", SELECTION_HELP);
}

/** The values of these options. */
export function selectionFlagsOf(command: { opts(): object }): SelectionFlags {
  return command.opts() as SelectionFlags;
}

/** The options as they were given, to select the same keys once more. */
export function selectionWords(flags: SelectionFlags): string[] {
  const { prefix = [], key = [], keysFrom, include = [], exclude = [] } = flags;
  const lists = {
    prefix,
    key,
    "keys-from": keysFrom === undefined ? [] : [keysFrom],
    include,
    exclude,
  };
  const words = Object.entries(lists)
    .flatMap(([name, values]) => values.map((value) => `--${name}=${quoted(value)}`));
  return flags.null ? [...words, "--null"] : words;
}

/**
 * What these options ask for.
 *
 * @throws {UsageError} when they contradict each other
 * @throws {InputError} when the keys cannot be read, or there are none
 */
export async function readSelection(
  flags: SelectionFlags,
  signal: AbortSignal,
): Promise<SelectOptions> {
  const { prefix, key, keysFrom, include, exclude } = flags;
  if (flags.null && keysFrom === undefined) {
    throw new UsageError("--null says how --keys-from is read: give that, too");
  }
  const end = flags.null ? "\0" : "\n";
  const read = keysFrom === undefined ? undefined : await readKeys(keysFrom, { end, signal });
  return {
    ...(prefix && { prefixes: prefix }),
    ...((key || read) && { keys: [...key ?? [], ...read ?? []] }),
    ...(include && { include }),
    ...(exclude && { exclude }),
  };
}
