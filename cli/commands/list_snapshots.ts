import { Command } from "npm:@commander-js/extra-typings@15.1.0";
import type { SnapshotRow } from "../../lib/list_snapshots.ts";
import { formatAge, formatBytes, formatCount, formatTime, printable } from "../format.ts";
import { globalsOf } from "../global_options.ts";
import { type Column, renderTable } from "../table.ts";
import { tellUnreadable } from "../unreadable_points.ts";

/** `list-snapshots`: which restoration points there are. */
export function listSnapshotsCommand() {
  return new Command("list-snapshots")
    .alias("list")
    .description("list the restoration points of a store, oldest first")
    .action(async (_options, command) => {
      const { withRun } = await import("../with_run.ts");
      const { listSnapshots } = await import("../../lib/list_snapshots.ts");
      await withRun(globalsOf(command), async (run) => {
        const store = await run.openStore();
        const rows: SnapshotRow[] = [];
        const { signal } = run;
        await run.stoppable("", async () => {
          for await (const row of listSnapshots({ store, signal })) rows.push(row);
        });
        if (run.options.json) await run.output.writeJson(rows);
        else await run.output.write(renderSnapshots(rows, store.url, Date.now()));
        tellUnreadable(run, rows);
      });
    });
}

const COLUMNS: readonly Column[] = [
  { title: "ID" },
  { title: "AS OF" },
  { title: "AGE", align: "right" },
  { title: "OBJECTS", align: "right" },
  { title: "SIZE", align: "right" },
  { title: "STATE" },
  { title: "LABEL" },
];

/** The table; ages are counted up to `now`. */
export function renderSnapshots(
  rows: readonly SnapshotRow[],
  storeUrl: string,
  now: number,
): string {
  if (rows.length === 0) return `There are no snapshots in ${storeUrl}.\n`;
  return renderTable(COLUMNS, rows.map((row) => cellsOf(row, now)));
}

function cellsOf(row: SnapshotRow, now: number): string[] {
  const { id, asOf, objects, bytes, label } = row;
  return [
    printable(id),
    asOf === null ? "-" : formatTime(asOf),
    asOf === null ? "-" : formatAge(now - Date.parse(asOf)),
    objects === null ? "-" : formatCount(objects),
    bytes === null ? "-" : formatBytes(bytes),
    stateOf(row),
    printable(label ?? ""),
  ];
}

/** With what makes gc treat it in its own way. */
function stateOf({ state, kind, pinned, safetyFor }: SnapshotRow): string {
  if (pinned) return `${state} (pinned)`;
  if (state !== "ok") return state;
  if (kind === "legacy") return "ok (2015)";
  return safetyFor === null ? "ok" : "ok (safety)";
}
