import type { KeyShape } from "../../tests/emulator/synthetic_keys.ts";
import { runClient } from "../client_process.ts";
import { lineOf } from "../line.ts";
import { type Row, scaled } from "../row.ts";
import { startS3 } from "../s3_process.ts";

const LATENCY = 30;
const READERS = 32;
const KEYS = 400_000;

/** Nothing is known of the flat key space. */
export const readersFlat: Row = makeRow("flat", "flat keys");
/** One prefix holds 99 %. */
export const readersSkewed: Row = makeRow("skewed", "99 % under one prefix");

function makeRow(shape: KeyShape, about: string): Row {
  return {
    name: `readers-${shape}`,
    title: `1 reader and ${READERS}, ${LATENCY} ms latency, no split keys, ${about}`,
    async run(settings) {
      const keys = scaled(KEYS, settings);
      await using s3 = await startS3(
        ...["--latency", String(LATENCY), "--synthetic", `bucket=${keys}:${shape}`],
      );
      const options = { endpoint: s3.endpoint, bucket: "bucket" };
      const read = (concurrency: number) =>
        runClient("listWithRanges", { ...options, concurrency });
      const many = lineOf(`${READERS} readers`, await read(READERS));
      const one = lineOf("1 reader", await read(1));
      return {
        lines: [many, one],
        figures: [
          {
            what: "times as fast by parallelism alone",
            value: many.perSecond / one.perSecond,
            atLeast: 12,
          },
        ],
        notes: [],
      };
    },
  };
}
