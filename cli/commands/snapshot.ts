import { Command } from "npm:@commander-js/extra-typings@15.1.0";
import { momentOf, parseTime } from "../../lib/model/time.ts";
import type { SnapshotReport } from "../../lib/snapshot.ts";
import { ToldFailure, UsageError } from "../errors.ts";
import { EXIT } from "../exit_codes.ts";
import { countOf, formatBytes, formatDuration, formatTime } from "../format.ts";
import { globalsOf, lockOwner, noLockOption, readBy } from "../global_options.ts";
import { metricsOption, pingOption } from "../monitoring/monitor_flags.ts";
import { leftOf } from "../restore_outcome.ts";
import type { Run } from "../run.ts";

/** `snapshot`: store which version of each object is current. */
export function snapshotCommand() {
  return new Command("snapshot")
    .description("store a restoration point of the bucket as it is, or as it was")
    .option(
      "--at <time>",
      "the moment to show: 2026-11-23T01:15Z, or an age: 36h",
      readBy(parseTime),
    )
    .option("--allow-empty", "with --at, store a snapshot though it holds nothing")
    .option("--label <text>", "text for humans")
    .option("--pin", "keep it whatever the retention rules say, until it is unpinned")
    .option("--sync", "make the replica equal to the source first, as the command sync does")
    .addOption(noLockOption())
    .addOption(metricsOption())
    .addOption(pingOption())
    .action(async (flags, command) => {
      const { at, allowEmpty = false, label, pin = false, sync = false, lock, metrics, ping } =
        flags;
      if (sync && at) {
        throw new UsageError("--sync copies what the source holds now: it does not go with --at");
      }
      if (allowEmpty && !at) {
        throw new UsageError("--allow-empty is about --at: a snapshot of now may always be empty");
      }
      const { withRun } = await import("../with_run.ts");
      const { snapshot } = await import("../../lib/snapshot.ts");
      const { serverNow } = await import("../../lib/s3/server_time.ts");
      await withRun(globalsOf(command), async (run) => {
        const { signal, settings: { compress }, progress: { onProgress } } = run;
        const bucket = run.openReplica();
        const store = await run.openStore({ create: true });
        const synced = sync ? await syncFirst(run) : undefined;
        run.log.write("info", `taking a snapshot of ${bucket.url} into ${store.url}`);
        const report = await run.stoppable("No snapshot was stored", async () =>
          await snapshot({
            bucket,
            store,
            compress,
            pin,
            lock,
            allowEmpty,
            owner: lockOwner(),
            signal,
            onProgress,
            onUnreadable: ({ message }) =>
              run.log.write("warning", `the snapshot before this one may be damaged: ${message}`),
            ...(at && { at: momentOf(at, "age" in at ? await serverNow(bucket, { signal }) : 0) }),
            ...(label !== undefined && { label }),
          }));
        const { objects, bytes } = report;
        const failures = synced ? leftOf(synced.report) : 0;
        await run.report(
          { ...report, ...(synced && { sync: synced.report }) },
          (synced?.words ?? "") + renderSnapshot(report),
          { objects, bytes, failures },
        );
        if (failures > 0) throw new ToldFailure(EXIT.partly);
      }, { watched: { command: "snapshot", metrics, ping } });
    });
}

/** Whatever does not get into the replica is in no snapshot of it: the report tells. */
async function syncFirst(run: Run) {
  const { renderSync, syncReplica } = await import("../sync_replica.ts");
  run.log.write("info", "making the replica equal to the source");
  const report = await syncReplica(run, {});
  run.signal.throwIfAborted();
  return { report, words: renderSync(report, report.failed.length) };
}

function renderSnapshot({ id, bucket, asOf, objects, bytes, durationMs }: SnapshotReport): string {
  return `${id}: ${countOf(objects, "object")}, ${formatBytes(bytes)} of ${bucket} as of ` +
    `${formatTime(asOf)}, stored in ${formatDuration(durationMs)}\n`;
}
