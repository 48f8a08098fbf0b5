import type { RestoreReport } from "../lib/restore/restore_report.ts";
import { renderFailures } from "./failures.ts";
import { countOf, formatBytes, formatCount, formatDuration } from "./format.ts";
import { renderTable } from "./table.ts";

/** A restore in words: what was done, or as a dry run would be done. */
export function renderRestore(report: RestoreReport): string {
  const { snapshot, target, dryRun, objects, safetySnapshot, durationMs } = report;
  const head = dryRun
    ? `Restoring ${snapshot} to ${target} would do this for ${countOf(objects, "object")}:\n`
    : `Restored ${snapshot} to ${target}: ${countOf(objects, "object")} in ` +
      `${formatDuration(durationMs)}\n`;
  const undo = safetySnapshot === null
    ? ""
    : `To undo it: backup-my-bucket restore ${safetySnapshot} --delete\n`;
  return head + renderCounts(report) + renderFailures(report.failed) + undo;
}

function renderCounts(report: RestoreReport): string {
  const { dryRun, unchanged, copied, bytesCopied, undeleted, deleted, extra } = report;
  const { archived, bytesArchived, thawing, etagsChanged } = report;
  const lines: (readonly [number, string])[] = [
    [unchanged, "right already"],
    [copied, `${dryRun ? "to copy" : "copied"}, ${formatBytes(bytesCopied)}`],
    [undeleted, dryRun ? "delete markers to remove" : "brought back by removing delete markers"],
    [deleted, `not in the snapshot: ${dryRun ? "to delete" : "deleted"}`],
    [extra, "not in the snapshot: left as they are (--delete would delete them)"],
    [archived, `archived, ${formatBytes(bytesArchived)}: have to be thawed first (--thaw)`],
    [thawing, "being thawed: restore again once they are readable"],
    [etagsChanged, "copied with another ETag than before"],
  ];
  const rows = lines.filter(([count]) => count > 0)
    .map(([count, text]) => [`  ${formatCount(count)}`, text]);
  // Without titles, the first line of the table is empty.
  return renderTable([{ title: "", align: "right" }, { title: "" }], rows).replace(/^\n/, "");
}
