import type {
  DataReport,
  Leftover,
  LifecycleFinding,
  LostVersion,
  VerifiedPoint,
  VerifyReport,
} from "../lib/verify.ts";
import { countOf, formatBytes, formatCount, formatDuration, printable } from "./format.ts";
import { type Column, renderTable } from "./table.ts";

/** Lost versions that are told to people; scripts get more. */
const MAX_SHOWN = 20;

const COLUMNS: readonly Column[] = [
  { title: "ID" },
  { title: "STATE" },
  { title: "OBJECTS", align: "right" },
  { title: "SIZE", align: "right" },
];
const VERSION_COLUMNS: readonly Column[] = [
  ...COLUMNS,
  { title: "MISSING", align: "right" },
  { title: "CHANGED", align: "right" },
  { title: "UNREADABLE", align: "right" },
  { title: "ARCHIVED", align: "right" },
];

/**
 * What was found, in words: a line for each point, then all that is wrong, then the verdict.
 *
 * @param versions Whether the versions were to be looked for.
 */
export function renderVerify(report: VerifyReport, storeUrl: string, versions: boolean): string {
  const { points } = report;
  const table = points.length === 0
    ? `There are no snapshots in ${storeUrl}: nothing can be restored.\n`
    : renderTable(versions ? VERSION_COLUMNS : COLUMNS, points.map(cellsOf));
  return table + points.map(renderPoint).join("") + renderLost(report) +
    report.lifecycles.map(renderLifecycle).join("") + (report.data ? renderData(report.data) : "") +
    report.leftovers.map(renderLeftover).join("") + renderVerdict(report, versions);
}

function cellsOf(point: VerifiedPoint): string[] {
  const { id, kind, state, objects, bytes, missing, changed, unreadable, archived } = point;
  const isCounted = state !== "expired";
  return [
    printable(id),
    kind === "legacy" && state === "ok" ? "ok (2015)" : state,
    isCounted ? formatCount(objects) : "-",
    isCounted ? formatBytes(bytes) : "-",
    ...[missing, changed, unreadable, archived]
      .map((count) => count === null || !isCounted ? "-" : formatCount(count)),
  ];
}

function renderPoint({ id, state, problems, problemCount, notLookedFor }: VerifiedPoint): string {
  if (state === "expired") {
    return `${printable(id)}: gc has begun to remove it, so that it was not looked at\n`;
  }
  const lines = problems.map((problem) => `${printable(id)}: ${printable(problem)}\n`);
  const more = problemCount - problems.length;
  if (more > 0) lines.push(`${printable(id)}: and ${countOf(more, "more problem")}\n`);
  if (notLookedFor !== null) {
    lines.push(`${printable(id)}: its versions were not looked for: ${printable(notLookedFor)}\n`);
  }
  return lines.join("");
}

function renderLost({ lost, lostCount }: VerifyReport): string {
  if (lostCount === 0) return "";
  const lines = lost.slice(0, MAX_SHOWN).map(renderLostVersion);
  const more = lostCount - lines.length;
  if (more > 0) lines.push(`  and ${formatCount(more)} more; --json tells the first 1,000\n`);
  return `${countOf(lostCount, "version")} cannot be restored:\n${lines.join("")}`;
}

function renderLostVersion({ key, versionId, message, points, rules }: LostVersion): string {
  const suspects = rules.map(({ id, says }) =>
    `    perhaps taken by the lifecycle rule ${JSON.stringify(printable(id))}, which ` +
    `${printable(says)}\n`
  );
  return `  ${printable(key)} version ${printable(versionId)}: ${printable(message)}; needed by ` +
    `${points.join(", ")}\n${suspects.join("")}`;
}

function renderLifecycle({ bucket, state, problem }: LifecycleFinding): string {
  if (state === "none") return `No lifecycle rule of ${bucket} deletes anything.\n`;
  if (state === "read") return "";
  return `Whether a lifecycle rule took what is missing nobody can tell: ${problem}\n`;
}

function renderData(data: DataReport): string {
  const { chosen, bytesRead, percent, seed, rightByETag, rightByChecksum, wrong } = data;
  const { archived, encrypted, unknownParts, noChecksum } = data.unchecked;
  const lines = [
    [rightByETag, "right by their ETags"] as const,
    [rightByChecksum, "right by their checksums"] as const,
    [wrong, "wrong or not readable"] as const,
    [archived, "not checked: archived"] as const,
    [encrypted, "not checked: encrypted, and without a checksum"] as const,
    [unknownParts, "not checked: uploaded in parts of unknown sizes"] as const,
    [noChecksum, "not checked: without a checksum"] as const,
  ].filter(([count]) => count > 0).map(([count, what]) => `  ${formatCount(count)} ${what}\n`);
  return `${countOf(chosen, "version")} read, ${formatBytes(bytesRead)} (${percent} %, seed ` +
    `${seed}):\n${lines.join("")}`;
}

const LEFT_BY: Readonly<Record<Leftover["kind"], string>> = {
  unfinished: "of a snapshot that was not finished, or is being taken now",
  removal: "of a removal that was interrupted",
  stray: "that its manifest does not name",
};

function renderLeftover({ id, kind, files, bytes }: Leftover): string {
  return `${printable(id)}: ${countOf(files, "file")} left over, ${formatBytes(bytes)}, ` +
    `${LEFT_BY[kind]}: no harm\n`;
}

function renderVerdict({ points, durationMs }: VerifyReport, versions: boolean): string {
  if (points.length === 0) return "";
  const time = formatDuration(durationMs);
  const failed = points.filter(({ state }) => state === "damaged" || state === "incomplete");
  const whole = points.filter(({ state }) => state === "ok");
  if (failed.length > 0) {
    return `${failed.length} of ${countOf(points.length, "point")} cannot be restored in full ` +
      `(${time})\n`;
  }
  return versions
    ? `${countOf(whole.length, "point")} can be restored in full, as far as was looked (${time})\n`
    : `The files of ${
      countOf(whole.length, "point")
    } are sound; whether the bucket still has the ` +
      `versions was not looked at (--replica does) (${time})\n`;
}
