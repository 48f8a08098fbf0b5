import { CommanderError } from "npm:@commander-js/extra-typings@15.1.0";
import { BackupError } from "../lib/model/errors.ts";
import {
  exitCodeOf,
  type Failure,
  failureOf,
  TwoFailures,
  untoldOf,
  UsageError,
} from "./errors.ts";
import { EXIT } from "./exit_codes.ts";
import { Interrupted } from "./signals.ts";
import { writeStderr } from "./terminal.ts";

/** Say on stderr what went wrong. @returns The exit code */
export function tell(error: unknown, args: readonly string[]): number {
  // Help that was asked for.
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
  const untold = untoldOf(error).map(usageOf);
  if (untold.length === 0) return exitCodeOf(error);
  const isJson = hasFlag(args, "--json");
  writeStderr((isJson ? jsonOf : linesOf)(untold.map(failureOf)));
  if (hasFlag(args, "--verbose", "-v") && !isJson) writeStderr(untold.map(causesOf).join(""));
  return exitCodeOf(error instanceof TwoFailures ? error.first : usageOf(error));
}

function linesOf(failures: readonly Failure[]): string {
  return failures.map(({ message }) => `backup-my-bucket: error: ${message}\n`).join("");
}

/** One document, whatever happened. */
function jsonOf(failures: readonly Failure[]): string {
  const [first, ...rest] = failures.map(({ code, message }) => ({ code, message }));
  const error = { ...first, ...(rest.length > 0 && { also: rest }) };
  return JSON.stringify({ error }) + "\n";
}

/** For whoever looks into it: the errors below, and where one came from that nobody expected. */
function causesOf(error: unknown): string {
  const isExpected = error instanceof BackupError || error instanceof Interrupted;
  const lines = isExpected || !(error instanceof Error) ? [] : [error.stack ?? ""];
  for (let each = error; each instanceof Error && each.cause instanceof Error; each = each.cause) {
    lines.push(`caused by ${each.cause.name}: ${each.cause.message}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** Commander's own words, without its way of beginning. */
function usageOf(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  return new UsageError([first, ...rest].filter(Boolean).join(" "));
}

/** The command line may be the very thing that is wrong, so it is not parsed for this. */
function hasFlag(args: readonly string[], ...flags: string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).some((arg) => flags.includes(arg));
}
