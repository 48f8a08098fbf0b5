import { BackupError } from "../lib/model/errors.ts";
import { EXIT } from "./exit_codes.ts";
import { OutputClosed } from "./output.ts";
import { missingPermission } from "./permissions.ts";
import { Interrupted } from "./signals.ts";

/** What a failure comes to: said on stderr, and told by the exit code. */
export interface Failure {
  /** Stable, for scripts. */
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
}

/** Of errors that say what the command line or the configuration asks for cannot be had. */
const USAGE_CODES = ["InvalidInput", "MetricsNotWritable"];

/** The command line is wrong. */
export class UsageError extends Error {
  /** The class, as it stands in a stack trace. */
  override readonly name = "UsageError";
}

/** Done, but with failures that were told where they belong. */
export class ToldFailure extends Error {
  /** The class, as it stands in a stack trace. */
  override readonly name = "ToldFailure";
  /** How the command ends. */
  readonly exitCode: number;

  /** Ends the command with this code, without another word. */
  constructor(exitCode: number) {
    super("told already");
    this.exitCode = exitCode;
  }
}

/** A command failed, and then those who watch could not be told of it. The first decides. */
export class TwoFailures extends Error {
  /** The class, as it stands in a stack trace. */
  override readonly name = "TwoFailures";
  /** Why the command failed. */
  readonly first: unknown;
  /** Why nobody was told. */
  readonly second: unknown;

  /** In this order they are told. */
  constructor(first: unknown, second: unknown) {
    super("one failure after another");
    this.first = first;
    this.second = second;
  }
}

/** How the command ends. */
export function exitCodeOf(error: unknown): number {
  // Nobody reads any more: what was wanted was had.
  if (error instanceof OutputClosed) return EXIT.done;
  if (error instanceof TwoFailures) return exitCodeOf(error.first);
  return error instanceof ToldFailure ? error.exitCode : failureOf(error).exitCode;
}

/** What of an error nobody was told yet, in the order in which it happened. */
export function untoldOf(error: unknown): unknown[] {
  if (error instanceof TwoFailures) return [error.first, error.second].flatMap(untoldOf);
  if (error instanceof OutputClosed || error instanceof ToldFailure) return [];
  return [error];
}

/** What to say of an error, and how the command ends. */
export function failureOf(error: unknown): Failure {
  const flag = missingPermission(error);
  if (flag !== undefined) return permissionFailure(error, flag);
  if (error instanceof Interrupted) {
    return { code: "Interrupted", message: error.message, exitCode: EXIT.interrupted };
  }
  if (error instanceof UsageError) {
    return { code: "Usage", message: error.message, exitCode: EXIT.usage };
  }
  if (error instanceof BackupError) {
    const exitCode = USAGE_CODES.includes(error.code) ? EXIT.usage : EXIT.failed;
    return { code: error.code, message: error.message, exitCode };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: "Unexpected", message, exitCode: EXIT.failed };
}

function permissionFailure(error: unknown, flag: string): Failure {
  const message = error instanceof BackupError
    ? `${error.message}. Deno does not allow it: run again with ${flag}`
    : `Deno does not allow what this needs: run again with ${flag}`;
  return { code: "NotPermitted", message, exitCode: EXIT.failed };
}
