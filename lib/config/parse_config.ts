import { BackupError, InputError } from "../model/errors.ts";
import { parseBucketUrl } from "../s3/bucket_url.ts";
import { nameOf } from "./issue_message.ts";
import { JsoncDocument, type JsonPath } from "./jsonc_document.ts";
import { isLegacyConfig, readLegacyConfig } from "./legacy_config.ts";
import type { ParsedConfig } from "./parsed_config.ts";
import { type Config, configSchema } from "./schema.ts";
import { validate } from "./validate.ts";

/**
 * Read a configuration: JSON with comments, ours or that of 2015, told apart by what it holds.
 *
 * @param file Its name in messages.
 * @throws {InputError} with file, line and column, what is wrong, and what is accepted
 */
export function parseConfig(file: string, text: string): ParsedConfig {
  const document = new JsoncDocument(file, text);
  if (isLegacyConfig(document.value)) return readLegacyConfig(document);
  refuseDuplicates(document);
  const config = validate(configSchema, document.value, (path) => document.whereIs(path));
  checkUrls(config, document);
  return {
    log: config.log ?? {},
    sets: config.sets,
    drivers: config.drivers ?? {},
    warnings: [],
  };
}

function refuseDuplicates(document: JsoncDocument): void {
  const duplicate = document.findDuplicate();
  if (!duplicate) return;
  const { path, where } = duplicate;
  throw new InputError(`${where}: ${nameOf(path)} is given twice: give it once`);
}

function checkUrls(config: Config, document: JsoncDocument): void {
  for (const [name, { source, replica }] of Object.entries(config.sets)) {
    const at = (key: string): JsonPath => ["sets", name, key];
    checkUrl(source, at("source"), document);
    checkUrl(replica, at("replica"), document);
  }
}

function checkUrl(
  text: string | undefined,
  path: JsonPath,
  document: JsoncDocument,
): void {
  try {
    if (text !== undefined) parseBucketUrl(text);
  } catch (cause) {
    if (!(cause instanceof BackupError)) throw cause;
    throw new InputError(`${document.whereIs(path)}: ${nameOf(path)}: ${cause.message}`, { cause });
  }
}
