import { runClient } from "../client_process.ts";
import { lineOf } from "../line.ts";
import type { Line } from "../result.ts";
import { type Row, scaled } from "../row.ts";
import { startS3 } from "../s3_process.ts";

const DELETED = 100_000;
/** Copying more takes minutes; the rate is the same from the first object to the last. */
const COPIED = 10_000;
const UNCHANGED = 1_000_000;

/** After a mass deletion, in a bucket that is its own replica. */
export const undelete: Row = {
  name: "undelete",
  title: "Restore after a mass deletion: delete markers removed, or all objects copied",
  async run(settings) {
    const many = scaled(DELETED, settings), fewer = scaled(COPIED, settings);
    await using s3 = await startS3(
      ...["--synthetic", `many=${many}:nested`, "--synthetic", `fewer=${fewer}:nested`],
    );
    const back = async (subject: string, bucket: string, undelete: boolean) => {
      const address = { endpoint: s3.endpoint, bucket };
      const directory = `${settings.directory}/${bucket}`;
      await runClient("takeSnapshot", { ...address, directory });
      await runClient("deleteAll", address);
      return lineOf(subject, await runClient("restoreBucket", { ...address, directory, undelete }));
    };
    const markers = await back("delete markers removed", "many", true);
    const copies = await back("copied", "fewer", false);
    return {
      lines: [markers, copies],
      figures: [
        {
          what: "times as fast as copying",
          value: markers.perSecond / copies.perSecond,
          atLeast: 20,
        },
        {
          what: "client CPU an object, over that of copying",
          value: cpuOf(markers) / cpuOf(copies),
        },
      ],
      notes: ["from the first request to the report, the safety snapshot and its second included"],
    };
  },
};

function cpuOf({ cpuSeconds = 0, amount = 1 }: Line): number {
  return cpuSeconds / amount;
}

/** A restore that finds everything right. */
export const noChange: Row = {
  name: "no-change",
  title: "Restore of a bucket in which nothing has changed: the plan alone",
  async run(settings) {
    const keys = scaled(UNCHANGED, settings);
    await using s3 = await startS3("--synthetic", `same=${keys}:nested`);
    const options = {
      endpoint: s3.endpoint,
      bucket: "same",
      directory: settings.directory,
    };
    await runClient("takeSnapshot", options);
    const report = await runClient("restoreBucket", { ...options, undelete: true });
    const line = lineOf("snapshot and listing compared", report);
    return {
      lines: [line],
      figures: [
        { what: "entries a second", value: line.perSecond, atLeast: 200_000 },
        { what: "peak MiB", value: report.peakMiB, atMost: 350 },
      ],
      notes: [],
    };
  },
};
