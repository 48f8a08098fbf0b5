import type { RestoreReport } from "../lib/restore/restore_report.ts";
import { renderFailures } from "./failures.ts";
import { countOf, formatBytes, formatCount, formatDuration } from "./format.ts";
import type { GlobalOptions } from "./global_options.ts";
import { quoted } from "./quoted.ts";
import { renderTable } from "./table.ts";

/**
 * A restore in words: what was done, or as a dry run would be done.
 *
 * @param undo What brings the target back, see {@linkcode undoOf}.
 */
export function renderRestore(report: RestoreReport, undo?: string): string {
  const end = undo === undefined ? "" : `To undo it: backup-my-bucket ${undo}\n`;
  return renderHead(report) + renderCounts(report) + renderPlan(report) +
    renderFailures(report.failed, report.failedCount, report.failedCount) + end;
}

/** Options that say where things are: an undo needs those that the restore was given. */
const PLACES = ["config", "set", "source", "replica", "store"] as const;

/**
 * The command that undoes a restore; undefined when nothing was changed that could be undone.
 *
 * @param given The options of the restore.
 * @param elsewhere Whether the target is not the configured source, so that it has to be named.
 * @param selection The options that selected the keys, which are those to undo.
 */
export function undoOf(
  { safetySnapshot, target }: RestoreReport,
  given: Pick<GlobalOptions, typeof PLACES[number]>,
  { elsewhere, selection }: { readonly elsewhere: boolean; readonly selection: readonly string[] },
): string | undefined {
  if (safetySnapshot === null) return;
  const words = [`restore ${safetySnapshot} --delete`, ...selection];
  for (const place of PLACES) {
    const value = given[place];
    if (value !== undefined) words.push(`--${place} ${quoted(value)}`);
  }
  // The keys of a safety snapshot are whole: without the prefix that --to may have had.
  if (elsewhere) words.push(`--to ${quoted(target)}`);
  return words.join(" ");
}

/** What was restored, as it has to be named to restore it again. */
export function nameOf({ snapshot, at }: RestoreReport): string {
  return snapshot ?? `--at ${at}`;
}

function renderHead(report: RestoreReport): string {
  const { target, dryRun, interrupted, objects, durationMs } = report;
  const name = nameOf(report);
  const count = countOf(objects, "object");
  if (dryRun) return `Restoring ${name} to ${target} would do this for ${count}:\n`;
  const time = formatDuration(durationMs);
  return interrupted
    ? `Restoring ${name} to ${target} was stopped after ${count} and ${time}:\n`
    : `Restored ${name} to ${target}: ${count} in ${time}\n`;
}

/**
 * What was done with how many objects.
 *
 * @param holder What says which objects there should be.
 */
export function renderCounts(report: RestoreReport, holder: string = "the snapshot"): string {
  const { dryRun, unchanged, copied, bytesCopied, undeleted, deleted, extra } = report;
  const { streamed, bytesStreamed } = report;
  const { undeletedInReplica, absent, archived, thawing, etagsChanged } = report;
  const lines: (readonly [number, string])[] = [
    [unchanged, `right already${bytesOf(report, "unchanged")}`],
    [copied, `${dryRun ? "to copy" : "copied"}, ${formatBytes(bytesCopied)}${fromWhere(report)}`],
    [
      streamed,
      `of these ${dryRun ? "to pass" : "passed"} through this machine, ${
        formatBytes(bytesStreamed)
      }`,
    ],
    [
      undeleted,
      `${dryRun ? "to bring" : "brought"} back by removing delete markers${
        bytesOf(report, "undeleted")
      }`,
    ],
    [
      undeletedInReplica,
      `whose delete markers ${dryRun ? "are to go" : "went"} from the replica, too`,
    ],
    [deleted, `not in ${holder}: ${dryRun ? "to delete" : "deleted"}${bytesOf(report, "deleted")}`],
    [
      extra,
      `not in ${holder}: left as they are${bytesOf(report, "extra")} (--delete would delete them)`,
    ],
    [absent, `asked for by name, but not in ${holder}`],
    [archived, `archived, ${archivesOf(report)}: have to be thawed first (--thaw)`],
    [thawing, `being thawed: restore again in about ${formatHours(report.readableWithinHours)}`],
    [etagsChanged, "copied with another ETag than before"],
  ];
  const rows = lines.filter(([count]) => count > 0)
    .map(([count, text]) => [`  ${formatCount(count)}`, text]);
  if (rows.length === 0) return report.failedCount === 0 ? "  nothing to do\n" : "";
  // Without titles, the first line of the table is empty.
  return renderTable([{ title: "", align: "right" }, { title: "" }], rows).replace(/^\n/, "");
}

/** Of a plan, the bytes of what is not copied. */
function bytesOf(
  { plan }: RestoreReport,
  what: "unchanged" | "undeleted" | "deleted" | "extra",
): string {
  return plan ? `, ${formatBytes(plan.bytes[what])}` : "";
}

/** Of a plan, how much of the copies comes from where. */
function fromWhere({ plan }: RestoreReport): string {
  if (!plan || plan.copiedFromTarget === 0) return "";
  const { copiedFromTarget, copiedFromReplica, bytes } = plan;
  const own = `${formatCount(copiedFromTarget)}, ${formatBytes(bytes.copiedFromTarget)}`;
  const rest = `${formatCount(copiedFromReplica)}, ${formatBytes(bytes.copiedFromReplica)}`;
  return copiedFromReplica === 0
    ? ", from the target's own history"
    : `: ${own} from the target's own history, ${rest} from the replica`;
}

function archivesOf({ archivedByTier }: RestoreReport): string {
  if (archivedByTier.length === 1) {
    return archivedByTier.map(({ tier, bytes }) => `${formatBytes(bytes)} in ${tier}`).join();
  }
  return archivedByTier
    .map(({ tier, objects, bytes }) => `${formatCount(objects)}, ${formatBytes(bytes)} in ${tier}`)
    .join("; ");
}

function formatHours(hours: number | null): string {
  if (hours === null) return "some hours";
  return hours < 1 ? `${Math.round(hours * 60)} minutes` : countOf(hours, "hour");
}

/** What the changes of a plan take. */
function renderPlan({ plan }: RestoreReport): string {
  if (!plan) return "";
  const { requests, estimatedMs, basis } = plan;
  if (Object.keys(requests).every((operation) => operation === "ListObjectVersions")) return "";
  const counts = Object.entries(requests)
    .map(([operation, count]) => `${formatCount(count)} ${operation}`);
  return `Requests, about: ${counts.join(", ")}\n` +
    `Time, about: ${formatDuration(estimatedMs)} ${basis}\n`;
}
