import type { GcReport } from "../../lib/gc.ts";
import type { RetentionPolicy } from "../../lib/model/retention_policy.ts";
import { parseAge } from "../../lib/model/time.ts";
import { UsageError } from "../errors.ts";
import { globalsOf, lockOwner, noLockOption, readBy } from "../global_options.ts";
import { ONE_STORE_HELP } from "../one_store_help.ts";
import { metricsOption, pingOption } from "../monitoring/monitor_flags.ts";
import { hasRule, retentionCommand, retentionOf } from "../retention_options.ts";
import type { Run } from "../run.ts";

/** `gc`: remove the snapshots that the retention rules no longer keep. */
export function gcCommand() {
  return retentionCommand("gc")
    .description("remove the snapshots that retention no longer keeps, and what only they need")
    .option(
      "--unreferenced <age>",
      "also delete what no snapshot of this store names and was not current for so long: 30d; " +
        "not for a bucket that has snapshots in other stores, too",
      readBy(parseAge),
    )
    .option("--no-unreferenced", "let a dry run not list the bucket to count these")
    .option("--dry-run", "only tell what would be done")
    .addOption(noLockOption())
    .addOption(metricsOption())
    .addOption(pingOption())
    .addHelpText("after", ONE_STORE_HELP)
    .action(async ({ dryRun, lock, unreferenced, metrics, ping, ...rules }, command) => {
      const { withRun } = await import("../with_run.ts");
      await withRun(
        globalsOf(command),
        (run) => runGc(run, { dryRun, lock, unreferenced }),
        { retention: retentionOf(rules), watched: { command: "gc", metrics, ping } },
      );
    });
}

/** What `gc` takes besides its rules. */
interface Flags {
  readonly dryRun?: boolean | undefined;
  readonly lock: boolean;
  /** False: not even counted. */
  readonly unreferenced?: number | false | undefined;
}

async function runGc(run: Run, { dryRun: isDryRun = false, lock, ...flags }: Flags): Promise<void> {
  const { gc } = await import("../../lib/gc.ts");
  const { runCollection } = await import("../collection.ts");
  const { signal, settings: { retention: policy }, progress: { onProgress } } = run;
  refuseEmpty(policy);
  const bucket = run.openReplica();
  const source = run.settings.source === undefined ? undefined : run.openSource().identity();
  const store = await run.openStore();
  run.log.write("info", `collecting in ${store.url} and ${bucket.url}`);
  const unreferenced = flags.unreferenced === false ? undefined : flags.unreferenced;
  await runCollection(
    run,
    {
      isDryRun,
      sweeps: unreferenced !== undefined,
      onFound: (report) => tellOtherBuckets(run, report, bucket.url),
    },
    (dryRun) =>
      gc({
        ...{ store, bucket, source, policy, unreferenced, dryRun, lock, signal, onProgress },
        // What is shown before the question need not list the bucket for what stays.
        countUnreferenced: isDryRun && flags.unreferenced !== false,
        owner: lockOwner(),
      }),
  );
}

/** One server has many addresses: a bucket by another one would never be collected, silently. */
function tellOtherBuckets(
  run: Run,
  { ownPoints, otherBuckets }: GcReport,
  url: string,
): void {
  if (otherBuckets.length === 0) return;
  const others = otherBuckets.map(({ url, points }) => `${points} of ${url}`).join(", ");
  if (ownPoints > 0) {
    run.log.write(
      "info",
      `the store also holds ${others}, which this gc passes over: if that is the same bucket by ` +
        `another address, run gc with that one, too`,
    );
    return;
  }
  run.log.write(
    "warning",
    `the store holds no snapshot of ${url}, so gc has nothing to judge: ${others}; if one of ` +
      `these is meant, name the bucket like that, since another address is another bucket`,
  );
}

function refuseEmpty(policy: RetentionPolicy): void {
  if (hasRule(policy)) return;
  throw new UsageError(
    "gc needs a retention rule, since nothing says which snapshots may go. For example: " +
      "gc --retention-days 30 --minimum-redundancy 2, or gc --keep-daily 7 --keep-monthly 12, " +
      'or "retention" in a configuration file',
  );
}
