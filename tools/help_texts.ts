import { createProgram } from "../cli/program.ts";

/** What `--help` prints, as `cli/help_texts.json` holds it: by lines. */
export interface HelpTexts {
  readonly program: readonly string[];
  /** By name; those that the program's own help names. */
  readonly commands: Readonly<Record<string, readonly string[]>>;
}

/** Ask commander for all of them. */
export function helpTexts(): HelpTexts {
  const program = createProgram();
  const named = program.createHelp().visibleCommands(program).map((command) => command.name());
  const commands = program.commands.filter((command) => named.includes(command.name()));
  return {
    program: linesOf(program),
    commands: Object.fromEntries(commands.map((command) => [command.name(), linesOf(command)])),
  };
}

/** As commander prints it, what is added before and after included. */
function linesOf(command: ReturnType<typeof createProgram>["commands"][number]): string[] {
  let text = "";
  command.configureOutput({ writeOut: (part) => text += part }).outputHelp();
  return text.split("\n");
}
