import { runClient } from "../client_process.ts";
import { type Row, scaled } from "../row.ts";
import type { MergeOptions } from "../tasks/merge_snapshots.ts";

const ENTRIES = 1_000_000;
const SNAPSHOTS = 30;
const DEMANDED = 10;

/** As buckets change: a day's keys stand together. */
export const merge: Row = makeRow("merge", "in one place", DEMANDED);
/** As in a bucket of random keys: hardly a part is left in which nothing changes. */
export const mergeSpread: Row = makeRow("merge-spread", "spread out", DEMANDED);
/** The same, where the last snapshot differs from the first by thirty times as much. */
export const mergeAddingUp: Row = makeRow("merge-adding-up", "spread out, adding up", DEMANDED);

function makeRow(name: string, change: MergeOptions["change"], atLeast: number): Row {
  return {
    name,
    title: `${SNAPSHOTS} snapshots that differ by a thousandth each, ${change}`,
    async run(settings) {
      const entries = scaled(ENTRIES, settings);
      const options: MergeOptions = { entries, snapshots: SNAPSHOTS, change };
      const { answer } = await runClient("mergeSnapshots", { ...options });
      const { parts, patches, distinctFiles, mergeSeconds, decodeSeconds } = answer;
      const amount = entries * SNAPSHOTS;
      const line = (subject: string, wallSeconds: number) => ({
        ...{ subject, amount, wallSeconds, perSecond: amount / wallSeconds },
      });
      return {
        lines: [
          line("merged by key, equal files once", mergeSeconds),
          line("decoded, one after another", decodeSeconds),
        ],
        figures: [{
          what: "times as fast as decoding them all",
          value: decodeSeconds / mergeSeconds,
          atLeast,
        }],
        notes: [`${parts} parts and ${patches} patches: ${distinctFiles} distinct files`],
      };
    },
  };
}
