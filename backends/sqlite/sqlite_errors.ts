import { StoreError, type StoreErrorCode } from "../../lib/model/errors.ts";
import { ioError } from "../io_errors.ts";

/** Primary result codes of SQLite, and what they mean for a store. */
const MEANINGS: Readonly<Record<number, readonly [StoreErrorCode, string]>> = {
  3: ["Denied", "grant this user access to the file and its directory"],
  5: ["Unavailable", "another process is writing to it; try again"],
  6: ["Unavailable", "another process is writing to it; try again"],
  8: ["Denied", "grant this user write access to the file and its directory"],
  11: ["Corrupt", "the file is damaged; restore it from a copy, or start a new store"],
  13: ["NoSpace", "free some space there, or choose another store"],
  14: ["Denied", "see that the directory exists and grant this user access to it"],
  26: ["Corrupt", "the file is no SQLite database; name another one"],
};

const RETRYABLE: readonly number[] = [5, 6];
const CONSTRAINT = 19;

/** What an error of SQLite, or of the file system below it, means for a store. */
export function sqliteError(cause: unknown, what: string): StoreError {
  const code = resultCode(cause);
  if (code === undefined) return ioError(cause, what);
  const [meaning, advice] = MEANINGS[code] ?? ["Unavailable", `SQLite error ${code}`];
  const message = cause instanceof Error ? cause.message : String(cause);
  return new StoreError(meaning, `${what}: ${message}; ${advice}`, {
    cause,
    retryable: RETRYABLE.includes(code),
  });
}

/** Whether a row broke a UNIQUE constraint. */
export function isConstraintError(error: unknown): boolean {
  return resultCode(error) === CONSTRAINT;
}

function resultCode(error: unknown): number | undefined {
  const code = error instanceof Error ? Reflect.get(error, "errcode") : undefined;
  // The upper bits refine the primary code.
  return typeof code === "number" ? code & 0xff : undefined;
}
