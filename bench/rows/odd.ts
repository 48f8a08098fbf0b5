import { runClient } from "../client_process.ts";
import type { Row } from "../row.ts";

/** One block. */
const ENTRIES = 4096;

/** Sizes only. */
export const odd: Row = {
  name: "odd",
  title: "Entries that the index was not made for, by size",
  async run() {
    const { answer } = await runClient("weighOddEntries", { entries: ENTRIES });
    const heaviest = answer.reduce((a, b) => a.block / a.lines > b.block / b.lines ? a : b);
    return {
      lines: answer.flatMap(({ kind, block, lines }) => [
        { subject: kind, amount: ENTRIES, bytesPerEntry: block / ENTRIES },
        { subject: "  JSON lines, gzip", amount: ENTRIES, bytesPerEntry: lines / ENTRIES },
      ]),
      figures: [{
        what: `largest size, over JSON lines with gzip (${heaviest.kind})`,
        value: heaviest.block / heaviest.lines,
        atMost: 1,
      }],
      notes: [],
    };
  },
};
