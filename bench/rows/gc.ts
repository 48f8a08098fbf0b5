import { runClient } from "../client_process.ts";
import { lineOf } from "../line.ts";
import { type Row, scaled } from "../row.ts";
import { startS3 } from "../s3_process.ts";

const KEYS = 1_000_000;
const POINTS = 30;

/** Points as they are of a bucket of random keys: what changes is spread over all parts. */
export const gc: Row = {
  name: "gc",
  title: `Collecting 29 of ${POINTS} points that differ by a thousandth each, spread out`,
  async run(settings) {
    const keys = scaled(KEYS, settings);
    const directory = `${settings.directory}/points`;
    await using s3 = await startS3("--synthetic", `points=${keys}:hashed:2`);
    const address = { endpoint: s3.endpoint, bucket: "points" };
    const { answer: patches } = await runClient("fillPoints", {
      ...{ ...address, directory, points: POINTS },
    });
    const whole = lineOf("every point read whole", await runClient("readPoints", { directory }));
    const planned = lineOf(
      "dry run, all but the bucket",
      await runClient("planGc", { directory, entries: keys * POINTS }),
    );
    const collected = lineOf(
      "gc, the bucket's versions deleted",
      await runClient("collectPoints", { ...address, directory }),
    );
    return {
      lines: [whole, planned, collected],
      figures: [
        {
          what: "times as fast as reading every point whole",
          value: planned.perSecond / whole.perSecond,
          atLeast: 10,
        },
        { what: "peak MiB", value: collected.peakMiB!, atMost: 350 },
        { what: "peak MiB of the dry run", value: planned.peakMiB!, atMost: 350 },
      ],
      notes: [
        `${patches} parts have patches`,
        "the amount is entries in the points, and for gc the versions deleted; gc lists the whole " +
        "bucket, since what it deletes is spread over all of it",
      ],
    };
  },
};
