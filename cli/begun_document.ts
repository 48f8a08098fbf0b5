import type { RestoreReport } from "../lib/restore/restore_report.ts";

/** A document in JSON of which something was printed before there is a report. */
export interface BegunDocument {
  /** How it goes on: with the fields of the report. */
  readonly head: string;
  /** Those that are not printed yet. */
  fieldsOf(report: RestoreReport): object;
}
