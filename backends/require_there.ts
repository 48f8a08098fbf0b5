import { StoreError } from "../lib/model/errors.ts";
import { ioError, osCode } from "./io_errors.ts";

/** Conditions of a path that leads nowhere. */
const ABSENT = ["ENOENT", "ENOTDIR"];

/**
 * Refuse a store whose directory or file was never made: that is mostly one that was mistyped, and
 * must not pass for one that is empty.
 *
 * @throws {StoreError} `NotFound`, or why it cannot be told
 */
export async function requireThere(path: string, url: string): Promise<void> {
  try {
    await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    if (!ABSENT.includes(osCode(error) ?? "")) throw ioError(error, `cannot look for ${path}`);
    throw new StoreError(
      "NotFound",
      `there is no store ${url}: ${path} does not exist. Check its name, and whether its disk is ` +
        `there; a first snapshot makes it`,
      { cause: error },
    );
  }
}
