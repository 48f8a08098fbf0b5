import { Command } from "npm:@commander-js/extra-typings@15.1.0";
import { globalsOf, lockOwner, noLockOption } from "../global_options.ts";
import { ONE_STORE_HELP } from "../one_store_help.ts";
import { metricsOption, pingOption } from "../monitoring/monitor_flags.ts";

/** `delete`: remove the snapshots that are named. */
export function deleteCommand() {
  return new Command("delete")
    .description("remove the snapshots that are named, and what only they need")
    .argument("<snapshot...>", "ids, beginnings of one, latest, or latest~N")
    .option("--dry-run", "only tell what would be done")
    .addOption(noLockOption())
    .addOption(metricsOption())
    .addOption(pingOption())
    .addHelpText("after", ONE_STORE_HELP)
    .action(async (snapshots, { dryRun = false, lock, metrics, ping }, command) => {
      const { withRun } = await import("../with_run.ts");
      const { deleteSnapshots } = await import("../../lib/delete_snapshots.ts");
      const { runCollection } = await import("../collection.ts");
      await withRun(globalsOf(command), async (run) => {
        const { signal, progress: { onProgress } } = run;
        const bucket = run.openReplica();
        const store = await run.openStore();
        await runCollection(
          run,
          { isDryRun: dryRun },
          (dryRun) =>
            deleteSnapshots({
              snapshots,
              store,
              bucket,
              dryRun,
              lock,
              owner: lockOwner(),
              signal,
              onProgress,
            }),
        );
      }, { watched: { command: "delete", metrics, ping } });
    });
}
