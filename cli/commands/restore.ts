import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { parseTime } from "../../lib/model/time.ts";
import type { RestoreOptions } from "../../lib/restore.ts";
import type { RestoreBatch } from "../../lib/restore/restore_batch.ts";
import type { ThawTier } from "../../lib/s3/thaw_version.ts";
import { globalsOf, lockOwner, noLockOption, readBy, wholeNumber } from "../global_options.ts";
import { metricsOption, pingOption } from "../monitoring/monitor_flags.ts";
import { nameOf, renderRestore } from "../render_restore.ts";
import { assertTogether, bucketsOf, type RestoreFlags, wantedOf } from "../restore_flags.ts";
import type { Run } from "../run.ts";
import { addSelectionFlags, readSelection, selectionFlagsOf } from "../selection_flags.ts";
import { tellRestore, warnOfUnmatched } from "../tell_restore.ts";

/** How fast archived versions are made readable; the cheapest first. */
const TIERS = ["bulk", "standard", "expedited"] as const satisfies readonly ThawTier[];

/** Options that say how a bucket is changed, by the names that commander gives them. */
const BUCKET_ONLY = [
  ...["to", "delete", "allowEmpty", "undelete", "safetySnapshot", "lock"],
  ...["encryption", "acl", "stream", "maxCopySize"],
];

/** `restore`: make a bucket what a snapshot says it was. */
export function restoreCommand() {
  const command = new Command("restore")
    .description("make the bucket what a snapshot says it was")
    .argument("[snapshot]", "id, beginning of one, latest, or latest~N")
    .option(
      "--at <time>",
      "in place of a snapshot, what the bucket's versions say of 2026-11-23T01:15Z, or 36h ago",
      readBy(parseTime),
    )
    .option("--to <bucket>", "restore into this bucket, below the prefix that its URL has")
    .addOption(
      new Option("--to-dir <directory>", "download to files below this local directory")
        .conflicts(BUCKET_ONLY),
    )
    .option("--delete", "delete what the snapshot does not hold")
    .option(
      "--allow-empty",
      "with --delete, empty what the snapshot holds nothing of; or select nothing",
    )
    .option(
      "--undelete",
      "remove delete markers rather than copy, in the source and in its replica",
    )
    .option("--no-undelete", "copy, even in a bucket that is its own replica")
    .option("--dry-run", "only tell what would be done; with -v to which keys")
    .option("--no-safety-snapshot", "do not store first what would undo the restore")
    .addOption(
      new Option("--thaw <tier>", "ask for archived versions to be made readable").choices(TIERS),
    )
    .option("--thaw-days <n>", "for how many days they stay readable", wholeNumber(1))
    .option(
      "--encryption <how>",
      "how copies are encrypted: keep, bucket, AES256 or aws:kms[:KEY]",
    )
    .option("--acl", "put the versions' access control lists on the copies")
    .option("--stream", "download and upload: the servers or accounts cannot copy between them")
    .option(
      "--max-copy-size <bytes>",
      "the most that the server copies in one request",
      wholeNumber(1),
    )
    .option(
      "--force",
      "overwrite what changed meanwhile, and restore what is left of an expired snapshot",
    )
    .option(
      "--allow-other-replica",
      "take the versions from a replica that the snapshot does not name",
    )
    .addOption(noLockOption())
    .addOption(metricsOption())
    .addOption(pingOption())
    .action(async (snapshot, flags, command) => {
      const { withRun } = await import("../with_run.ts");
      const given = { ...flags, ...selectionFlagsOf(command) };
      await withRun(globalsOf(command), (run) => runRestore(run, snapshot, given), {
        watched: { command: "restore", ...flags },
      });
    });
  addSelectionFlags(command);
  return command;
}

async function runRestore(
  run: Run,
  snapshot: string | undefined,
  flags: RestoreFlags,
): Promise<void> {
  assertTogether(snapshot, flags);
  if (flags.toDir !== undefined) {
    const { runDownload } = await import("../run_download.ts");
    return await runDownload(run, snapshot, flags.toDir, flags);
  }
  const { restore } = await import("../../lib/restore.ts");
  const { concurrency } = run.settings;
  const buckets = await bucketsOf(run, flags.to);
  const options: RestoreOptions = {
    ...await wantedOf(run, snapshot, { ...flags, ...buckets }),
    ...buckets,
    ...await readSelection(flags, run.signal),
    delete: flags.delete ?? false,
    allowEmpty: flags.allowEmpty ?? false,
    ...(flags.undelete !== undefined && { undelete: flags.undelete }),
    safetySnapshot: flags.safetySnapshot,
    lock: flags.lock,
    owner: lockOwner(),
    allowExpired: flags.force ?? false,
    ...(flags.encryption !== undefined && { encryption: flags.encryption }),
    acl: flags.acl ?? false,
    stream: flags.stream ?? false,
    ...(flags.maxCopySize !== undefined && { maxCopySize: flags.maxCopySize }),
    overwriteChanged: flags.force ?? false,
    allowOtherReplica: flags.allowOtherReplica ?? false,
    ...(flags.thaw && { thaw: flags.thaw }),
    ...(flags.thawDays !== undefined && { thawDays: flags.thawDays }),
    ...(concurrency !== undefined && { concurrency }),
    signal: run.signal,
    onProgress: run.progress.onProgress,
  };
  const apply = (dryRun: boolean, more: Partial<RestoreOptions> = {}) =>
    run.stoppable("Nothing was changed", () => restore({ ...options, ...more, dryRun }));
  if (flags.dryRun && run.options.verbose) return await tellPlan(run, options, flags);
  if (!flags.dryRun && run.mustAsk) {
    const plan = await apply(true);
    run.signal.throwIfAborted();
    warnOfUnmatched(run, plan);
    await run.confirm(renderRestore(plan), `Restore ${plan.target} to ${nameOf(plan)}?`);
  }
  const { streamedReport } = await import("../streamed_report.ts");
  const { report, begun } = await streamedReport(
    run,
    (more) => apply(flags.dryRun ?? false, more),
  );
  await tellRestore(run, report, flags, begun);
}

/**
 * Also what would be done about which key, as the plan finds it. Those that are lost are among them,
 * so that the report need not tell of each once more.
 */
async function tellPlan(run: Run, options: RestoreOptions, flags: RestoreFlags): Promise<void> {
  const { restore } = await import("../../lib/restore.ts");
  const { PlanLines } = await import("../plan_lines.ts");
  const lines = new PlanLines(run.output, run.options.json ?? false);
  const onPlan = (batch: RestoreBatch) => lines.write(batch);
  const report = await run.stoppable(
    "Nothing was changed",
    () => restore({ ...options, dryRun: true, onPlan }),
  );
  await tellRestore(run, report, flags, lines);
}
