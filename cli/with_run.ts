import { resolveSettings } from "../lib/config.ts";
import type { LogSettings } from "../lib/config/log_settings.ts";
import type { RetentionConfig } from "../lib/config/retention_schema.ts";
import { readVariable } from "./environment.ts";
import { exitCodeOf, failureOf, ToldFailure, TwoFailures, untoldOf } from "./errors.ts";
import { EXIT } from "./exit_codes.ts";
import { findConfig } from "./find_config.ts";
import type { GlobalOptions } from "./global_options.ts";
import { settleHome } from "./home_directory.ts";
import { Monitor, type MonitorOptions } from "./monitoring/monitor.ts";
import { OutputClosed } from "./output.ts";
import { Run } from "./run.ts";

/** What only some commands have. */
export interface RunExtras {
  /** Rules of the command line, before those of a configuration. */
  readonly retention?: RetentionConfig;
  /** There is no configuration yet, and the command writes one: none is looked for. */
  readonly isFirst?: boolean;
  /** Who is to be told how it ended, of which command. */
  readonly watched?: MonitorOptions & { readonly command: string };
}

/**
 * Gather what a command works with (its options, the environment, a configuration file), do its
 * work, tell those who watch, and close everything.
 *
 * @throws {InputError} when one of these cannot be used
 */
export async function withRun(
  options: GlobalOptions,
  work: (run: Run) => Promise<void>,
  { retention, watched, isFirst = false }: RunExtras = {},
): Promise<void> {
  await using run = await openRun(options, isFirst, retention);
  try {
    await doWatched(run, work, watched);
  } catch (error) {
    for (const each of untoldOf(error)) run.log.tellSyslog(failureOf(each).message);
    throw error;
  }
}

/** Do the work, once it is known that those who watch can be told, and tell them. */
async function doWatched(
  run: Run,
  work: (run: Run) => Promise<void>,
  watched: RunExtras["watched"],
): Promise<void> {
  const tell = await openMonitor(run, watched);
  try {
    await work(run);
    run.progress.clear();
    await run.output.flush();
  } catch (error) {
    run.progress.clear();
    if (error instanceof ToldFailure) await run.output.flush();
    throw await tellOf(error, tell);
  }
  await tell(EXIT.done);
}

/** Tell those who watch of a failure. @returns What it comes to: they may be out of reach, too */
async function tellOf(
  error: unknown,
  tell: (exitCode: number) => Promise<void>,
): Promise<unknown> {
  try {
    await tell(exitCodeOf(error));
    return error;
  } catch (second) {
    // Whoever closed the output has what was wanted: that is no failure to be told first.
    return error instanceof OutputClosed ? second : new TwoFailures(error, second);
  }
}

async function openMonitor(
  run: Run,
  watched: RunExtras["watched"],
): Promise<(exitCode: number) => Promise<void>> {
  if (!watched) return () => Promise.resolve();
  const startedAt = performance.now();
  const monitor = await Monitor.open(watched, (message) => run.log.write("warning", message));
  return (exitCode) =>
    monitor.tell({
      command: watched.command,
      set: run.settings.set ?? "",
      exitCode,
      endedAt: Date.now() / 1000,
      duration: (performance.now() - startedAt) / 1000,
      outcome: run.outcome,
    });
}

async function openRun(
  options: GlobalOptions,
  isFirst: boolean,
  retention?: RetentionConfig,
): Promise<Run> {
  const { source, replica, store, concurrency } = options;
  const file = isFirst ? undefined : await findConfig(options.config);
  // Without a file there are no sets to choose from.
  const set = isFirst ? undefined : options.set;
  const settings = resolveSettings({
    file,
    readVariable,
    overrides: { set, source, replica, store, concurrency, retention, log: logOf(options) },
  });
  settleHome();
  const run = new Run(settings, options);
  const chosen = settings.set === undefined ? "" : `, set ${settings.set}`;
  run.log.write("debug", file ? `configuration ${file.path}${chosen}` : "no configuration file");
  return run;
}

function logOf({ quiet, verbose, logFormat }: GlobalOptions): Partial<LogSettings> {
  const level = quiet ? "warning" : verbose ? "debug" : undefined;
  return { ...(level && { level }), ...(logFormat && { format: logFormat }) };
}
