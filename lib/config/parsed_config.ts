import type { LogConfig, SetConfig } from "./schema.ts";
import type { StaticCredentials } from "./static_credentials.ts";

/** What a configuration file says, of either kind. Paths are as they stand in it. */
export interface ParsedConfig {
  readonly log: LogConfig;
  readonly sets: Readonly<Record<string, SetConfig>>;
  readonly drivers: Readonly<Record<string, string>>;
  /** Of a 2015 file that holds keys. */
  readonly credentials?: StaticCredentials;
  /** What is not wrong enough to stop, each with where it stands. */
  readonly warnings: readonly string[];
}
