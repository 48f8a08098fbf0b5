import type { RestoreReport } from "../lib/restore/restore_report.ts";
import type { Outcome } from "./monitoring/outcome.ts";

/** What of a restore those who watch it want to know. */
export function outcomeOf(report: RestoreReport): Outcome {
  const { dryRun, copied, undeleted, deleted, bytesCopied: bytes } = report;
  return { dryRun, objects: copied + undeleted + deleted, bytes, failures: leftOf(report) };
}

/** Objects that are not as they were to be: those that failed, and archived ones that wait. */
export function leftOf({ dryRun, failedCount, archived }: RestoreReport): number {
  // A plan leaves nothing behind.
  return failedCount + (dryRun ? 0 : archived);
}
