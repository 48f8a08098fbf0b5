import { StoreError, type StoreErrorCode } from "../lib/model/errors.ts";

const CODES: Readonly<Record<string, StoreErrorCode>> = {
  ENOSPC: "NoSpace",
  EDQUOT: "NoSpace",
  EFBIG: "NoSpace",
  EACCES: "Denied",
  EPERM: "Denied",
  EROFS: "Denied",
};

/** Conditions that pass by themselves. */
const PASSING = new Set(["EMFILE", "ENFILE", "EBUSY", "EAGAIN", "EINTR"]);

const ADVICE: Partial<Record<StoreErrorCode, string>> = {
  NoSpace: "free some space there, or choose another store",
  Denied: "grant this user (and deno, with --allow-read and --allow-write) access to it",
};

/** What to do about a condition that no {@linkcode StoreErrorCode} stands for. */
const ADVICE_BY_CONDITION: Readonly<Record<string, string>> = {
  ENOTDIR: "a file stands where a directory is needed: name a directory",
  ENAMETOOLONG: "name a directory with a shorter path",
};

/** What an error of the file system means for a store. `what` could not be done. */
export function ioError(cause: unknown, what: string): StoreError {
  const code = osCode(cause);
  const meaning = cause instanceof Deno.errors.NotCapable
    ? "Denied"
    : CODES[code ?? ""] ?? "Unavailable";
  const advice = ADVICE[meaning] ?? ADVICE_BY_CONDITION[code ?? ""];
  return new StoreError(
    meaning,
    `${what}: ${cause instanceof Error ? cause.message : cause}${advice ? `; ${advice}` : ""}`,
    { cause, retryable: PASSING.has(code ?? "") },
  );
}

/** Linux's numbers of errors that Deno gives no code, only a number at the end of the message. */
const NUMBERED: Readonly<Record<string, string>> = { "27": "EFBIG", "122": "EDQUOT" };

/** The operating system's name of an error, such as `ENOENT`. */
export function osCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return;
  const code = Reflect.get(error, "code");
  if (typeof code === "string") return code;
  return NUMBERED[/\(os error (\d+)\)/.exec(error.message)?.[1] ?? ""];
}
