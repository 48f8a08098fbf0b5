import { keyAt } from "../../tests/emulator/synthetic_keys.ts";
import { runClient } from "../client_process.ts";
import { lineOf } from "../line.ts";
import { type Row, scaled } from "../row.ts";
import { startS3 } from "../s3_process.ts";

const LATENCY = 30;
const CONCURRENCY = 64;
const KEYS = 2_000_000;
/** The SDK is read to the end of fewer, or it would take minutes; what counts is the rate. */
const SDK_KEYS = 192_000;

/** Many ranges at once over HTTP, with the same ranges for both. */
export const listing: Row = {
  name: "listing",
  title: `Listing over HTTP, ${LATENCY} ms latency, concurrency ${CONCURRENCY}`,
  async run(settings) {
    const keys = scaled(KEYS, settings), sdkKeys = scaled(SDK_KEYS, settings);
    await using s3 = await startS3(
      ...["--latency", String(LATENCY)],
      ...["--synthetic", `ours=${keys}:flat`, "--synthetic", `sdk=${sdkKeys}:flat`],
    );
    const { endpoint } = s3;
    const ofSdk = await runClient("listWithSdk", {
      ...{ endpoint, bucket: "sdk", splitKeys: splitKeys(sdkKeys) },
    });
    const options = { endpoint, bucket: "ours", concurrency: CONCURRENCY };
    const ofOurs = await runClient("listWithRanges", {
      ...{ ...options, splitKeys: splitKeys(keys) },
    });
    const unsplit = lineOf("ours, no split keys", await runClient("listWithRanges", options));
    const ours = lineOf("ours, split keys known", ofOurs);
    const sdk = lineOf("SDK, split keys known", ofSdk);
    return {
      lines: [ours, unsplit, sdk],
      figures: [
        { what: "versions a second", value: ours.perSecond, atLeast: 250_000 },
        { what: "times as fast as the SDK", value: ours.perSecond / sdk.perSecond, atLeast: 10 },
        {
          what: "SDK's CPU seconds a version, over ours",
          value: ofSdk.cpuSeconds / ofSdk.answer / (ofOurs.cpuSeconds / ofOurs.answer),
        },
      ],
      notes: [],
    };
  },
};

/** Keys that cut a flat bucket evenly. */
function splitKeys(keys: number): string[] {
  return Array.from(
    { length: CONCURRENCY - 1 },
    (_, i) => keyAt("flat", Math.floor((i + 1) * keys / CONCURRENCY), keys),
  );
}
