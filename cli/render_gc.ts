import type { GcReport, PointReport, UnreferencedReport } from "../lib/gc/report.ts";
import { DELETION_DENIED } from "../lib/s3/s3_remedies.ts";
import { renderFailures } from "./failures.ts";
import { countOf, formatBytes, formatCount, formatTime } from "./format.ts";
import { type Column, renderTable } from "./table.ts";

const VERDICTS = { kept: "kept", due: "to delete", removed: "deleted" } as const;
const COLUMNS: readonly Column[] = [{ title: "ID" }, { title: "VERDICT" }, { title: "BECAUSE" }];
const DRY_COLUMNS: readonly Column[] = [
  ...COLUMNS.slice(0, 2),
  // Not what only it names, as stats has it: what is current or gone frees nothing.
  { title: "FREES ALONE", align: "right" },
  { title: "SIZE", align: "right" },
  ...COLUMNS.slice(2),
];

/**
 * A collection in words: what became of each snapshot, or as a dry run would, and the total.
 *
 * @param sweeps Whether versions that no snapshot names were to go, too.
 */
export function renderGc(report: GcReport, sweeps = false): string {
  const { dryRun, points, expired, kept, unreferenced, failed, failedCount } = report;
  const rows = points.map((point) => {
    const { id, reasons, versions, bytes } = point;
    const held = [
      versions === undefined ? "-" : formatCount(versions),
      bytes === undefined ? "-" : formatBytes(bytes),
    ];
    return [id, verdictOf(point), ...(dryRun ? held : []), reasons.join(", ")];
  });
  const stay = points.filter(({ state }) => state === "expired").length;
  const table = rows.length > 0 ? renderTable(dryRun ? DRY_COLUMNS : COLUMNS, rows) : "";
  return table + (unreferenced ? renderUnreferenced(unreferenced, sweeps) : "") +
    `${countOf(kept.length, "snapshot")} kept, ${formatCount(expired.length - stay)} ` +
    `${dryRun ? "to delete" : "deleted"}${sweeps ? "; in all" : " with"} ` +
    `${totalsOf({ versions: report.versionsDeleted, bytes: report.bytesFreed })}` +
    `${stay === 0 ? "" : `; ${countOf(stay, "stays expired", "stay expired")}`}\n` +
    renderFailures(failed, failedCount) + renderRemedy(failed);
}

function verdictOf({ state, refused = 0 }: PointReport): string {
  if (state !== "expired") return VERDICTS[state];
  return `expired, ${
    refused > 0 ? countOf(refused, "version") : "versions"
  } refused; tried again ` +
    `next time`;
}

/** Once, as it would be the same for each key. */
function renderRemedy(failed: GcReport["failed"]): string {
  const isDenied = failed.some(({ code }) => code === "AccessDenied");
  return isDenied ? `AccessDenied: ${DELETION_DENIED}\n` : "";
}

function renderUnreferenced(
  { before, versions, bytes, due }: UnreferencedReport,
  sweeps: boolean,
): string {
  const noun = versions === 1 ? "noncurrent version or delete marker" : NOUN;
  const found = `No snapshot names ${formatCount(versions)} ${noun}, ${formatBytes(bytes)}\n`;
  if (versions === 0) return found;
  if (before === null) return `${found}Without a snapshot that is kept, none of them goes\n`;
  const some = `${formatCount(due.versions)} of them, ${formatBytes(due.bytes)}`;
  const since = `not current since ${formatTime(before)}`;
  return found +
    (sweeps ? `Due: ${some}, ${since}\n` : `gc --unreferenced could delete ${some}, ${since}\n`);
}

const NOUN = "noncurrent versions and delete markers";

function totalsOf({ versions, bytes }: { readonly versions: number; readonly bytes: number }) {
  return `${countOf(versions, "version")}, ${formatBytes(bytes)}`;
}
