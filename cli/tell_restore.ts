import type { RestoreReport } from "../lib/restore/restore_report.ts";
import type { BegunDocument } from "./begun_document.ts";
import { ToldFailure } from "./errors.ts";
import { EXIT } from "./exit_codes.ts";
import { nameOf, renderRestore, undoOf } from "./render_restore.ts";
import { quoted } from "./quoted.ts";
import type { RestoreFlags } from "./restore_flags.ts";
import type { Run } from "./run.ts";
import { leftOf, outcomeOf } from "./restore_outcome.ts";
import { selectionWords } from "./selection_flags.ts";
import { Interrupted } from "./signals.ts";

/**
 * Print what a restore or a download did.
 *
 * @param begun The document in JSON, if something of it was printed before.
 * @throws {ToldFailure} when some keys failed, or wait in an archive
 * @throws {Interrupted} when it was stopped
 */
export async function tellRestore(
  run: Run,
  report: RestoreReport,
  flags: RestoreFlags,
  begun?: BegunDocument,
): Promise<void> {
  warnOfUnmatched(run, report);
  const elsewhere = flags.to !== undefined;
  // Elsewhere the keys may have got a prefix, which the selection does not know.
  const selection = elsewhere ? [] : selectionWords(flags);
  const undo = undoOf(report, run.options, { elsewhere, selection });
  const fields = begun?.fieldsOf(report) ?? report;
  await run.report(fields, renderRestore(report, undo), outcomeOf(report), begun?.head);
  if (report.interrupted) {
    await run.output.flush();
    const { by } = run.signal.reason as Interrupted;
    const begun = flags.toDir === undefined
      ? "what was begun was finished"
      : "what was not whole was removed";
    throw new Interrupted(
      by,
      `stopped by ${by}; ${begun}. ` + whatIsLeft(report, undo),
    );
  }
  if (leftOf(report) > 0) throw new ToldFailure(EXIT.partly);
}

/** Where a prefix or a pattern among others is mistyped, nothing else would tell. */
export function warnOfUnmatched(run: Run, { unmatched }: RestoreReport): void {
  const { prefixes, include } = unmatched;
  const options = [
    ...prefixes.map((prefix) => `--prefix=${quoted(prefix)}`),
    ...include.map((pattern) => `--include=${quoted(pattern)}`),
  ];
  for (const option of options) {
    run.log.write("warning", `${option} selects nothing: see whether it is mistyped`);
  }
}

function whatIsLeft(report: RestoreReport, undo: string | undefined): string {
  if (report.dryRun) return "Nothing was changed";
  const back = undo === undefined ? "" : `; ${undo} undoes it`;
  return `Restore ${nameOf(report)} again to do the rest${back}`;
}
