import { resolveSettings } from "../lib/config.ts";
import type { LogSettings } from "../lib/config/log_settings.ts";
import type { RetentionConfig } from "../lib/config/retention_schema.ts";
import { readVariable } from "./environment.ts";
import { failureOf, ToldFailure } from "./errors.ts";
import { findConfig } from "./find_config.ts";
import type { GlobalOptions } from "./global_options.ts";
import { OutputClosed } from "./output.ts";
import { Run } from "./run.ts";

/**
 * Gather what a command works with (its options, the environment, a configuration file), do its
 * work, and close everything.
 *
 * @throws {InputError} when one of these cannot be used
 */
export async function withRun(
  options: GlobalOptions,
  work: (run: Run) => Promise<void>,
  retention?: RetentionConfig,
): Promise<void> {
  await using run = await openRun(options, retention);
  try {
    await work(run);
    run.progress.clear();
    await run.output.flush();
  } catch (error) {
    run.progress.clear();
    const isTold = error instanceof ToldFailure || error instanceof OutputClosed;
    if (error instanceof ToldFailure) await run.output.flush();
    if (!isTold) run.log.tellSyslog(failureOf(error).message);
    throw error;
  }
}

async function openRun(options: GlobalOptions, retention?: RetentionConfig): Promise<Run> {
  const { set, source, replica, store, concurrency } = options;
  const file = await findConfig(options.config);
  const settings = resolveSettings({
    file,
    readVariable,
    overrides: { set, source, replica, store, concurrency, retention, log: logOf(options) },
  });
  const run = new Run(settings, options);
  const chosen = settings.set === undefined ? "" : `, set ${settings.set}`;
  run.log.write("debug", file ? `configuration ${file.path}${chosen}` : "no configuration file");
  return run;
}

function logOf({ quiet, verbose, logFormat }: GlobalOptions): Partial<LogSettings> {
  const level = quiet ? "warning" : verbose ? "debug" : undefined;
  return { ...(level && { level }), ...(logFormat && { format: logFormat }) };
}
