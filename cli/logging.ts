import { configureSync, getLogger, type Logger, type LogRecord } from "npm:@logtape/logtape@2.4.2";
import type { LogLevel, LogSettings } from "../lib/config/log_settings.ts";
import { Syslog } from "./syslog.ts";

/** A way for lines to go, at once. */
export type WriteLine = (line: string) => void;

/** The log of a run: to stderr, and to syslog where that is wanted. */
export interface Log extends AsyncDisposable {
  /** Log a line, if the level is low enough. */
  write(level: LogLevel, message: string): void;
  /** Tell syslog of an error that stderr is told in another form. */
  tellSyslog(message: string): void;
}

const CATEGORY = "backup-my-bucket";
const LOG: Readonly<Record<LogLevel, (logger: Logger, message: string) => void>> = {
  error: (logger, message) => logger.error("{message}", { message }),
  warning: (logger, message) => logger.warn("{message}", { message }),
  info: (logger, message) => logger.info("{message}", { message }),
  debug: (logger, message) => logger.debug("{message}", { message }),
};
const LEVEL_WIDTH = "warning".length;

/** Begin to log. `write` gets whole lines, in text or JSON as the settings say. */
export function openLog({ level, format, syslog }: LogSettings, write: WriteLine): Log {
  const render = format === "json" ? jsonLine : textLine;
  const system = syslog ? new Syslog((reason) => warnOfSyslog(reason, render, write)) : undefined;
  configureSync({
    reset: true,
    sinks: {
      stderr: (record: LogRecord) => write(render(recordLine(record))),
      syslog: (record: LogRecord) => system?.write(levelOf(record), messageOf(record)),
    },
    loggers: [
      { category: CATEGORY, lowestLevel: level, sinks: ["stderr", "syslog"] },
      // Its own remarks about how it is used are not for users.
      { category: ["logtape", "meta"], lowestLevel: "fatal", sinks: ["stderr"] },
    ],
  });
  const logger = getLogger(CATEGORY);
  return {
    // A message is no template: a key may hold braces.
    write: (level, message) => LOG[level](logger, message),
    tellSyslog: (message) => system?.write("error", message),
    [Symbol.asyncDispose]: async () => await system?.[Symbol.asyncDispose](),
  };
}

/** One line of the log. */
export interface LogLine {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  /** Of an error. */
  readonly code?: string;
}

/** `2026-11-23T01:15:30.123Z warning the rest`. */
export function textLine({ time, level, message }: LogLine): string {
  return `${time} ${level.padEnd(LEVEL_WIDTH)} ${message}\n`;
}

/** The same as a line of JSON. */
export function jsonLine(line: LogLine): string {
  return JSON.stringify(line) + "\n";
}

function recordLine(record: LogRecord): LogLine {
  const time = new Date(record.timestamp).toISOString();
  return { time, level: levelOf(record), message: messageOf(record) };
}

function levelOf({ level }: LogRecord): LogLevel {
  if (level === "trace") return "debug";
  return level === "fatal" ? "error" : level;
}

function messageOf({ message }: LogRecord): string {
  return message.map(String).join("");
}

function warnOfSyslog(reason: string, render: (line: LogLine) => string, write: WriteLine): void {
  const message = `syslog gets nothing: ${reason}`;
  write(render({ time: new Date().toISOString(), level: "warning", message }));
}
