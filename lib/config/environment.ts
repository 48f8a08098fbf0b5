import { logSchema, setSchema } from "./schema.ts";
import { defined, type Overrides } from "./overrides.ts";
import { retentionSchema } from "./retention_schema.ts";
import { validate } from "./validate.ts";

/** What every variable's name begins with. */
export const VARIABLE_PREFIX = "BACKUP_MY_BUCKET_";

/** Reads a variable; undefined where it is not set. */
export type ReadVariable = (name: string) => string | undefined;

const SET_KEYS = ["source", "replica", "store", "compress", "concurrency"];
/** Values that are no text: the rest would be misread, as a bucket's name that is a number. */
const PARSED_KEYS = ["compress", "concurrency", "syslog", ...Object.keys(retentionSchema.shape)];

/**
 * What the `BACKUP_MY_BUCKET_*` variables say: SET, SOURCE, REPLICA, STORE, COMPRESS, CONCURRENCY,
 * LOG_LEVEL, LOG_FORMAT, LOG_SYSLOG, and the retention rules (RETENTION_DAYS, MINIMUM_REDUNDANCY,
 * KEEP_LAST, ...). An empty variable counts as not set.
 *
 * @throws {InputError} naming the variable and what it accepts
 */
export function readEnvironment(read: ReadVariable): Overrides {
  const valuesOf = (keys: readonly string[], nameOf = variableOf) =>
    defined(Object.fromEntries(keys.map((key) => [key, valueOf(key, read(nameOf(key)))])));
  const rules = Object.keys(retentionSchema.shape);
  const logKeys = Object.keys(logSchema.shape);
  return {
    set: read(variableOf("set")) || undefined,
    ...validate(setSchema, valuesOf(SET_KEYS), ([key]) => variableOf(String(key))),
    retention: validate(
      retentionSchema,
      valuesOf(rules, ruleVariable),
      ([key]) => ruleVariable(String(key)),
    ),
    log: validate(logSchema, valuesOf(logKeys, logVariable), ([key]) => logVariable(String(key))),
  };
}

/** `minimumRedundancy` is set by `BACKUP_MY_BUCKET_MINIMUM_REDUNDANCY`. */
function variableOf(key: string): string {
  return VARIABLE_PREFIX + key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** "days" alone would not tell which days. */
function ruleVariable(key: string): string {
  return variableOf(key === "days" ? "retentionDays" : key);
}

function logVariable(key: string): string {
  return variableOf(`log_${key}`);
}

/** Numbers, true and false as themselves; all else is text, for the validator to judge. */
function valueOf(key: string, text: string | undefined): unknown {
  if (text === undefined || text === "") return undefined;
  if (!PARSED_KEYS.includes(key) || !/^(?:true|false|-?\d+(?:\.\d+)?)$/.test(text)) return text;
  return JSON.parse(text.replace(/^(-?)0+(?=\d)/, "$1"));
}
