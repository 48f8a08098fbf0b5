import type { CommandUnknownOpts, Option } from "npm:@commander-js/extra-typings@15.1.0";

/** Names that only the configuration and the store know. */
export interface CompletionValues {
  readonly sets: () => Promise<readonly string[]>;
  readonly snapshots: () => Promise<readonly string[]>;
}

/**
 * What the last of `words` may be completed to. Nothing where only the user knows, and where the
 * shell's own completion of file names helps more.
 */
export async function complete(
  program: CommandUnknownOpts,
  words: readonly string[],
  values: CompletionValues,
): Promise<string[]> {
  const current = words.at(-1) ?? "";
  const candidates = await candidatesFor(program, words.slice(0, -1), current, values);
  return candidates.filter((candidate) => candidate.startsWith(current));
}

async function candidatesFor(
  program: CommandUnknownOpts,
  before: readonly string[],
  current: string,
  values: CompletionValues,
): Promise<readonly string[]> {
  const command = commandIn(program, before);
  const options = [...program.options, ...command === program ? [] : command?.options ?? []];
  const pending = optionOf(options, before.at(-1));
  if (pending?.required) return await valuesOf(pending, values);
  if (current.startsWith("-")) return ["--help", ...options.flatMap(({ long }) => long ?? [])];
  if (!command) return program.createHelp().visibleCommands(program).map((each) => each.name());
  const [argument] = command.registeredArguments;
  if (argument?.argChoices) return argument.argChoices;
  return argument?.name() === "snapshot" ? ["latest", ...await values.snapshots()] : [];
}

/** The command that was named, values of options left aside. */
function commandIn(
  program: CommandUnknownOpts,
  words: readonly string[],
): CommandUnknownOpts | undefined {
  const named = words.find((word, i) =>
    !word.startsWith("-") && !takesValue(optionOf(program.options, words[i - 1]))
  );
  return program.commands.find((each) => [each.name(), ...each.aliases()].includes(named ?? ""));
}

function optionOf(options: readonly Option[], word: string | undefined): Option | undefined {
  return options.find(({ long, short }) => word !== undefined && (word === long || word === short));
}

function takesValue(option: Option | undefined): boolean {
  return option !== undefined && (option.required || option.optional);
}

async function valuesOf(option: Option, values: CompletionValues): Promise<readonly string[]> {
  if (option.argChoices) return option.argChoices;
  return option.long === "--set" ? await values.sets() : [];
}
