import type { GcReport } from "../lib/gc/report.ts";
import { ToldFailure } from "./errors.ts";
import { EXIT } from "./exit_codes.ts";
import { renderGc } from "./render_gc.ts";
import type { Run } from "./run.ts";

/** What `gc` and `delete` have in common: shown first, asked, done, told. */
export async function runCollection(
  run: Run,
  isDryRun: boolean,
  apply: (dryRun: boolean) => Promise<GcReport>,
): Promise<void> {
  const dryRun = () => run.stoppable("Nothing was deleted", () => apply(true));
  if (isDryRun) return await tell(run, await dryRun());
  if (run.mustAsk) {
    const plan = await dryRun();
    const question = plan.expired.length > 0
      ? "Delete them for good?"
      : "Remove only what interrupted runs may have left?";
    await run.confirm(renderGc(plan), question);
  }
  const rest = "Snapshots that were to go may be marked as expired, and versions be deleted; the " +
    "next run does the rest";
  await tell(run, await run.stoppable(rest, () => apply(false)));
}

async function tell(run: Run, report: GcReport): Promise<void> {
  const { dryRun, versionsDeleted: objects, bytesFreed: bytes, failed } = report;
  await run.report(report, renderGc(report), { dryRun, objects, bytes, failures: failed.length });
  if (failed.length > 0) throw new ToldFailure(EXIT.partly);
}
