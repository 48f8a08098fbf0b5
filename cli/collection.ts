import type { GcReport } from "../lib/gc/report.ts";
import { ToldFailure } from "./errors.ts";
import { EXIT } from "./exit_codes.ts";
import { renderGc } from "./render_gc.ts";
import type { Run } from "./run.ts";

/** How {@linkcode runCollection} goes about it. */
export interface CollectionStyle {
  readonly isDryRun: boolean;
  /** Whether versions that no snapshot names are to go, too. Default: false. */
  readonly sweeps?: boolean;
  /** Told once of what is found, before anything else is. Default: nobody is. */
  readonly onFound?: (report: GcReport) => void;
}

/** What `gc` and `delete` have in common: shown first, asked, done, told. */
export async function runCollection(
  run: Run,
  { isDryRun, sweeps = false, onFound }: CollectionStyle,
  apply: (dryRun: boolean) => Promise<GcReport>,
): Promise<void> {
  const dryRun = () => run.stoppable("Nothing was deleted", () => apply(true));
  if (isDryRun) {
    const report = await dryRun();
    onFound?.(report);
    return await tell(run, report, sweeps);
  }
  const asks = run.mustAsk;
  if (asks) {
    const plan = await dryRun();
    onFound?.(plan);
    const question = plan.expired.length > 0 || plan.versionsDeleted > 0
      ? "Delete them for good?"
      : "Remove only what interrupted runs may have left?";
    await run.confirm(renderGc(plan, sweeps), question);
  }
  const rest = "Snapshots that were to go may be marked as expired, and versions be deleted; the " +
    "next run does the rest";
  const report = await run.stoppable(rest, () => apply(false));
  if (!asks) onFound?.(report);
  await tell(run, report, sweeps);
}

async function tell(run: Run, report: GcReport, sweeps: boolean): Promise<void> {
  const { dryRun, versionsDeleted: objects, bytesFreed: bytes, failedCount: failures } = report;
  await run.report(report, renderGc(report, sweeps), { dryRun, objects, bytes, failures });
  if (failures > 0) throw new ToldFailure(EXIT.partly);
}
