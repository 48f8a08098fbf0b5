import type { RetentionConfig } from "./retention_schema.ts";
import type { LogConfig, SetConfig } from "./schema.ts";

/** What can be set without a file: on the command line, in the environment, in a call. */
export interface Overrides extends Omit<SetConfig, "retention"> {
  /** Which set of the file is meant. Not needed where there is one only. */
  readonly set?: string | undefined;
  readonly retention?: RetentionConfig | undefined;
  readonly log?: LogConfig | undefined;
}

/** The values that are there; an undefined one must not hide one of lower precedence. */
export function defined<Values extends object>(values: Values | undefined): Defined<Values> {
  const entries = Object.entries(values ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<Values>;
}

/** The same names, each absent or there. */
export type Defined<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> };
