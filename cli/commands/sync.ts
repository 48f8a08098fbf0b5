import { Command } from "npm:@commander-js/extra-typings@15.1.0";
import type { RestoreReport } from "../../lib/restore/restore_report.ts";
import { ToldFailure } from "../errors.ts";
import { EXIT } from "../exit_codes.ts";
import { globalsOf, noLockOption } from "../global_options.ts";
import { metricsOption, pingOption } from "../monitoring/monitor_flags.ts";
import { leftOf, outcomeOf } from "../restore_outcome.ts";
import type { Run } from "../run.ts";
import { Interrupted } from "../signals.ts";

/** `sync`: copy to the replica what S3 does not replicate itself. */
export function syncCommand() {
  return new Command("sync")
    .description("make the replica equal to the source, where S3 does not replicate by itself")
    .option("--no-delete", "leave in the replica what the source does not hold")
    .option("--allow-empty", "empty the replica when the source holds nothing")
    .option("--encryption <how>", "how copies are encrypted: keep, bucket, AES256 or aws:kms[:KEY]")
    .option("--acl", "put the objects' access control lists on the copies")
    .option("--dry-run", "only tell what would be done")
    .addOption(noLockOption())
    .addOption(metricsOption())
    .addOption(pingOption())
    .action(async (flags, command) => {
      const { delete: isDeleting, allowEmpty, encryption, acl, dryRun, lock, ...watched } = flags;
      const { withRun } = await import("../with_run.ts");
      const { streamedReport } = await import("../streamed_report.ts");
      const { renderSync, syncReplica } = await import("../sync_replica.ts");
      const options = {
        delete: isDeleting,
        allowEmpty: allowEmpty ?? false,
        acl: acl ?? false,
        lock,
        ...(encryption !== undefined && { encryption }),
      };
      await withRun(globalsOf(command), async (run) => {
        if (run.mustAsk && !dryRun) {
          const plan = await syncReplica(run, { ...options, dryRun: true });
          run.signal.throwIfAborted();
          await run.confirm(renderSync(plan), `Make ${plan.target} equal to its source?`);
        }
        const { report, begun } = await streamedReport(
          run,
          (more) => syncReplica(run, { ...options, ...more, dryRun: dryRun ?? false }),
        );
        const fields = begun?.fieldsOf(report) ?? report;
        await run.report(fields, renderSync(report), outcomeOf(report), begun?.head);
        await endAs(run, report);
      }, { watched: { command: "sync", ...watched } });
    });
}

async function endAs(run: Run, report: RestoreReport): Promise<void> {
  if (report.interrupted) {
    await run.output.flush();
    const { by } = run.signal.reason as Interrupted;
    throw new Interrupted(by, `stopped by ${by}; sync again to do the rest`);
  }
  if (leftOf(report) > 0) throw new ToldFailure(EXIT.partly);
}
