/** The configuration file, as zod checks it and as the JSON Schema for editors is made from it. */
import * as z from "npm:zod@4.6.7";
import { LOG_FORMATS, LOG_LEVELS } from "./log_settings.ts";
import { retentionSchema } from "./retention_schema.ts";

/** Most requests that a run may have in flight, as `openBucket` has it. */
const MAX_CONCURRENCY = 1024;

function flag(description: string) {
  return z.boolean({ error: "must be true or false" }).describe(description).optional();
}

function text(accepted: string, description: string) {
  const error = `must be ${accepted}`;
  return z.string({ error }).min(1, { error }).describe(description).optional();
}

function oneOf<const Names extends readonly [string, ...string[]]>(
  names: Names,
  description: string,
) {
  const error = `must be one of ${names.map((name) => `"${name}"`).join(", ")}`;
  return z.enum(names, { error }).describe(description).optional();
}

const BUCKET_FORM = "a bucket's URL: s3://NAME[/PREFIX][?region=REGION&endpoint=URL]";
const CONCURRENCY_FORM = `must be a whole number from 1 to ${MAX_CONCURRENCY}`;

/** One bucket to keep restoration points of. */
export const setSchema = z.strictObject({
  source: text(BUCKET_FORM, "The bucket that applications write to, and that is restored."),
  replica: text(
    BUCKET_FORM,
    "The versioned bucket that holds the versions. Left out: the source itself.",
  ),
  store: text(
    "a directory or a store's URL",
    "Where snapshots live: a directory, or a URL of file:, sqlite:, s3: or a driver's scheme.",
  ),
  compress: flag("Whether snapshots are compressed. Default: true."),
  concurrency: z.int({ error: CONCURRENCY_FORM })
    .min(1, { error: CONCURRENCY_FORM })
    .max(MAX_CONCURRENCY, { error: CONCURRENCY_FORM })
    .describe("Most requests in flight at once. Default: 32.")
    .optional(),
  retention: retentionSchema.describe("What gc keeps.").optional(),
}, { error: "must be an object with source, replica and store" });

/** What is logged, and how. */
export const logSchema = z.strictObject({
  level: oneOf(LOG_LEVELS, "What is logged: this and everything graver. Default: info."),
  format: oneOf(LOG_FORMATS, "Lines of text, or one JSON object a line. Default: text."),
  syslog: flag("Whether the log also goes to syslog: facility local0, tag backup-my-bucket."),
}, { error: "must be an object with level, format and syslog" });

/** A whole configuration file. */
export const configSchema = z.strictObject({
  $schema: text("a URL", "Where editors find this schema."),
  log: logSchema.describe("What is logged to stderr, and how.").optional(),
  sets: z.record(z.string(), setSchema, { error: "must be an object: a name for each set" })
    .describe("The buckets to keep restoration points of, by a name for each."),
  drivers: z.record(
    z.string().regex(/^[a-z][a-z0-9+.-]*$/, {
      error: 'is no URL scheme: use lower-case letters, digits, "+", "." and "-"',
    }),
    z.string({ error: "must be the specifier of a module: a path, a URL, npm: or jsr:" }),
    { error: "must be an object: a module for each URL scheme" },
  ).describe("Modules that open further kinds of stores, by URL scheme.").optional(),
}, { error: "must be an object" }).describe("Configuration of backup-my-bucket");

/** A configuration file's content. */
export type Config = z.infer<typeof configSchema>;
/** One of its sets. */
export type SetConfig = z.infer<typeof setSchema>;

/** Its log settings. */
export type LogConfig = z.infer<typeof logSchema>;

/** The JSON Schema that editors check a configuration file with. */
export function configJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(configSchema, { target: "draft-7", io: "input" }) };
}
