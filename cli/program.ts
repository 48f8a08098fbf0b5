import { Command, CommanderError } from "npm:@commander-js/extra-typings@15.1.0";
import { VERSION } from "../lib/model/version.ts";
import { completeCommand } from "./commands/complete.ts";
import { completionsCommand } from "./commands/completions.ts";
import { deleteCommand } from "./commands/delete.ts";
import { demoCommand } from "./commands/demo.ts";
import { diffCommand } from "./commands/diff.ts";
import { failoverCommand } from "./commands/failover.ts";
import { gcCommand } from "./commands/gc.ts";
import { listSnapshotsCommand } from "./commands/list_snapshots.ts";
import { initCommand } from "./commands/init.ts";
import { lsCommand } from "./commands/ls.ts";
import { pinCommand, unpinCommand } from "./commands/pin.ts";
import { restoreCommand } from "./commands/restore.ts";
import { snapshotCommand } from "./commands/snapshot.ts";
import { statsCommand } from "./commands/stats.ts";
import { syncCommand } from "./commands/sync.ts";
import { unlockCommand } from "./commands/unlock.ts";
import { verifyCommand } from "./commands/verify.ts";
import { UsageError } from "./errors.ts";
import { addGlobalOptions } from "./global_options.ts";

/** Columns of the help, on any terminal: its texts are at hand, see `answer_at_hand.ts`. */
const HELP_WIDTH = 80;

/** What the help is written with, so that it needs no permission to find out about colours. */
const PLAIN_OUTPUT = {
  getOutHelpWidth: () => HELP_WIDTH,
  getErrHelpWidth: () => HELP_WIDTH,
  getOutHasColors: () => false,
  getErrHasColors: () => false,
  // An error is told in one way only, by main.ts, and help that nobody asked for is one.
  outputError: () => {},
  writeErr: () => {},
};

/**
 * Run a command line.
 *
 * @throws {CommanderError} for one that commander does not understand, or once it has given help
 * @throws {UsageError} for one without a command
 */
export async function runProgram(args: readonly string[]): Promise<void> {
  const program = createProgram();
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    throw isUnaskedHelp(error) ? noCommand(program) : error;
  }
}

/** What commander gives in the place of a command that it does not find. */
function isUnaskedHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.code === "commander.help" && error.exitCode !== 0;
}

/** After `help` stands what help is wanted for. */
function noCommand(program: Command): UsageError {
  const [, topic] = program.args;
  return new UsageError(
    topic === undefined
      ? `no command is given: see ${program.name()} --help`
      : `unknown command '${topic}'`,
  );
}

/** The command line, as commander understands it. What a command needs, it loads when it runs. */
export function createProgram(): Command {
  const program = new Command("backup-my-bucket")
    .description("Point-in-time snapshots of versioned S3 buckets, and the way back")
    .version(VERSION, "-V, --version", "print the version");
  addGlobalOptions(program);
  program.addCommand(initCommand());
  program.addCommand(snapshotCommand());
  program.addCommand(syncCommand());
  program.addCommand(listSnapshotsCommand());
  program.addCommand(statsCommand());
  program.addCommand(restoreCommand());
  program.addCommand(gcCommand());
  program.addCommand(deleteCommand());
  program.addCommand(lsCommand());
  program.addCommand(diffCommand());
  program.addCommand(verifyCommand());
  program.addCommand(failoverCommand());
  program.addCommand(pinCommand());
  program.addCommand(unpinCommand());
  program.addCommand(unlockCommand());
  program.addCommand(demoCommand());
  program.addCommand(completionsCommand());
  program.addCommand(completeCommand(program), { hidden: true });
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput(PLAIN_OUTPUT).configureHelp({ showGlobalOptions: true });
  }
  return program;
}
