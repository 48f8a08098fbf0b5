import { applyEdits, modify } from "npm:jsonc-parser@3.3.1";
import { InputError } from "../model/errors.ts";
import { isLegacyConfig } from "./legacy_config.ts";
import { JsoncDocument } from "./jsonc_document.ts";
import { parseConfig } from "./parse_config.ts";

/**
 * A configuration in which source and replica of a set have changed places; comments and all else
 * stay as they are.
 *
 * @param file Its name in messages.
 * @throws {InputError} when it is no configuration, or has no such set with both buckets
 */
export function swapRoles(file: string, text: string, set: string): string {
  if (isLegacyConfig(new JsoncDocument(file, text).value)) {
    throw new InputError(
      `${file} is a configuration of 2015: write one of today with init, then fail over`,
    );
  }
  const { source, replica } = parseConfig(file, text).sets[set] ?? {};
  if (source === undefined || replica === undefined) {
    throw new InputError(
      `the set ${JSON.stringify(set)} of ${file} has no source and replica to change places`,
    );
  }
  const replaced = (from: string, key: string, value: string) =>
    applyEdits(from, modify(from, ["sets", set, key], value, {}));
  return replaced(replaced(text, "source", replica), "replica", source);
}
