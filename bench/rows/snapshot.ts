import { runClient } from "../client_process.ts";
import { lineOf } from "../line.ts";
import { type Row, scaled } from "../row.ts";
import { startS3 } from "../s3_process.ts";

const SMALL = 1_000_000, LARGE = 5_000_000;
/** Enough for a rate. */
const SCRIPT = 200_000;

/** From the first request to the stored manifest, the second that every snapshot waits included. */
export const snapshot: Row = {
  name: "snapshot",
  title: "Snapshot to a local directory",
  async run(settings) {
    const { directory } = settings;
    const [small, large, script] = [SMALL, LARGE, SCRIPT].map((size) => scaled(size, settings));
    await using s3 = await startS3(
      ...["--synthetic", `small=${small}:nested`, "--synthetic", `large=${large}:nested`],
      ...["--synthetic", `script=${script}:nested`],
    );
    const { endpoint } = s3;
    const take = (bucket: string) =>
      runClient("takeSnapshot", { endpoint, bucket, directory: `${directory}/${bucket}` });
    const ofSmall = await take("small");
    const ofLarge = await take("large");
    const again = lineOf("ours, split keys known", await take("large"));
    const lines = await runClient("writeLinesWithSdk", {
      ...{ endpoint, bucket: "script", file: `${directory}/script.jsonl.gz` },
    });
    const first = lineOf("ours, no snapshot before", ofLarge);
    const simple = lineOf("SDK, one page after another, JSON lines, gzip", lines);
    return {
      lines: [lineOf("ours, no snapshot before", ofSmall), first, again, simple],
      figures: [
        { what: "entries a second", value: first.perSecond, atLeast: 200_000 },
        { what: "entries a second, split keys known", value: again.perSecond },
        { what: "times as fast as with the SDK", value: first.perSecond / simple.perSecond },
        { what: "peak MiB", value: ofLarge.peakMiB, atMost: 350 },
        {
          what: "peak, over that of a fifth of the bucket",
          value: ofLarge.peakMiB / ofSmall.peakMiB,
          atMost: 1.2,
        },
      ],
      notes: [],
    };
  },
};
