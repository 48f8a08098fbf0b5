import type { Amount, PointStats, StatsReport } from "../lib/stats.ts";
import { countOf, formatBytes, formatCount, printable } from "./format.ts";
import { type Column, renderTable } from "./table.ts";

const COLUMNS: readonly Column[] = [
  { title: "ID" },
  { title: "OBJECTS", align: "right" },
  { title: "SIZE", align: "right" },
  { title: "ONLY IT NAMES", align: "right" },
  { title: "GC FREES", align: "right" },
];

const GROWTH_COLUMNS: readonly Column[] = [
  { title: "SINCE THE ONE BEFORE" },
  ...["ADDED", "CHANGED", "REMOVED"].flatMap((title) => [
    { title, align: "right" } as const,
    { title: "SIZE", align: "right" } as const,
  ]),
];

/** What points hold, what is new in each, and the totals, in words. */
export function renderStats({ points, total }: StatsReport, storeUrl: string): string {
  if (points.length === 0) return `There are no snapshots in ${storeUrl}.\n`;
  const grown = points.filter(({ growth }) => growth !== null);
  return renderTable(COLUMNS, points.map(cellsOf)) +
    (grown.length > 0 ? `\n${renderTable(GROWTH_COLUMNS, grown.map(growthCellsOf))}` : "") +
    `\n${countOf(points.length, "snapshot")} with ${inWords(total)}\n` +
    (total.exclusive ? `${inWords(total.exclusive)} named by one snapshot only\n` : "") +
    (total.freed ? `gc would free at most ${inWords(total.freed)}\n` : "");
}

function cellsOf({ id, objects, bytes, exclusive, outlook, problem }: PointStats): string[] {
  const isDamaged = problem !== null;
  return [
    printable(id),
    objects === null ? "-" : formatCount(objects),
    bytes === null ? "-" : formatBytes(bytes),
    isDamaged ? "damaged" : exclusive ? formatBytes(exclusive.bytes) : "-",
    !outlook ? "-" : outlook.keep ? "kept" : formatBytes(outlook.freed.bytes),
  ];
}

function growthCellsOf({ id, growth }: PointStats): string[] {
  const { added, changed, removed } = growth!;
  const cells = [added, changed, removed].flatMap(({ objects, bytes }) => [
    formatCount(objects),
    formatBytes(bytes),
  ]);
  return [printable(id), ...cells];
}

function inWords({ objects, bytes }: Amount): string {
  return `${countOf(objects, "version")}, ${formatBytes(bytes)}`;
}
