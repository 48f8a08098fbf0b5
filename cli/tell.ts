import { CommanderError } from "npm:@commander-js/extra-typings@15.1.0";
import { BackupError } from "../lib/model/errors.ts";
import { exitCodeOf, failureOf, ToldFailure, UsageError } from "./errors.ts";
import { EXIT } from "./exit_codes.ts";
import { OutputClosed } from "./output.ts";
import { Interrupted } from "./signals.ts";
import { writeStderr } from "./terminal.ts";

/** Say on stderr what went wrong. @returns The exit code */
export function tell(error: unknown, args: readonly string[]): number {
  if (error instanceof OutputClosed || error instanceof ToldFailure) return exitCodeOf(error);
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
  const { code, message, exitCode } = failureOf(usageOf(error));
  writeStderr(
    hasFlag(args, "--json")
      ? JSON.stringify({ error: { code, message } }) + "\n"
      : `backup-my-bucket: error: ${message}\n`,
  );
  if (hasFlag(args, "--verbose", "-v") && !hasFlag(args, "--json")) writeStderr(causesOf(error));
  return exitCode;
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
