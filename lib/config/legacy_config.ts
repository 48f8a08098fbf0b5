/**
 * The configuration file of 2015, read as it stands:
 *
 *     { "LogLevel": 1, "AwsLogLevel": 0, "Syslog": true,
 *       "BackupSet": { "SnapshotsDir": "/var/backups", "CompressSnapshots": true,
 *         "MinimumRedundancy": 2, "RetentionPolicy": 30,
 *         "MasterBucket": "photos", "MasterRegion": "eu-west-1",
 *         "SlaveBucket": "photos-replica", "SlaveRegion": "eu-central-1",
 *         "AccessKey": "...", "SecretKey": "..." } }
 *
 * Names match without regard to case and unknown ones are passed over, as Go's decoder did; but
 * each of those is told, since it may be a typing error.
 */
import { InputError } from "../model/errors.ts";
import { assertBucketLocation, formatBucketUrl } from "../s3/bucket_url.ts";
import type { JsoncDocument } from "./jsonc_document.ts";
import { type LegacyObject, LegacyReader } from "./legacy_object.ts";
import type { ParsedConfig } from "./parsed_config.ts";
import type { LogLevel } from "./log_settings.ts";
import type { SetConfig } from "./schema.ts";
import { StaticCredentials } from "./static_credentials.ts";

const GLOBAL_NAMES = ["LogLevel", "AwsLogLevel", "Syslog", "BackupSet"] as const;
const SET_NAMES = [
  "SnapshotsDir",
  "CompressSnapshots",
  "MinimumRedundancy",
  "RetentionPolicy",
  "MasterBucket",
  "MasterRegion",
  "SlaveBucket",
  "SlaveRegion",
  "AccessKey",
  "SecretKey",
] as const;

/** What LogLevel's numbers meant: quiet, info, debug. */
const LOG_LEVEL_OF: readonly LogLevel[] = ["error", "info", "debug"];
const MAX_AWS_LOG_LEVEL = 5;

/** Its only set's name. */
export const LEGACY_SET = "default";

/** Whether this is a configuration of 2015: told by its content, under whatever name. */
export function isLegacyConfig(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const names = Object.keys(value).map((name) => name.toLowerCase());
  return names.includes("backupset") && !names.includes("sets");
}

/** @throws {InputError} naming the value that is missing or cannot be used */
export function readLegacyConfig(document: JsoncDocument): ParsedConfig {
  const reader = new LegacyReader(document);
  const root = reader.object(document.value, [], GLOBAL_NAMES);
  const level = root.integer("LogLevel", { min: 0, max: LOG_LEVEL_OF.length - 1 });
  const awsLevel = root.integer("AwsLogLevel", { min: 0, max: MAX_AWS_LOG_LEVEL });
  if (awsLevel) {
    reader.warn(
      root.path("AwsLogLevel"),
      "AwsLogLevel has no effect any more: what S3 refuses is told in full in each error",
    );
  }
  const syslog = root.boolean("Syslog");
  const set = reader.object(root.value("BackupSet"), root.path("BackupSet"), SET_NAMES);
  const credentials = readCredentials(set);
  return {
    log: {
      ...(level !== undefined && { level: LOG_LEVEL_OF[level]! }),
      ...(syslog !== undefined && { syslog }),
    },
    sets: { [LEGACY_SET]: readSet(set) },
    drivers: {},
    ...(credentials && { credentials }),
    warnings: reader.warnings,
  };
}

function readSet(set: LegacyObject): SetConfig {
  const compress = set.boolean("CompressSnapshots");
  const days = set.integer("RetentionPolicy", { min: 1 });
  const minimumRedundancy = set.integer("MinimumRedundancy", { min: 1 });
  return {
    source: bucketUrl(set, "MasterBucket", "MasterRegion"),
    replica: bucketUrl(set, "SlaveBucket", "SlaveRegion"),
    store: set.text("SnapshotsDir"),
    ...(compress !== undefined && { compress }),
    retention: {
      ...(days !== undefined && { days }),
      ...(minimumRedundancy !== undefined && { minimumRedundancy }),
    },
  };
}

function bucketUrl(set: LegacyObject, bucketName: string, regionName: string): string {
  const bucket = set.text(bucketName);
  const region = set.optionalText(regionName);
  const location = { bucket, prefix: "", ...(region && { region }), pathStyle: false };
  try {
    assertBucketLocation(location);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw set.error(bucketName, `cannot be used: ${cause.message}`);
  }
  return formatBucketUrl(location);
}

/** Without both, the keys come from where the AWS tools look, as they did in 2015. */
function readCredentials(set: LegacyObject): StaticCredentials | undefined {
  const accessKey = set.optionalText("AccessKey");
  const secretKey = set.optionalText("SecretKey");
  if (accessKey !== undefined && secretKey !== undefined) {
    return new StaticCredentials(accessKey, secretKey);
  }
  if (accessKey === undefined && secretKey === undefined) return;
  const [given, missing] = accessKey === undefined
    ? ["SecretKey", "AccessKey"]
    : ["AccessKey", "SecretKey"];
  throw set.error(given, `comes without ${missing}: give both, or neither`);
}
