import { type Figure, holds, type Line, type Result } from "./result.ts";

/** A result for a terminal: its lines as a table, then its figures. */
export function formatResult({ row, title, lines, figures, notes }: Result): string {
  return [
    `${row}: ${title}`,
    ...formatTable(lines),
    ...figures.map((figure) => `  ${formatFigure(figure)}`),
    ...notes.map((note) => `  (${note})`),
  ].join("\n");
}

interface Column {
  readonly head: string;
  /** Undefined where the line says nothing about it. */
  text(line: Line): string | undefined;
}

const COLUMNS: readonly Column[] = [
  column("amount", (line) => line.amount, formatWhole),
  column("wall", (line) => line.wallSeconds, formatSeconds),
  column("CPU", (line) => line.cpuSeconds, formatSeconds),
  column("per second", (line) => line.perSecond, formatWhole),
  column("peak MiB", (line) => line.peakMiB, formatWhole),
  column("B/entry", (line) => line.bytesPerEntry, (bytes) => bytes.toFixed(1)),
];

function column(
  head: string,
  valueOf: (line: Line) => number | undefined,
  format: (value: number) => string,
): Column {
  return {
    head,
    text(line) {
      const value = valueOf(line);
      return value === undefined ? undefined : format(value);
    },
  };
}

/** Columns in which no line has anything are left out. */
function formatTable(lines: readonly Line[]): string[] {
  if (lines.length === 0) return [];
  const columns = COLUMNS.filter(({ text }) => lines.some((line) => text(line) !== undefined));
  const cells = [
    ["", ...columns.map(({ head }) => head)],
    ...lines.map((line) => [line.subject, ...columns.map(({ text }) => text(line) ?? "")]),
  ];
  const widths = cells[0]!.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  return cells.map((row) =>
    "  " + row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))
      .join("  ")
  );
}

function formatFigure(figure: Figure): string {
  const { what, value, atLeast, atMost } = figure;
  const shown = `${what}: ${formatValue(value)}`;
  const verdict = holds(figure);
  if (verdict === undefined) return shown;
  const demand = atLeast === undefined
    ? `at most ${formatValue(atMost!)}`
    : `at least ${formatValue(atLeast)}`;
  return `${shown} (${demand}: ${verdict ? "holds" : "MISSED"})`;
}

function formatValue(value: number): string {
  if (value >= 1000) return formatWhole(value);
  return value.toFixed(value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2);
}

function formatSeconds(seconds: number): string {
  return seconds >= 0.1 ? `${seconds.toFixed(2)} s` : `${(seconds * 1000).toFixed(3)} ms`;
}

function formatWhole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
