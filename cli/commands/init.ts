import { Command } from "npm:@commander-js/extra-typings@15.1.0";
import type { Answers, Preparation } from "../init/answers.ts";
import { globalsOf, wholeNumber } from "../global_options.ts";
import type { Run } from "../run.ts";

/** What `init` takes besides what every command does. */
interface Flags {
  readonly retentionDays?: number | undefined;
  readonly minimumRedundancy?: number | undefined;
  readonly check: boolean;
  readonly dryRun?: true | undefined;
}

/** `init`: a configuration, and what else a new installation needs. */
export function initCommand() {
  return new Command("init")
    .description(
      "ask for buckets and a store, try them, write a configuration, and print what IAM, S3, " +
        "cron and systemd need",
    )
    .option("--retention-days <n>", "days that a point is kept", wholeNumber(1))
    .option("--minimum-redundancy <n>", "points that are kept in any case", wholeNumber(1))
    .option("--no-check", "write the configuration without trying the buckets and the store")
    .option("--dry-run", "write nothing, and do not try the store")
    .action(async (flags, command) => {
      const globals = globalsOf(command);
      const { askAnswers } = await import("../init/ask_answers.ts");
      const { openQuestioner } = await import("../terminal.ts");
      const places = await import("../init/places.ts");
      const config = await places.newConfigPath(globals.config);
      const asked = await askAnswers(
        {
          ...globals,
          days: flags.retentionDays,
          minimumRedundancy: flags.minimumRedundancy,
        },
        globals.yes ? undefined : openQuestioner(),
        new AbortController().signal,
        places.defaultStore,
      );
      const answers = { ...asked, store: places.absoluteStore(asked.store) };
      places.assertStoreApart(answers);
      const { source, replica, store } = answers;
      const { withRun } = await import("../with_run.ts");
      await withRun(
        { ...globals, source, ...(replica !== undefined && { replica }), store },
        (run) => runInit(run, answers, config, flags),
        { isFirst: true },
      );
    });
}

async function runInit(run: Run, answers: Answers, config: string, flags: Flags): Promise<void> {
  const { prepare } = await import("../init/prepare.ts");
  const { renderPreparation } = await import("../init/render_preparation.ts");
  const preparation = prepare(answers, config);
  if (flags.check) await assertAccess(run, answers, flags.dryRun ?? false);
  if (!flags.dryRun) await writeConfig(preparation);
  if (run.options.json) await run.output.writeJson(told(preparation, flags));
  else await run.output.write(renderPreparation(preparation, flags.dryRun ?? false));
  // Last, where it is read.
  await run.output.flush();
  for (const warning of preparation.warnings) run.log.write("warning", warning);
}

/** @throws {BackupError} `ConfigNotWritten` */
async function writeConfig({ config, text }: Preparation): Promise<void> {
  try {
    await Deno.writeTextFile(config, text, { createNew: true });
  } catch (cause) {
    const { BackupError } = await import("../../lib/model/errors.ts");
    const reason = cause instanceof Deno.errors.PermissionDenied
      ? "this user is not allowed to"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new BackupError(
      "ConfigNotWritten",
      `cannot write the configuration ${config}: ${reason}. Name another place with --config`,
      { cause },
    );
  }
}

async function assertAccess(run: Run, answers: Answers, isDryRun: boolean): Promise<void> {
  const { checkAccess } = await import("../init/check_access.ts");
  const { ToldFailure } = await import("../errors.ts");
  const { EXIT } = await import("../exit_codes.ts");
  const { writeStderr } = await import("../terminal.ts");
  let problems = 0;
  const checks = checkAccess({
    source: run.openSource(),
    replica: answers.replica === undefined ? undefined : run.openReplica(),
    openStore: isDryRun ? undefined : () => run.openStore({ create: true }),
    probeName: `init-${crypto.randomUUID()}`,
    signal: run.signal,
  });
  for await (const { what, problem } of checks) {
    if (problem !== undefined) problems++;
    writeStderr(problem === undefined ? `ok      ${what}\n` : `FAILED  ${what}: ${problem}\n`);
  }
  if (problems === 0) return;
  writeStderr("Nothing was written. Mend this and run init again, or use --no-check.\n");
  throw new ToldFailure(EXIT.failed);
}

function told({ config, text, ...rest }: Preparation, { dryRun }: Flags): object {
  return { dryRun: dryRun ?? false, config: { path: config, text }, ...rest };
}
