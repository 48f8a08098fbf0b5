/** A column of a {@linkcode renderTable}. */
export interface Column {
  readonly title: string;
  /** Numbers stand at the right. Default: left. */
  readonly align?: "left" | "right";
}

const GAP = "  ";

/** Lines of text in columns, each as wide as its widest cell. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const table = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, i) => Math.max(...table.map((row) => widthOf(row[i] ?? ""))));
  return table.map((row) =>
    columns.map(({ align }, i) => pad(row[i] ?? "", widths[i]!, align)).join(GAP).trimEnd() + "\n"
  ).join("");
}

function pad(text: string, width: number, align: Column["align"]): string {
  const space = " ".repeat(width - widthOf(text));
  return align === "right" ? space + text : text + space;
}

/** Characters, not UTF-16 units. */
function widthOf(text: string): number {
  return [...text].length;
}
