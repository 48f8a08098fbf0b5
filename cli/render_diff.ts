import type { Change } from "../lib/diff/change.ts";
import type { DiffStat } from "../lib/diff/stat.ts";
import { formatBytes, formatCount, printable } from "./format.ts";

/** So wide is the widest size: `1023.9 KiB`. */
const SIZE_WIDTH = 10;
/** Wide enough for a count of `999,999,999`. */
const COUNT_WIDTH = 11;

const SIGNS = { added: "+", removed: "-", changed: "~" } as const;

/** What is said where nothing lies between. */
export const NO_DIFFERENCE = "no differences\n";

/** `~    1.0 MiB ->    1.2 MiB  key`: the sizes before and after, as far as there are such. */
export function renderChange({ change, key, before, after }: Change): string {
  const arrow = change === "changed" ? "->" : "  ";
  return `${SIGNS[change]} ${sizeOf(before)} ${arrow} ${sizeOf(after)}  ${printable(key)}\n`;
}

function sizeOf(entry: Change["before"]): string {
  return (entry ? formatBytes(entry.size) : "").padStart(SIZE_WIDTH);
}

/** The line that ends a list of changes. */
export function renderTotals(total: DiffStat): string {
  const { added, removed, changed } = total;
  if (added + removed + changed === 0) return NO_DIFFERENCE;
  const counts = `${formatCount(added)} added, ${formatCount(removed)} removed, ` +
    `${formatCount(changed)} changed`;
  return `${counts}: ${formatBytes(total.bytesBefore)} -> ${formatBytes(total.bytesAfter)}\n`;
}

/** Over what {@linkcode renderStat} gives. */
export const STAT_HEAD = statLine(["ADDED", "REMOVED", "CHANGED"], ["BEFORE", "AFTER"], "PREFIX");

/** The sums of one prefix; `.` where the keys have none. */
export function renderStat(stat: DiffStat): string {
  const { added, removed, changed, bytesBefore, bytesAfter, prefix } = stat;
  return statLine(
    [added, removed, changed].map(formatCount),
    [bytesBefore, bytesAfter].map(formatBytes),
    prefix === "" ? "." : printable(prefix),
  );
}

function statLine(counts: readonly string[], sizes: readonly string[], prefix: string): string {
  const cells = [
    ...counts.map((count) => count.padStart(COUNT_WIDTH)),
    ...sizes.map((size) => size.padStart(SIZE_WIDTH)),
  ];
  return `${cells.join("  ")}  ${prefix}\n`;
}
