import { S3Error, StoreError, type StoreErrorCode } from "../../lib/model/errors.ts";

const CODES: Readonly<Record<string, StoreErrorCode>> = {
  NoCredentials: "Denied",
  QuotaExceeded: "NoSpace",
  NotImplemented: "Unsupported",
};

/** What an error of S3 means for a store. `what` could not be done. */
export function s3StoreError(cause: unknown, what: string): StoreError {
  if (!(cause instanceof S3Error)) {
    return new StoreError("Unavailable", `${what}: ${cause}`, { cause });
  }
  const { code, status, retryable } = cause;
  const meaning = CODES[code] ?? (status === 401 || status === 403 ? "Denied" : "Unavailable");
  return new StoreError(meaning, `${what}: ${cause.message}`, { cause, retryable });
}

/** Whether S3 answered with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof S3Error && codes.includes(error.code);
}
