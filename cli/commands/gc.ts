import { Command } from "npm:@commander-js/extra-typings@15.1.0";
import type { RetentionPolicy } from "../../lib/model/retention_policy.ts";
import { parseAge } from "../../lib/model/time.ts";
import { UsageError } from "../errors.ts";
import { globalsOf, lockOwner, noLockOption, readBy, wholeNumber } from "../global_options.ts";
import { metricsOption, pingOption } from "../monitoring/monitor_flags.ts";

/** `gc`: remove the snapshots that the retention rules no longer keep. */
export function gcCommand() {
  return new Command("gc")
    .description("remove the snapshots that retention no longer keeps, and what only they need")
    .option("--retention-days <n>", "older than so many days is obsolete", wholeNumber(1))
    .option("--minimum-redundancy <n>", "keep the newest so many, however old", wholeNumber(1))
    .option("--keep-last <n>", "keep the newest so many", wholeNumber(1))
    .option("--keep-hourly <n>", "keep one for each of the last so many hours", wholeNumber(1))
    .option("--keep-daily <n>", "keep one for each of the last so many days", wholeNumber(1))
    .option("--keep-weekly <n>", "keep one for each of the last so many weeks", wholeNumber(1))
    .option("--keep-monthly <n>", "keep one for each of the last so many months", wholeNumber(1))
    .option("--keep-yearly <n>", "keep one for each of the last so many years", wholeNumber(1))
    .option("--keep-within <age>", "keep all that are at most so old: 36h, 7d", readBy(readAge))
    .option("--dry-run", "only tell what would be done")
    .addOption(noLockOption())
    .addOption(metricsOption())
    .addOption(pingOption())
    .action(async ({ dryRun = false, lock, metrics, ping, retentionDays, ...keep }, command) => {
      const { withRun } = await import("../with_run.ts");
      const { gc } = await import("../../lib/gc.ts");
      const { runCollection } = await import("../collection.ts");
      await withRun(globalsOf(command), async (run) => {
        const { signal, settings: { retention: policy }, progress: { onProgress } } = run;
        refuseEmpty(policy);
        const bucket = run.openReplica();
        const source = run.settings.source === undefined ? undefined : run.openSource().identity();
        const store = await run.openStore();
        run.log.write("info", `collecting in ${store.url} and ${bucket.url}`);
        await runCollection(
          run,
          dryRun,
          (dryRun) =>
            gc({
              ...{ store, bucket, source, policy, dryRun, lock, signal, onProgress },
              owner: lockOwner(),
            }),
        );
      }, {
        retention: { days: retentionDays, ...keep },
        watched: { command: "gc", metrics, ping },
      });
    });
}

/** Checks an age; the configuration keeps it as text. */
function readAge(text: string): string {
  parseAge(text);
  return text;
}

/** `minimumRedundancy` alone says how many must stay, not that any may go. */
function refuseEmpty(
  { minimumRedundancy: _, timeZone: __, safetyDays: ___, ...rules }: RetentionPolicy,
) {
  if (Object.keys(rules).length > 0) return;
  throw new UsageError(
    "gc needs a retention rule, since nothing says which snapshots may go. For example: " +
      "gc --retention-days 30 --minimum-redundancy 2, or gc --keep-daily 7 --keep-monthly 12, " +
      'or "retention" in a configuration file',
  );
}
