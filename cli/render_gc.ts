import type { GcReport } from "../lib/gc/report.ts";
import { renderFailures } from "./failures.ts";
import { countOf, formatBytes, formatCount } from "./format.ts";
import { type Column, renderTable } from "./table.ts";

const COLUMNS: readonly Column[] = [{ title: "ID" }, { title: "VERDICT" }, { title: "BECAUSE" }];
const DRY_COLUMNS: readonly Column[] = [
  ...COLUMNS.slice(0, 2),
  { title: "ONLY IT HOLDS", align: "right" },
  { title: "SIZE", align: "right" },
  ...COLUMNS.slice(2),
];

/** A collection in words: what became of each snapshot, or as a dry run would, and the total. */
export function renderGc(report: GcReport): string {
  const { dryRun, points, expired, kept, versionsDeleted, bytesFreed, failed } = report;
  const rows = points.map(({ id, keep, reasons, versions, bytes }) => {
    const verdict = keep ? "kept" : dryRun ? "to delete" : "deleted";
    const held = [
      versions === undefined ? "-" : formatCount(versions),
      bytes === undefined ? "-" : formatBytes(bytes),
    ];
    return [id, verdict, ...(dryRun ? held : []), reasons.join(", ")];
  });
  const table = rows.length > 0 ? renderTable(dryRun ? DRY_COLUMNS : COLUMNS, rows) : "";
  return table +
    `${countOf(kept.length, "snapshot")} kept, ${formatCount(expired.length)} ` +
    `${dryRun ? "to delete" : "deleted"} with ${countOf(versionsDeleted, "version")}, ` +
    `${formatBytes(bytesFreed)}\n` +
    renderFailures(failed);
}
