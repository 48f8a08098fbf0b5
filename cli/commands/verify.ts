import { Command, InvalidArgumentError } from "npm:@commander-js/extra-typings@15.1.0";
import { ToldFailure, UsageError } from "../errors.ts";
import { EXIT } from "../exit_codes.ts";
import {
  type GlobalOptions,
  type GlobalOptionsOrFlag,
  replicaFlagOf,
  wholeNumber,
} from "../global_options.ts";
import { metricsOption, pingOption } from "../monitoring/monitor_flags.ts";
import type { Outcome } from "../monitoring/outcome.ts";
import { renderVerify } from "../render_verify.ts";
import type { Run } from "../run.ts";
import type { VerifyReport } from "../../lib/verify.ts";

/** What `verify` takes besides snapshots. */
interface Flags {
  /** Look into the replica, whether it was named or not. */
  readonly versions: boolean;
  readonly data?: number | undefined;
  readonly seed?: number | undefined;
}

const MAX_SEED = 2 ** 32 - 1;

/** `verify`: find out whether snapshots can be restored in full. */
export function verifyCommand() {
  return new Command("verify")
    .description("find out whether snapshots can be restored in full; all of them unless named")
    .argument("[snapshot...]", "ids, beginnings of one, latest, or latest~N")
    // It is read as the option of all commands; here it is told what it means alone.
    .option("--replica [bucket]", "look for every version in the replica, too")
    .option(
      "--data <percent>",
      "read that share of the objects and check their bytes; implies --replica",
      readPercent,
    )
    .option(
      "--seed <n>",
      "choose the objects that --data reads as before",
      wholeNumber(0, MAX_SEED),
    )
    .addOption(metricsOption())
    .addOption(pingOption())
    .action(async (named, { data, seed, metrics, ping }, command) => {
      const { withRun } = await import("../with_run.ts");
      const { options, snapshots, isAsked } = readReplica(replicaFlagOf(command), named);
      const flags = { versions: isAsked || data !== undefined, data, seed };
      const watched = { command: "verify", metrics, ping };
      await withRun(options, (run) => runVerify(run, snapshots, flags), { watched });
    });
}

/**
 * `--replica` asks to look into the replica, and names it where a bucket follows. What follows and
 * is no bucket's URL is a snapshot: `verify --replica latest`.
 */
function readReplica(
  { replica, ...rest }: GlobalOptionsOrFlag,
  named: readonly string[],
): {
  readonly options: GlobalOptions;
  readonly snapshots: readonly string[];
  readonly isAsked: boolean;
} {
  const isAsked = replica !== undefined;
  if (replica === undefined || replica === true) {
    return { options: rest, snapshots: named, isAsked };
  }
  if (!/^s3:/i.test(replica)) return { options: rest, snapshots: [replica, ...named], isAsked };
  return { options: { ...rest, replica }, snapshots: named, isAsked };
}

function readPercent(text: string): number {
  const percent = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (percent > 0 && percent <= 100) return percent;
  throw new InvalidArgumentError("Use a number above 0, up to 100.");
}

async function runVerify(run: Run, snapshots: readonly string[], flags: Flags): Promise<void> {
  if (flags.seed !== undefined && flags.data === undefined) {
    throw new UsageError("--seed says which objects --data reads: give that, too");
  }
  const { verify } = await import("../../lib/verify.ts");
  const { signal, progress: { onProgress } } = run;
  const store = await run.openStore();
  const buckets = flags.versions ? { replica: run.openReplica(), source: run.openSource() } : {};
  const report = await run.stoppable("Nothing is known of the rest", () =>
    verify({
      store,
      ...buckets,
      ...(snapshots.length > 0 && { snapshots }),
      data: flags.data,
      seed: flags.seed,
      signal,
      onProgress,
    }));
  await run.report(report, renderVerify(report, store.url, flags.versions), outcomeOf(report));
  if (!report.ok) throw new ToldFailure(EXIT.failed);
}

function outcomeOf({ ok, points }: VerifyReport): Outcome {
  const spoilt = points.filter(({ state }) => state === "damaged" || state === "incomplete").length;
  return {
    objects: points.reduce((sum, { objects }) => sum + objects, 0),
    bytes: points.reduce((sum, { bytes }) => sum + bytes, 0),
    // A store without points is wrong, too.
    failures: ok ? 0 : Math.max(1, spoilt),
  };
}
