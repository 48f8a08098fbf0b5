/** What can be logged, the gravest first. */
export const LOG_LEVELS = ["error", "warning", "info", "debug"] as const;
/** One of {@linkcode LOG_LEVELS}: it and everything graver is logged. */
export type LogLevel = typeof LOG_LEVELS[number];

/** How a log line looks. */
export const LOG_FORMATS = ["text", "json"] as const;
/** One of {@linkcode LOG_FORMATS}. */
export type LogFormat = typeof LOG_FORMATS[number];

/** What is logged, and how. */
export interface LogSettings {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Whether the log also goes to syslog. */
  readonly syslog: boolean;
}

/** What is logged when nothing says otherwise. */
export const DEFAULT_LOG: LogSettings = { level: "info", format: "text", syslog: false };
