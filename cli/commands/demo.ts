import { Command } from "npm:@commander-js/extra-typings@15.1.0";
import type { Emulator } from "../../tests/emulator/emulator.ts";
import type { DemoClock } from "../demo/demo_clock.ts";
import { EXIT } from "../exit_codes.ts";
import { globalsOf, wholeNumber } from "../global_options.ts";
import { Output } from "../output.ts";
import { StopSignal } from "../signals.ts";

/** Objects that the demo writes when nobody says how many. */
const DEFAULT_OBJECTS = 400;
/** Fewer leave the disaster nothing to destroy. */
const LEAST_OBJECTS = 20;
/** More take minutes and memory, and show nothing new. */
const MOST_OBJECTS = 100_000;

/** `demo`: the whole cycle on the embedded S3. */
export function demoCommand() {
  return new Command("demo")
    .description("play the whole cycle on an S3 server inside this process, step by step")
    .option(
      "--objects <n>",
      `how many objects to write (default: ${DEFAULT_OBJECTS})`,
      wholeNumber(LEAST_OBJECTS, MOST_OBJECTS),
    )
    .action(async ({ objects = DEFAULT_OBJECTS }, command) => {
      const output = new Output(Deno.stdout);
      const { json, quiet } = globalsOf(command);
      const say = async (line: string) => {
        if (json || quiet) return;
        await output.write(`${line}\n`);
        await output.flush();
      };
      using stop = new StopSignal(() => {}, () => Deno.exit(EXIT.interrupted));
      const began = performance.now();
      await perform(objects, say, stop.signal);
      const durationMs = Math.round(performance.now() - began);
      await say(
        `\nAll of it held, in ${(durationMs / 1000).toFixed(1)} s. The server is gone again.`,
      );
      if (json) await output.writeJson({ objects, durationMs });
      await output.flush();
    });
}

/** Builds the stage, plays on it, and takes it down whatever happens. */
async function perform(
  objects: number,
  say: (line: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { startEmulator } = await import("../../tests/emulator/emulator.ts");
  const { DemoClock } = await import("../demo/demo_clock.ts");
  const clock = new DemoClock();
  await using s3 = await startEmulator({ now: clock.now });
  const directory = await Deno.makeTempDir({ prefix: "backup-my-bucket-demo-" });
  try {
    await play({ s3, clock, directory, objects, say, signal });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function play({ s3, clock, directory, objects, say, signal }: {
  readonly s3: Emulator;
  readonly clock: DemoClock;
  readonly directory: string;
  readonly objects: number;
  readonly say: (line: string) => Promise<void>;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { openStore } = await import("../../backends/open_store.ts");
  const { openBucket } = await import("../../lib/s3/bucket.ts");
  const { playDemo } = await import("../demo/demo.ts");
  const { accessKeyId, secretAccessKey, region, url } = s3;
  const open = (name: string) =>
    openBucket(`s3://${name}?region=${region}&endpoint=${url}`, {
      credentials: { accessKeyId, secretAccessKey },
    });
  await using source = open("demo-photos");
  await using replica = open("demo-photos-replica");
  await using store = await openStore(directory);
  const replicated = () => s3.replication.idle();
  await playDemo({ source, replica, store, clock, replicated, say, objects, signal });
}
