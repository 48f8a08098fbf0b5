import type { OnFailure } from "../lib/restore/failures.ts";
import type { RestoreReport } from "../lib/restore/restore_report.ts";
import type { BegunDocument } from "./begun_document.ts";
import { FailureStream } from "./failure_stream.ts";
import type { Run } from "./run.ts";

/**
 * Do work. With `--json` its failures are printed as they come, in a document that is whole however
 * the work ends.
 *
 * @returns The report, and how the document goes on
 */
export async function streamedReport(
  run: Run,
  work: (more: { readonly onFailure?: OnFailure }) => Promise<RestoreReport>,
): Promise<{ readonly report: RestoreReport; readonly begun?: BegunDocument }> {
  if (!run.options.json) return { report: await work({}) };
  const begun = new FailureStream(run.output);
  try {
    return { report: await work({ onFailure: begun.onFailure }), begun };
  } catch (error) {
    await begun.end(error);
    throw error;
  }
}
