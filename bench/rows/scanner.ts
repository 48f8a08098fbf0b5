import { runClient } from "../client_process.ts";
import type { Row } from "../row.ts";
import { startS3 } from "../s3_process.ts";

const ROUNDS = 60;

/** From the bytes of a page to its versions. */
export const scanner: Row = {
  name: "scanner",
  title: "One page of 1,000 versions, from bytes to versions",
  async run() {
    await using s3 = await startS3("--synthetic", "bucket=1000:nested");
    const { answer } = await runClient("compareScanners", {
      endpoint: s3.endpoint,
      bucket: "bucket",
      rounds: ROUNDS,
    });
    const { versions, pageBytes, scannerSeconds, sdkSeconds } = answer;
    const line = (subject: string, seconds: number) => ({
      subject,
      amount: versions,
      wallSeconds: seconds,
      perSecond: versions / seconds,
    });
    return {
      lines: [line("byte scanner", scannerSeconds), line("SDK's deserialiser", sdkSeconds)],
      figures: [
        { what: "times as fast as the SDK's", value: sdkSeconds / scannerSeconds, atLeast: 25 },
      ],
      notes: [`the fastest of ${ROUNDS} rounds in turn; the page has ${pageBytes} bytes`],
    };
  },
};
