import type { Argument, CommandUnknownOpts, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { VERSION } from "../lib/model/version.ts";

/** What the command does not say of itself. */
const CLOSING = String.raw`.SH EXIT STATUS
.TP
.B 0
Done.
.TP
.B 1
Failed. The message says why, and what to do.
.TP
.B 2
Wrong usage or configuration.
.TP
.B 3
Done in part: the report names what failed.
.TP
.B 130
Interrupted.
.SH ENVIRONMENT
.TP
.B BACKUP_MY_BUCKET_*
Every setting of a set, such as BACKUP_MY_BUCKET_STORE. Options come first, a configuration file last.
.TP
.B AWS_*
Credentials and settings, as every AWS tool reads them.
.SH FILES
The first of these that exists is the configuration, unless
.B \-\-config
names one:
.IR ./backup-my-bucket.jsonc ,
.IR ./backup-my-bucket.json ,
.IR ./backup-my-bucket.conf ,
.IR $XDG_CONFIG_HOME/backup-my-bucket/config.jsonc ,
.IR /etc/backup-my-bucket/config.jsonc .
.SH EXAMPLES
.EX
# A restoration point every night, under cron:
backup-my-bucket snapshot --quiet

# What a restore would do, and the restore:
backup-my-bucket restore latest --dry-run
backup-my-bucket restore latest
.EE
`;

/**
 * The manual page of a command and its subcommands.
 *
 * @returns Source for `man`
 */
export function manPage(program: CommandUnknownOpts): string {
  const help = program.createHelp();
  const commands = help.visibleCommands(program).filter((command) => command.name() !== "help");
  return [
    `.TH BACKUP-MY-BUCKET 1 "" "backup-my-bucket ${VERSION}"`,
    ".SH NAME",
    `${escaped(program.name())} \\- ${escaped(lowerFirst(program.description()))}`,
    ".SH SYNOPSIS",
    ".SY backup-my-bucket",
    ".RI [ options ]",
    ".I command",
    ".RI [ arguments ]",
    ".YS",
    ".SH COMMANDS",
    ...commands.flatMap(commandSection),
    ".SH OPTIONS OF EVERY COMMAND",
    ...help.visibleOptions(program).flatMap(optionEntry),
  ].join("\n") + "\n" + CLOSING;
}

function commandSection(command: CommandUnknownOpts): string[] {
  const help = command.createHelp();
  const names = [command.name(), ...command.aliases()].map(escaped).join(", ");
  const usage = command.registeredArguments.map(argumentText).join(" ");
  return [
    `.SS ${`${names} ${escaped(usage)}`.trim()}`,
    sentence(command.description()),
    ...help.visibleOptions(command).filter(({ long }) => long !== "--help").flatMap(optionEntry),
  ];
}

function argumentText(argument: Argument): string {
  const name = argument.name().toUpperCase() + (argument.variadic ? "..." : "");
  return argument.required ? name : `[${name}]`;
}

function optionEntry({ flags, description, argChoices }: Option): string[] {
  const choices = argChoices ? ` One of: ${argChoices.join(", ")}.` : "";
  return [".TP", `.B ${escaped(flags)}`, sentence(description) + escaped(choices)];
}

/** A line of text: it must not begin like a request of roff. */
function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return escaped(first.endsWith(".") ? first : `${first}.`).replace(/^[.']/, "\\&$&");
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-");
}
