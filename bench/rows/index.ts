import { runClient } from "../client_process.ts";
import { type Row, scaled } from "../row.ts";
import type { FormatTimes } from "../tasks/code_entries.ts";

const ENTRIES = 1_000_000;

/** Entries to bytes and back, without a store. */
export const index: Row = {
  name: "index",
  title: "Encoding and decoding entries: random version ids, MD5 ETags, mixed keys",
  async run(settings) {
    const entries = scaled(ENTRIES, settings);
    const { answer } = await runClient("codeEntries", { entries });
    const [ours, , lines] = answer as [FormatTimes, FormatTimes, FormatTimes];
    return {
      lines: answer.flatMap(({ format, bytes, encodeSeconds, decodeSeconds }) => [
        { subject: `${format}: encode`, ...rate(encodeSeconds), bytesPerEntry: bytes / entries },
        { subject: `${format}: decode`, ...rate(decodeSeconds) },
      ]),
      figures: [
        { what: "bytes an entry", value: ours.bytes / entries, atMost: 56 },
        { what: "entries decoded a second", value: entries / ours.decodeSeconds, atLeast: 3e6 },
        { what: "size, over JSON lines with gzip", value: ours.bytes / lines.bytes },
        {
          what: "times as fast to decode as JSON lines with gzip",
          value: lines.decodeSeconds / ours.decodeSeconds,
        },
      ],
      notes: ["the fastest of three rounds"],
    };

    function rate(seconds: number) {
      return { amount: entries, wallSeconds: seconds, perSecond: entries / seconds };
    }
  },
};
