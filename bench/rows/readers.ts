import type { KeyShape } from "../../tests/emulator/synthetic_keys.ts";
import { runClient } from "../client_process.ts";
import { lineOf } from "../line.ts";
import { type Row, scaled } from "../row.ts";
import { startS3 } from "../s3_process.ts";

const LATENCY = 30;
const READERS = 32;
const KEYS = 2_000_000;
/** One reader needs minutes for more; its rate is the same from the first page to the last. */
const KEYS_FOR_ONE = 200_000;

/** Nothing is known of the flat key space. */
export const readersFlat: Row = makeRow("flat", "flat keys");
/** One prefix holds 99 %. */
export const readersSkewed: Row = makeRow("skewed", "99 % under one prefix");

function makeRow(shape: KeyShape, about: string): Row {
  return {
    name: `readers-${shape}`,
    title: `1 reader and ${READERS}, ${LATENCY} ms latency, no split keys, ${about}`,
    async run(settings) {
      const keys = scaled(KEYS, settings), fewer = scaled(KEYS_FOR_ONE, settings);
      await using s3 = await startS3(
        ...["--latency", String(LATENCY)],
        ...["--synthetic", `many=${keys}:${shape}`, "--synthetic", `one=${fewer}:${shape}`],
      );
      const read = (bucket: string, concurrency: number) =>
        runClient("listWithRanges", { endpoint: s3.endpoint, bucket, concurrency });
      const many = lineOf(`${READERS} readers`, await read("many", READERS));
      const one = lineOf("1 reader", await read("one", 1));
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
