/** The retention of an object, as requests spell it. */
import { S3Error } from "./errors.ts";
import type { Headers } from "./headers.ts";
import type { Retention } from "./object_version.ts";

/** Retention from headers, in pairs or not at all. */
export function readRetention(headers: Headers): Retention | undefined {
  const mode = headers["x-amz-object-lock-mode"];
  const until = headers["x-amz-object-lock-retain-until-date"];
  if (mode === undefined && until === undefined) return undefined;
  if (mode === undefined || until === undefined) {
    throw new S3Error("InvalidArgument", {}, {
      message:
        "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
    });
  }
  return checkRetention(mode, until);
}

/**
 * Retention from its two texts.
 *
 * @throws {S3Error} InvalidArgument.
 */
export function checkRetention(mode: string, until: string): Retention {
  const time = Date.parse(until);
  if ((mode === "GOVERNANCE" || mode === "COMPLIANCE") && !Number.isNaN(time)) {
    return { mode, until: time };
  }
  throw new S3Error("InvalidArgument", {}, { message: "Unknown wormMode directive." });
}
